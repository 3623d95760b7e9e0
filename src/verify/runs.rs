//! Checks the events of runs: a JSON object per line.

use std::io::{BufRead, BufReader, Read};

use serde::de::IgnoredAny;

use crate::model::FindingKind::Malformed;

use super::captures::note_open;
use super::hash::FileReader;
use super::leaf::{self, FileState, Files, LeafResult, Role, note_unreadable, read_foreign};
use super::manifest::MANIFEST;
use super::names;
use super::root::Place;
use super::walk::{names_or_note, note_foreign};

/// The maximum length of an event in bytes.
const MAX_LINE: u64 = 16 << 20;

/// Reads a year's folder, compares it with its manifest, and checks each file.
pub(super) fn check(place: Place<'_>, reader: &mut FileReader) -> LeafResult {
    let mut out = LeafResult::default();
    let listed = leaf::read_manifest(place, reader, &mut out.notes);
    let names = names_or_note(place.root.tree, &place.leaf.path, &mut out.notes);
    names.folders.iter().for_each(|name| note_foreign(&place.path(name), &mut out.notes));
    let mut files = Files::new();
    let mut faults = Vec::new();
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        let path = place.path(name);
        if names::sealed(name).is_some_and(|name| names::is_run(&place.leaf.path, name)) {
            note_open(&path, &mut out.notes);
        } else if names::is_run(&place.leaf.path, name) {
            match reader.read_with(place.root.tree, &path, fault) {
                Ok((fault, hashed)) => {
                    let role = if fault.is_none() { Role::Added } else { Role::Fixed };
                    files.insert(name.clone(), FileState::new(&hashed, role));
                    faults.extend(fault.map(|fault| (path, fault)));
                }
                Err(error) => note_unreadable(&path, &error, &mut out.notes),
            }
        } else {
            read_foreign(place, name, &listed, &mut files, (reader, &mut out.notes));
        }
    }
    leaf::compare_or_note(place, &listed, &files, &mut out);
    for (path, fault) in faults {
        if !out.notes.has(&path) {
            out.notes.add(Malformed, path, fault);
        }
    }
    out
}

/// Returns what is wrong with the first malformed line; None if there is none.
fn fault(source: &mut dyn Read) -> Option<String> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        match (&mut source).take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(1..) => {}
            // The caller reports files that cannot be read.
            Ok(0) | Err(_) => return None,
        }
        let wrong = match line.strip_suffix(b"\n") {
            None if line.len() as u64 == MAX_LINE => "is too long",
            None => "has no line break at its end",
            Some(event) if event.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(event).is_ok() => continue,
            Some(_) => "is not a JSON object",
        };
        return Some(format!("line {number} {wrong}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_must_be_a_complete_json_object() {
        let faults = |text: &str| fault(&mut text.as_bytes());
        assert_eq!(faults(""), None);
        assert_eq!(faults("{\"event\": \"summary\"}\n{}\n"), None);
        for (text, line) in [("{}\n{}", 2), ("[]\n", 1), ("{}\n\n{}\n", 2), ("{\"a\": }\n", 1), ("{}{}\n", 1)] {
            assert!(faults(text).is_some_and(|fault| fault.starts_with(&format!("line {line} "))), "{text}");
        }
    }
}
