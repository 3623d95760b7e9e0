//! What cannot be tried on a machine: reported in one line there, and a failure where everything must be tried.

use std::env;

/// Tells that a test, or its rest, is left out because the machine lacks something. The caller returns.
///
/// With `BINDERY_CI=1` nothing may be lacking but what `BINDERY_CI_LACKS` names, words apart; `.ci/run` sets both.
///
/// # Panics
///
/// When it may not be lacking.
pub fn skip(lacking: &str, why: &str) {
    let allowed = env::var("BINDERY_CI_LACKS").unwrap_or_default();
    let must = env::var("BINDERY_CI").is_ok_and(|value| value == "1");
    assert!(!must || allowed.split_whitespace().any(|word| word == lacking), "BINDERY_CI=1 lacks {lacking}: {why}");
    println!("skipped, for want of {lacking}: {why}");
}
