//! Manifests of a bag, line by line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use encoding_rs::UTF_8;

use super::tags::Declaration;
use super::{by_form, composed};
use crate::bundle::Tree;
use crate::model::FindingKind::{Malformed, Warning};
use crate::verify::found::Found;
use crate::verify::sums::Algorithm;

/// More than any manifest of a bag that can be handled.
const MAX_BYTES: u64 = 1 << 30;
/// Faults of one manifest that are told one by one.
const MAX_TOLD: usize = 100;

/// What a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Payload,
    Tags,
}

/// A manifest as it was read.
pub(super) struct Listing {
    /// Its own path.
    pub path: String,
    pub role: Role,
    pub algorithm: Algorithm,
    /// Path as the file is called → digest in lower-case hex.
    pub lines: BTreeMap<String, String>,
}

/// The files of a bag, by the forms in which manifests may name them.
pub(super) struct Paths<'a> {
    by_form: BTreeMap<String, Vec<&'a String>>,
    /// Whether `%` is encoded in manifests too.
    percent: bool,
}

impl<'a> Paths<'a> {
    pub fn new(files: &'a [String], percent: bool) -> Self {
        let mut by_form: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for file in files {
            by_form.entry(composed(file)).or_default().push(file);
        }
        Self { by_form, percent }
    }

    fn has(&self, path: &str) -> bool {
        self.by_form.get(&composed(path)).is_some_and(|files| files.iter().any(|file| *file == path))
    }

    /// The file that a line means: as it stands, decoded, or in another normal form, which is told.
    fn meant(&self, written: &str) -> (String, bool) {
        if self.has(written) {
            return (written.to_owned(), false);
        }
        let path = if self.percent || written.contains("%0") { decoded(written) } else { written.to_owned() };
        match (self.has(&path), by_form(&path, &self.by_form)) {
            (false, Some(other)) => (other.clone(), true),
            _ => (path, false),
        }
    }
}

/// Reads a manifest; None when it cannot be read, which is told.
#[expect(clippy::too_many_arguments, reason = "each is one thing that a line depends on")]
pub(super) fn read(
    tree: &Tree,
    path: &str,
    role: Role,
    algorithm: Algorithm,
    declaration: &Declaration,
    own: bool,
    paths: &Paths<'_>,
    found: &mut Found,
) -> Option<Listing> {
    let lines = BTreeMap::new();
    let mut reading = Reading {
        listing: Listing { path: path.to_owned(), role, algorithm, lines },
        own,
        declaration,
        paths,
        found,
        told: 0,
    };
    let opened = tree.open(path).map(|opened| BufReader::with_capacity(1 << 16, opened.bytes.take(MAX_BYTES)));
    let read = match opened {
        Ok(mut source) if declaration.encoding == UTF_8 => reading.lines(&mut source),
        // Line ends of other encodings are not single bytes.
        Ok(mut source) => {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).map(|_| {
                let text = declaration.decode(&bytes);
                text.split_inclusive('\n').for_each(|line| reading.line(line.as_bytes()));
            })
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(()) => Some(reading.listing),
        Err(error) => {
            reading.found.add(Malformed, path, "a file that can be read to its end", error.to_string());
            None
        }
    }
}

struct Reading<'a> {
    listing: Listing,
    own: bool,
    declaration: &'a Declaration,
    paths: &'a Paths<'a>,
    found: &'a mut Found,
    told: usize,
}

