//! Computes when a source is due. It reads no clock, stores nothing and never sleeps.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use croner::errors::CronError;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::model::{Digest, Timestamp};

/// How often a source is visited.
#[derive(Debug, Clone)]
enum Rule {
    /// At a fixed interval after the previous visit.
    Every(Duration),
    /// At the times that a cron expression lists.
    Cron(Box<Cron>),
}

/// The times at which one source is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    rule: Rule,
    zone: TimeZone,
    jitter: Duration,
    /// The source's name: sources with the same rule get different offsets within their jitter.
    name: String,
}

/// Why a schedule is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The cron expression cannot be parsed.
    #[error(
        "invalid cron expression `{pattern}` ({reason}); write five fields, minute hour day month weekday, such as `0 */6 * * *`"
    )]
    Pattern {
        /// The expression.
        pattern: String,
        /// What the parser reports.
        reason: String,
    },
    /// No date matches the cron expression.
    #[error("the cron expression `{pattern}` is never due: no date matches it; check its day and month")]
    Never {
        /// The expression.
        pattern: String,
    },
    /// The time zone is not in the IANA database.
    #[error("unknown time zone `{name}`; use an IANA name such as Asia/Shanghai or UTC")]
    Zone {
        /// The name.
        name: String,
    },
    /// The interval is shorter than a minute.
    #[error("the interval is too short; the minimum interval is one minute")]
    TooOften,
}

/// The minimum interval between two visits.
const MIN_INTERVAL: Duration = Duration::from_secs(60);

impl Schedule {
    /// Returns a schedule that is due `pause` after each visit. `name` is the source's name.
    ///
    /// # Errors
    /// [`ScheduleError::TooOften`] for less than a minute.
    pub fn every(pause: Duration, jitter: Duration, name: &str) -> Result<Self, ScheduleError> {
        if pause < MIN_INTERVAL {
            return Err(ScheduleError::TooOften);
        }
        Ok(Self { rule: Rule::Every(pause), zone: TimeZone::UTC, jitter, name: name.to_owned() })
    }

    /// Returns a schedule that follows a cron expression in a time zone, an IANA name that the compiled-in database
    /// knows. `name` is the source's name.
    ///
    /// # Errors
    /// The expression is invalid or matches no date; the time zone is unknown.
    pub fn cron(pattern: &str, zone: &str, jitter: Duration, name: &str) -> Result<Self, ScheduleError> {
        let wrong = |error: CronError| ScheduleError::Pattern { pattern: pattern.to_owned(), reason: reason(&error) };
        let cron = Cron::from_str(pattern).map_err(wrong)?;
        let zone = match zone {
            "UTC" => TimeZone::UTC,
            _ => TimeZoneDatabase::bundled().get(zone).map_err(|_| ScheduleError::Zone { name: zone.to_owned() })?,
        };
        let schedule = Self { rule: Rule::Cron(Box::new(cron)), zone, jitter, name: name.to_owned() };
        let some_day = Timestamp::from_second(1_700_000_000);
        match some_day.and_then(|day| schedule.slot(day)) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::Never { pattern: pattern.to_owned() }),
        }
    }

    /// Returns the time zone of a cron expression; `None` for an interval.
    pub fn zone(&self) -> Option<&TimeZone> {
        match self.rule {
            Rule::Cron(_) => Some(&self.zone),
            Rule::Every(_) => None,
        }
    }

    /// Returns when the source is due, given its last visit. It is due now if that time is not after `now`. A source
    /// that was never visited is due at once. Missed times are not made up for: one visit is enough. If `last` is after
    /// `now`, the clock was set back, and the next time is counted from `now`.
    pub fn due(&self, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let Some(last) = last else { return now };
        // An expression that matches no date was refused by `Schedule::cron`.
        self.slot(last.min(now)).unwrap_or(now)
    }

    /// Returns the first due time after an instant, with its jitter added.
    fn slot(&self, after: Timestamp) -> Option<Timestamp> {
        let turn = match &self.rule {
            Rule::Every(pause) => after.as_second().checked_add(i64::try_from(pause.as_secs()).ok()?)?,
            Rule::Cron(cron) => {
                let from = after.instant().to_zoned(self.zone.clone());
                cron.find_next_occurrence(&from, false).ok()?.timestamp().as_second()
            }
        };
        Timestamp::from_second(turn.checked_add(self.shift(turn))?)
    }

    /// Returns the jitter of a due time in seconds: the same for the same source and time on every machine.
    fn shift(&self, turn: i64) -> i64 {
        let seconds = self.jitter.as_secs();
        if seconds == 0 {
            return 0;
        }
        let digest = Digest::of(format!("{}\n{turn}", self.name).as_bytes());
        let drawn = digest.as_bytes().iter().take(7).fold(0_u64, |drawn, byte| drawn << 8 | u64::from(*byte));
        i64::try_from(drawn % seconds).unwrap_or(0)
    }
}

