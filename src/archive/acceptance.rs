//! Whether a text becomes the newest of its article. A worse text never displaces a better one.

use crate::model::{Warning, WarningKind};

use super::known::Recorded;
use super::provenance::{PageOrigin, TextOption};
use super::record::Snapshot;
use super::visit::Visit;
use super::words::{Overlap, overlap};

/// A page that has this share of the newest text is the article, whatever else is on it.
const WHOLE: f64 = 0.8;

/// A page whose HTML ends in the middle lacks a part of the article if it has a smaller share of the newest text.
const UNCUT: f64 = 0.98;

/// The text of a feed says less if it has a smaller number of words than this share of the newest text's.
const AS_LONG: f64 = 0.95;

/// Returns why the text of a visit is set aside, given the newest text of its article; `None` if it is accepted. `before`
/// returns the body of the newest text, and is called only if it matters.
///
/// The text is set aside if it has lost words of the newest text, and either carries a warning that something else stands in
/// the place of the article, which the newest text does not carry, or comes from a feed. A text that lost words for no such
/// reason is accepted.
pub(super) fn objection<E>(
    visit: &Visit,
    newest: &Snapshot,
    before: impl FnOnce() -> Result<String, E>,
) -> Result<Option<Warning>, E> {
    let is_new = |warning: &&Warning| !has(newest, warning.kind);
    let walls: Vec<&Warning> = visit.warnings.iter().filter(|warning| warning.kind.is_wall()).filter(is_new).collect();
    let is_feed = visit.origin == PageOrigin::Import && visit.options.contains(&TextOption::Fragment);
    if walls.is_empty() && !is_feed {
        return Ok(None);
    }
    let found = overlap(&before()?, &visit.document.body);
    let wall = walls.into_iter().find(|warning| is_lost(warning.kind, found)).cloned();
    Ok(wall.or_else(|| (is_feed && says_less(found)).then(excerpt)))
}

fn has(newest: &Snapshot, kind: WarningKind) -> bool {
    newest.warnings.iter().filter_map(Recorded::known).any(|warning| warning.kind == kind)
}

fn is_lost(kind: WarningKind, found: Overlap) -> bool {
    let least = if kind == WarningKind::Truncated { UNCUT } else { WHOLE };
    found.share_of_old() < least
}

fn says_less(found: Overlap) -> bool {
    (found.new as f64) < found.old as f64 * AS_LONG
}

fn excerpt() -> Warning {
    Warning::new(WarningKind::Excerpt, "the feed has less text than the archived article")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str =
        "The lock at Eastlow was drained on Monday. Its gates are of oak and older than anyone in the village.";

    #[test]
    fn an_article_beside_the_words_of_a_wall_is_not_lost_and_a_wall_is() {
        let bar = format!("{OLD} Accept all cookies or manage your choices.");
        assert!(!is_lost(WarningKind::ConsentWall, overlap(OLD, &bar)));
        assert!(is_lost(WarningKind::ConsentWall, overlap(OLD, "Accept all cookies or manage your choices.")));
        assert!(is_lost(WarningKind::Paywall, overlap(OLD, "The lock at Eastlow was drained on Monday. Subscribe.")));
    }

    #[test]
    fn a_page_that_ends_early_is_lost_though_little_is_missing() {
        let cut = OLD.trim_end_matches(" the village.");
        assert!(is_lost(WarningKind::Truncated, overlap(OLD, cut)) && !is_lost(WarningKind::Login, overlap(OLD, cut)));
    }

    #[test]
    fn the_text_of_a_feed_says_less_if_it_is_shorter() {
        assert!(says_less(overlap(OLD, "The lock at Eastlow was drained on Monday.")));
        assert!(!says_less(overlap(OLD, &OLD.replace("Monday", "Tuesday"))));
    }
}