impl Reading<'_> {
    fn lines(&mut self, source: &mut dyn BufRead) -> std::io::Result<()> {
        let mut line = Vec::new();
        let mut is_first = true;
        while source.read_until(b'\n', &mut line)? > 0 {
            let mark = [0xef, 0xbb, 0xbf];
            let text = if is_first { line.strip_prefix(&mark).unwrap_or(&line) } else { &line };
            self.line(text);
            line.clear();
            is_first = false;
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) {
        let Ok(text) = std::str::from_utf8(line) else {
            return self.fault("a line in the bag's encoding", "other bytes".to_owned());
        };
        let bare = text.trim_end_matches(['\n', '\r']);
        if bare.trim().is_empty() && !self.own {
            return;
        }
        if self.own && !self.is_as_written(text) {
            return self.fault("a digest in lower case, two spaces and a path, in order", format!("`{bare}`"));
        }
        let Some((hex, rest)) = bare.split_once([' ', '\t']) else {
            return self.fault("a digest, a space and a path", format!("`{bare}`"));
        };
        if hex.len() != self.listing.algorithm.hex_length() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.fault("a digest of the algorithm in the file's name", format!("`{hex}`"));
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let written = match rest.strip_prefix('*') {
            Some(binary) if !self.paths.has(rest) => {
                self.warn("a path without the mark of binary files", rest);
                binary
            }
            _ => rest,
        };
        self.entry(hex, written);
    }

    fn entry(&mut self, hex: &str, written: &str) {
        let plain = written.trim_start_matches("./");
        if plain != written {
            self.warn("a path that begins with its folder", written);
        }
        if escapes(plain) || (self.listing.role == Role::Payload) != plain.starts_with("data/") {
            let expected = match self.listing.role {
                Role::Payload => "a path below data/",
                Role::Tags => "a path in the bag and not below data/",
            };
            return self.fault(expected, format!("`{written}`"));
        }
        let (path, other_form) = self.paths.meant(plain);
        if other_form {
            self.warn("the file's name in the form in which it is stored", written);
        }
        let hex = hex.to_ascii_lowercase();
        match self.listing.lines.insert(path, hex.clone()) {
            None => {}
            Some(before) if before == hex && (!self.declaration.is_final() || other_form) => {
                self.warn("each file once", written);
            }
            Some(_) => self.fault("each file once", format!("`{written}` again")),
        }
    }

    /// Whether a line is as bindery writes it.
    fn is_as_written(&self, line: &str) -> bool {
        let last = self.listing.lines.last_key_value().map(|(path, _)| path.as_str()).unwrap_or_default();
        let bare = line.strip_suffix('\n').and_then(|line| line.split_once("  "));
        bare.is_some_and(|(hex, path)| {
            let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            hex.bytes().all(lower) && path > last && path == composed(path) && !path.starts_with([' ', '*'])
        })
    }

    fn fault(&mut self, expected: &str, found: String) {
        self.told += 1;
        match self.told {
            1..=MAX_TOLD => self.found.add(Malformed, &self.listing.path, expected, found),
            _ => self.found.add(
                Malformed,
                &self.listing.path,
                "lines as the standard has them",
                "more faults than are told",
            ),
        }
    }

    fn warn(&mut self, expected: &str, written: &str) {
        self.told += 1;
        if self.told <= MAX_TOLD {
            self.found.add(Warning, &self.listing.path, expected, format!("`{written}`"));
        }
    }
}

/// A path with `%0A`, `%0D` and `%25` decoded (RFC 8493, section 2.1.3).
pub(super) fn decoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).map(str::to_ascii_uppercase);
        let (sign, skip) = match code.as_deref() {
            Some("0A") => ('\n', 2),
            Some("0D") => ('\r', 2),
            Some("25") => ('%', 2),
            _ => ('%', 0),
        };
        out.push(sign);
        rest = &after[skip..];
    }
    out + rest
}

/// Whether a path leads out of its bag, on any system.
pub(super) fn escapes(path: &str) -> bool {
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    is_drive || path.starts_with('~') || path.contains('\0') || path.split(['/', '\\']).any(bad_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_codes_of_the_standard_are_decoded() {
        assert_eq!(decoded("data/100%25 a%0ab%0Dc%20%"), "data/100% a\nb\rc%20%");
        assert_eq!(decoded("data/%文"), "data/%文");
    }

    #[test]
    fn what_leads_out_is_seen_on_any_system() {
        for path in ["/etc/passwd", "data/../../x", "~/x", "~root/x", "C:\\x", "data\\..\\..\\x", "", "data//x"] {
            assert!(escapes(path), "{path}");
        }
        assert!(!escapes("data/a b/~c"));
    }
}
