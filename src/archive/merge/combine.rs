//! One record from two of the same article.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Timestamp, UrlKey};

use super::super::feed_items::note_items;
use super::super::known::Recorded;
use super::super::record::MAX_ALIASES;
use super::super::record::{Absence, CapturePointer, Payload, Reason, Record, Snapshot, Unchanged, key_of};

/// Returns whether two snapshots are of one visit.
pub fn is_same(one: &Snapshot, other: &Snapshot) -> bool {
    one.sha256 == other.sha256 && one.captured == other.captured
}

/// Returns the snapshots of `theirs` that `ours` lacks.
pub fn missing<'a>(ours: Option<&'a Record>, theirs: &'a Record) -> impl Iterator<Item = &'a Snapshot> {
    let known = ours.map(|record| record.snapshots.as_slice()).unwrap_or_default();
    theirs.snapshots.iter().filter(move |snapshot| !known.iter().any(|known| is_same(known, snapshot)))
}

/// Returns the record with everything that both have. The texts are in the order of their capture, and the newest one
/// decides what the record says of the article. Combining again changes nothing.
pub fn combine(ours: Record, theirs: Record) -> Record {
    let mut record = ours;
    let before = record.snapshots.len();
    let newest_before = record.newest().map(|newest| newest.sha256);
    for snapshot in theirs.snapshots {
        match record.snapshots.iter_mut().find(|known| is_same(known, &snapshot)) {
            Some(known) => known.unchanged = unchanged(known.unchanged.take(), snapshot.unchanged),
            None => record.snapshots.push(snapshot),
        }
    }
    if record.snapshots.len() > before {
        record.snapshots.sort_by_key(|snapshot| snapshot.captured);
        for (at, snapshot) in record.snapshots.iter_mut().enumerate() {
            snapshot.reason = match (at, snapshot.reason) {
                (0, _) => Reason::New,
                (_, Reason::New) => Reason::Text,
                (_, reason) => reason,
            };
        }
        record.current = current(&record);
        if record.newest().map(|newest| newest.sha256) != newest_before {
            record.title = theirs.title;
            record.authors = theirs.authors;
            record.site = theirs.site;
            record.published = theirs.published;
            record.profile = theirs.profile;
            record.etag = theirs.etag;
            record.last_modified = theirs.last_modified;
        }
    }
    let mut known: BTreeSet<UrlKey> = record.keys().collect();
    for url in std::iter::once(theirs.url).chain(theirs.aliases) {
        let is_new = key_of(&url).is_some_and(|key| known.insert(key));
        if is_new && record.aliases.len() < MAX_ALIASES {
            record.aliases.push(url);
        }
    }
    record.aliases.sort();
    note_items(&mut record, &theirs.feed_items);
    record.absences = absences(record.absences, theirs.absences);
    for (name, value) in theirs.other {
        record.other.entry(name).or_insert(value);
    }
    record
}

/// Returns the file of the newest text, if that is not the last accepted one: a page that stands in the place of the
/// article, and was kept because nothing else was there, does not displace it.
fn current(record: &Record) -> Option<String> {
    let is_wall = |snapshot: &&Snapshot| {
        snapshot.warnings.iter().filter_map(Recorded::known).any(|warning| warning.kind.replaces_page())
    };
    let newest = record.accepted().filter(|snapshot| !is_wall(snapshot)).last()?;
    (record.accepted().last() != Some(newest)).then(|| newest.file.clone())
}

/// Two periods of visits.
struct Period {
    first: Timestamp,
    last: Timestamp,
    count: u64,
}

/// Returns the visits of both. Periods that overlap may count the same visits, so the greater number is taken.
fn joined(one: Period, other: Period) -> Period {
    let is_apart = one.last < other.first || other.last < one.first;
    let count = if is_apart { one.count + other.count } else { one.count.max(other.count) };
    Period { first: one.first.min(other.first), last: one.last.max(other.last), count }
}

fn unchanged(ours: Option<Unchanged>, theirs: Option<Unchanged>) -> Option<Unchanged> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (ours, theirs) => return ours.or(theirs),
    };
    let period = |seen: &Unchanged| Period { first: seen.first, last: seen.last, count: seen.count };
    let Period { first, last, count } = joined(period(&ours), period(&theirs));
    let mut captures = ours.captures;
    for capture in theirs.captures {
        if !captures.iter().any(|known| known.page == capture.page) {
            captures.push(capture);
        }
    }
    Some(Unchanged { first, last, count, captures })
}

fn absences(mut ours: Vec<Absence>, theirs: Vec<Absence>) -> Vec<Absence> {
    let period = |seen: &Absence| Period { first: seen.first, last: seen.last, count: seen.count };
    for absence in theirs {
        match ours.iter_mut().find(|known| known.status == absence.status && known.reason == absence.reason) {
            Some(known) => {
                let Period { first, last, count } = joined(period(known), period(&absence));
                *known = Absence { status: absence.status, reason: absence.reason, first, last, count };
            }
            None => ours.push(absence),
        }
    }
    ours.sort_by_key(|absence| absence.status);
    ours
}

/// Returns the capture files that a snapshot refers to.
pub fn capture_files(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.records().into_iter().chain(snapshot.originals()).map(|pointer| pointer.file).collect()
}

/// Replaces the capture files that a snapshot refers to.
pub fn rename_captures(snapshot: &mut Snapshot, names: &BTreeMap<String, String>) {
    let rename = |file: &mut String| {
        if let Some(name) = names.get(file) {
            file.clone_from(name);
        }
    };
    let rename_payload = |payload: &mut Option<Payload>| {
        if let Some(payload) = payload {
            rename(&mut payload.file);
        }
    };
    let unchanged = snapshot.unchanged.iter_mut().flat_map(|seen| &mut seen.captures);
    for CapturePointer { file, original, continuation_pages, .. } in snapshot.capture.iter_mut().chain(unchanged) {
        rename(file);
        rename_payload(original);
        continuation_pages.iter_mut().for_each(|page| rename_payload(&mut page.original));
    }
    snapshot.images.iter_mut().for_each(|image| rename_payload(&mut image.original));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(first: &str, last: &str, count: u64) -> Period {
        Period { first: first.parse().unwrap(), last: last.parse().unwrap(), count }
    }

    #[test]
    fn visits_are_added_once_however_often_archives_are_merged() {
        let ours = || period("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z", 3);
        let theirs = || period("2026-11-05T00:00:00Z", "2026-11-06T00:00:00Z", 2);
        let once = joined(ours(), theirs());
        assert_eq!(once.count, 5);
        assert_eq!(joined(once, theirs()).count, 5);
        assert_eq!(joined(ours(), ours()).count, 3);
    }
}
