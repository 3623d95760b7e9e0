//! When a source is due: pure policy. No clock, no storage; nobody sleeps here.

use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::model::{Digest, Timestamp};

/// How often a source is visited.
#[derive(Debug, Clone)]
enum Rule {
    /// That long after the visit before.
    Every(Duration),
    /// As a cron pattern says.
    Cron(Box<Cron>),
}

/// When a source is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    rule: Rule,
    zone: TimeZone,
    jitter: Duration,
    /// Spreads sources with one rule over their jitter.
    name: String,
}

/// A schedule that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A pattern that cron does not know.
    #[error(
        "`{pattern}` is no cron pattern ({reason}); it has five fields, minute hour day month weekday, such as `0 */6 * * *`"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern that no day fits.
    #[error("`{pattern}` is never due; no day fits it")]
    Never {
        /// The pattern.
        pattern: String,
    },
    /// A time zone that nobody knows.
    #[error("there is no time zone `{name}`; name one such as Asia/Shanghai or UTC")]
    Zone {
        /// The name.
        name: String,
    },
    /// A pause of nothing.
    #[error("a source cannot be visited every 0 s; the least is a minute")]
    TooOften,
}

/// The least time between two visits that a schedule can ask for.
const LEAST: Duration = Duration::from_secs(60);

impl Schedule {
    /// Due so long after each visit. `name` tells apart sources that share a rule.
    ///
    /// # Errors
    /// Less than a minute.
    pub fn every(pause: Duration, jitter: Duration, name: &str) -> Result<Self, ScheduleError> {
        if pause < LEAST {
            return Err(ScheduleError::TooOften);
        }
        Ok(Self { rule: Rule::Every(pause), zone: TimeZone::UTC, jitter, name: name.to_owned() })
    }

    /// Due as a cron pattern says in a time zone (IANA name, as the tables compiled in have it).
    ///
    /// # Errors
    /// A pattern that is none or that no day fits, a zone that is not known.
    pub fn cron(pattern: &str, zone: &str, jitter: Duration, name: &str) -> Result<Self, ScheduleError> {
        let wrong = |error: croner::errors::CronError| ScheduleError::Pattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        };
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

    /// When a source is due that was visited last at `last`: at `now` or before means that it is. A source that was never
    /// visited is due at once. However many turns were missed, one visit catches up. After a clock was set back the next
    /// turn is counted from now.
    pub fn due(&self, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let Some(last) = last else { return now };
        // A pattern always has a next day: it was looked for when the schedule was made.
        self.slot(last.min(now)).unwrap_or(now)
    }

    /// The first turn after an instant, with its part of the jitter.
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

    /// Where in its jitter a turn lies: the same for the same source and turn, on every machine.
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
    fn what_was_never_visited_is_due_at_once() {
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(Schedule::every(hours(6), Duration::ZERO, "a").unwrap().due(None, now), now);
    }

    #[test]
    fn every_counts_from_the_visit_before() {
        let schedule = Schedule::every(hours(6), Duration::ZERO, "a").unwrap();
        let last = at("2026-11-24T12:00:00Z");
        assert_eq!(schedule.due(Some(last), at("2026-11-24T13:00:00Z")), at("2026-11-24T18:00:00Z"));
        assert_eq!(Schedule::every(Duration::ZERO, Duration::ZERO, "a").unwrap_err(), ScheduleError::TooOften);
    }

    #[test]
    fn a_pattern_is_read_in_its_zone() {
        let schedule = Schedule::cron("30 8 * * *", "Asia/Shanghai", Duration::ZERO, "a").unwrap();
        let last = at("2026-11-24T00:30:00Z");
        assert_eq!(schedule.due(Some(last), last), at("2026-11-25T00:30:00Z"));
    }

    #[test]
    fn a_night_that_skips_an_hour_skips_no_turn() {
        let schedule = Schedule::cron("30 2 * * *", "Europe/Berlin", Duration::ZERO, "a").unwrap();
        let due = schedule.due(Some(at("2026-03-28T12:00:00Z")), at("2026-03-28T12:00:00Z"));
        assert!(due >= at("2026-03-29T00:30:00Z") && due <= at("2026-03-29T01:30:00Z"), "{due}");
    }

    #[test]
    fn a_week_of_sleep_is_caught_up_once() {
        let schedule = Schedule::cron("0 * * * *", "UTC", Duration::ZERO, "a").unwrap();
        let woken = at("2026-11-24T12:34:00Z");
        assert!(schedule.due(Some(at("2026-11-17T12:00:00Z")), woken) <= woken);
        assert_eq!(schedule.due(Some(woken), woken), at("2026-11-24T13:00:00Z"));
    }

    #[test]
    fn a_clock_that_was_set_back_holds_nothing_up() {
        let schedule = Schedule::every(hours(1), Duration::ZERO, "a").unwrap();
        let now = at("2026-11-24T12:00:00Z");
        assert_eq!(schedule.due(Some(at("2036-01-01T00:00:00Z")), now), at("2026-11-24T13:00:00Z"));
    }

    #[test]
    fn jitter_is_the_sources_own_and_within_its_bounds() {
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
    fn what_is_no_schedule_says_why() {
        let cron = |pattern: &str, zone: &str| Schedule::cron(pattern, zone, Duration::ZERO, "a").unwrap_err();
        assert!(matches!(cron("every day", "UTC"), ScheduleError::Pattern { .. }));
        assert!(matches!(cron("0 0 31 2 *", "UTC"), ScheduleError::Never { .. } | ScheduleError::Pattern { .. }));
        assert!(matches!(cron("0 0 * * *", "Asia/Shanghia"), ScheduleError::Zone { .. }));
    }
}
