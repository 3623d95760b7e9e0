//! The result of one page: its event, and its lines for people.

use serde_json::{Value, json};
use url::Url;

use bindery::capture::Captured;
use bindery::model::{MOST_OF_MESSAGE, Outcome, brief};

use crate::cli::context::counted;
use crate::cli::error::CliError;
use crate::cli::output::Output;

use super::{Strict, show_warnings};

/// Returns the `article` event of a page.
pub fn event(captured: &Captured) -> Value {
    let error = match &captured.outcome {
        Outcome::Failed(failure) => json!(failure),
        _ => Value::Null,
    };
    let missing: Vec<_> =
        captured.missing.iter().map(|(url, reason)| json!({ "url": url, "reason": reason })).collect();
    json!({
        "event": "article",
        "url": captured.url,
        "outcome": captured.outcome.word(),
        "reason": match &captured.outcome { Outcome::Skipped(why) => Some(why.as_str()), _ => None },
        "updated": match &captured.outcome { Outcome::Updated(what) => Some(what), _ => None },
        "path": captured.path,
        "title": captured.title,
        "images": { "saved": captured.saved, "missing": captured.missing.len() },
        "missing": missing,
        "confidence": captured.confidence,
        "set_aside": captured.set_aside.as_ref().map(ToString::to_string),
        "warnings": captured.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "losses": captured.losses,
        "round_trip": captured.round_trip,
        "notes": captured.notes,
        "error": error,
    })
}

/// Shows the result of a page, except its notes.
pub fn show(output: &Output, captured: &Captured, event: &Value, strict: Strict) -> Result<(), CliError> {
    let name = captured.name();
    show_warnings(output, name, &captured.warnings, strict);
    if let (Some(why), Some(path)) = (&captured.set_aside, &captured.path) {
        let line = format!("{name}: set aside ({}); {path} stays as it was", why.kind.as_str());
        output.note(&line);
    }
    captured.losses.iter().for_each(|loss| output.detail(&format!("{name}: lost: {loss}")));
    captured.round_trip.iter().for_each(|found| output.detail(&format!("{name}: round-trip check: {found}")));
    captured
        .missing
        .iter()
        .for_each(|(_, reason)| output.detail(&brief(&format!("{name}: missing image: {reason}"), MOST_OF_MESSAGE)));
    match &captured.outcome {
        Outcome::Failed(failure) => output.failure(event, &brief(&failure.message, MOST_OF_MESSAGE))?,
        Outcome::Skipped(why) => {
            let sentence = brief(&format!("skipped {why}"), MOST_OF_MESSAGE);
            // A reason that concerns the whole host, such as its robots.txt, is printed once.
            let host = captured.url.as_deref().and_then(|url| Url::parse(url).ok()).map(|url| url.origin());
            let reason = why.strip_prefix(name).unwrap_or(why);
            if output.is_first(&format!("skipped {host:?}{reason}")) {
                output.aside(event, &sentence)?;
            } else {
                output.repeated(event, &sentence)?;
            }
        }
        outcome => output.done(event, &line(outcome, captured))?,
    }
    Ok(())
}

fn line(outcome: &Outcome, captured: &Captured) -> String {
    let path = captured.path.as_deref().unwrap_or_default();
    let images = match (captured.saved, captured.missing.len()) {
        (0, 0) => String::new(),
        (saved, 0) => format!("  ({})", counted(saved as u64, "image")),
        (saved, missing) => format!("  ({}, {missing} missing)", counted(saved as u64, "image")),
    };
    format!("{:9} {path}{images}", outcome.word())
}