/// Returns what is wrong with an expression, as the middle of a sentence.
fn reason(error: &CronError) -> String {
    let text = match error {
        CronError::EmptyPattern => "it is empty",
        CronError::InvalidPattern(text) | CronError::IllegalCharacters(text) | CronError::ComponentError(text) => text,
        _ => "it matches no time",
    };
    let text = text.trim_end_matches('.').replace("CronPattern", "it");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3600)
    }

    #[test]
    fn a_source_that_was_never_visited_is_due_at_once() {
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(Schedule::every(hours(6), Duration::ZERO, "a").unwrap().due(None, now), now);
    }

    #[test]
    fn an_interval_counts_from_the_last_visit() {
        let schedule = Schedule::every(hours(6), Duration::ZERO, "a").unwrap();
        let last = at("2026-11-24T12:00:00Z");
        assert_eq!(schedule.due(Some(last), at("2026-11-24T13:00:00Z")), at("2026-11-24T18:00:00Z"));
        assert_eq!(Schedule::every(Duration::ZERO, Duration::ZERO, "a").unwrap_err(), ScheduleError::TooOften);
    }

    #[test]
    fn a_cron_expression_is_read_in_its_time_zone() {
        let schedule = Schedule::cron("30 8 * * *", "Asia/Shanghai", Duration::ZERO, "a").unwrap();
        let last = at("2026-11-24T00:30:00Z");
        assert_eq!(schedule.due(Some(last), last), at("2026-11-25T00:30:00Z"));
    }

    #[test]
    fn a_skipped_hour_of_daylight_saving_skips_no_visit() {
        let schedule = Schedule::cron("30 2 * * *", "Europe/Berlin", Duration::ZERO, "a").unwrap();
        let due = schedule.due(Some(at("2026-03-28T12:00:00Z")), at("2026-03-28T12:00:00Z"));
        assert!(due >= at("2026-03-29T00:30:00Z") && due <= at("2026-03-29T01:30:00Z"), "{due}");
    }

    #[test]
    fn missed_visits_are_made_up_for_by_one_visit() {
        let schedule = Schedule::cron("0 * * * *", "UTC", Duration::ZERO, "a").unwrap();
        let woken = at("2026-11-24T12:34:00Z");
        assert!(schedule.due(Some(at("2026-11-17T12:00:00Z")), woken) <= woken);
        assert_eq!(schedule.due(Some(woken), woken), at("2026-11-24T13:00:00Z"));
    }

    #[test]
    fn a_clock_that_was_set_back_delays_nothing() {
        let schedule = Schedule::every(hours(1), Duration::ZERO, "a").unwrap();
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(schedule.due(Some(at("2036-01-01T00:00:00Z")), now), at("2026-11-24T13:00:00Z"));
    }

    #[test]
    fn jitter_differs_by_source_and_stays_within_its_bounds() {
        let minutes = Duration::from_secs(600);
        let last = at("2026-11-24T12:00:00Z");
        let due = |name: &str| Schedule::cron("0 * * * *", "UTC", minutes, name).unwrap().due(Some(last), last);
        let dues: std::collections::BTreeSet<Timestamp> = (0..20).map(|n| due(&format!("source {n}"))).collect();
        assert!(dues.len() > 10 && due("a") == due("a"));
        assert!(
            *dues.first().unwrap() >= at("2026-11-24T13:00:00Z") && *dues.last().unwrap() < at("2026-11-24T13:10:00Z")
        );
    }

    #[test]
    fn an_invalid_schedule_is_refused_with_its_reason() {
        let cron = |pattern: &str, zone: &str| Schedule::cron(pattern, zone, Duration::ZERO, "a").unwrap_err();
        assert!(matches!(cron("every day", "UTC"), ScheduleError::Pattern { .. }));
        let message = cron("61 * * * *", "UTC").to_string();
        assert!(message.starts_with("invalid cron expression `61 * * * *` (number out of bounds); "), "{message}");
        assert!(matches!(cron("0 0 31 2 *", "UTC"), ScheduleError::Never { .. } | ScheduleError::Pattern { .. }));
        assert!(matches!(cron("0 0 * * *", "Asia/Shanghia"), ScheduleError::Zone { .. }));
    }
}
