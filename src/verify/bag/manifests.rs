//! Manifests of a bag, line by line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use encoding_rs::UTF_8;

use super::lines::Lines;
use super::tags::Declaration;
use crate::bundle::Tree;
use crate::model::FindingKind::{Malformed, Warning};
use crate::verify::found::{Found, MAX_TOLD, composed};
use crate::verify::sums::Algorithm;

/// More than any manifest of a bag that can be handled.
const MAX_BYTES: u64 = 1 << 30;
/// Manifests in other encodings are held in memory; bags that have such are old and small.
const MAX_ENCODED: u64 = 1 << 26;
/// Longer than a digest and any path.
const MAX_LINE: u64 = 1 << 16;
/// Letters of a line that are shown.
const MAX_SHOWN: usize = 300;

/// What a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Payload,
    Tags,
}

/// A manifest as it was read.
pub(super) struct Listing<'a> {
    /// Its own path.
    pub path: String,
    pub role: Role,
    pub algorithm: Algorithm,
    pub lines: Lines<'a>,
}

/// The files of a bag, by the forms in which manifests may name them.
pub(super) struct Paths<'a> {
    /// Sorted.
    files: &'a [String],
    /// Files whose names are not in the composed form, by that form.
    odd: BTreeMap<String, Vec<&'a String>>,
    /// Whether `%` is encoded in manifests too.
    percent: bool,
}

impl<'a> Paths<'a> {
    pub fn new(files: &'a [String], percent: bool) -> Self {
        let mut odd: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (file, form) in files.iter().map(|file| (file, composed(file))).filter(|(file, form)| *file != form) {
            odd.entry(form).or_default().push(file);
        }
        Self { files, odd, percent }
    }

    fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    fn find(&self, path: &str) -> Option<&'a String> {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// The one file whose name has this form too.
    fn by_form(&self, path: &str) -> Option<&'a String> {
        let form = composed(path);
        let odd = self.odd.get(&form).into_iter().flatten().copied();
        let mut all = self.find(&form).into_iter().chain(odd);
        all.next().filter(|_| all.next().is_none())
    }

    /// The file that a line means: as it stands, decoded, or in another normal form, which is told.
    fn meant(&self, written: &str) -> (String, bool) {
        if self.has(written) {
            return (written.to_owned(), false);
        }
        let path = if self.percent || written.contains("%0") { decoded(written) } else { written.to_owned() };
        match (self.has(&path), self.by_form(&path)) {
            (false, Some(other)) => (other.clone(), true),
            _ => (path, false),
        }
    }
}

/// Reads a manifest; None when it cannot be read, which is told.
#[expect(clippy::too_many_arguments, reason = "each is one thing that a line depends on")]
pub(super) fn read<'a>(
    tree: &Tree,
    path: &str,
    role: Role,
    algorithm: Algorithm,
    declaration: &Declaration,
    own: bool,
    paths: &Paths<'a>,
    found: &mut Found,
) -> Option<Listing<'a>> {
    let most = if declaration.encoding == UTF_8 { MAX_BYTES } else { MAX_ENCODED };
    if tree.length(path).is_some_and(|length| length > most) {
        found.add(Malformed, path, format!("at most {most} bytes"), "more");
        return None;
    }
    let lines = Lines::new(paths.files, algorithm.hex_length() / 2);
    let mut reading = Reading {
        listing: Listing { path: path.to_owned(), role, algorithm, lines },
        own,
        declaration,
        paths,
        found,
        warned: 0,
        last: String::new(),
    };
    let opened = tree.open(path).map(|opened| BufReader::with_capacity(1 << 16, opened.bytes.take(most)));
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

struct Reading<'r, 'a> {
    listing: Listing<'a>,
    own: bool,
    declaration: &'r Declaration,
    paths: &'r Paths<'a>,
    found: &'r mut Found,
    warned: usize,
    /// The last path in the order in which bindery writes them.
    last: String,
}

impl Reading<'_, '_> {
    fn lines(&mut self, source: &mut dyn BufRead) -> std::io::Result<()> {
        let mut line = Vec::new();
        let mut is_first = true;
        while (&mut *source).take(MAX_LINE).read_until(b'\n', &mut line)? > 0 {
            if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
                self.fault("lines of at most 65,536 bytes", "a longer one".to_owned());
            }
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
        match self.listing.lines.insert(path, hex) {
            None => {}
            Some(is_same) if is_same && (!self.declaration.is_final() || other_form) => {
                self.warn("each file once", written);
            }
            Some(_) => self.fault("each file once", format!("`{written}` again")),
        }
    }

    /// Whether a line is as bindery writes it.
    fn is_as_written(&mut self, line: &str) -> bool {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let bare = line.strip_suffix('\n').and_then(|line| line.split_once("  "));
        let fits = bare.filter(|(hex, path)| {
            hex.bytes().all(lower)
                && *path > self.last.as_str()
                && *path == composed(path)
                && !path.starts_with([' ', '*'])
        });
        let Some((_, path)) = fits else { return false };
        path.clone_into(&mut self.last);
        true
    }

    fn fault(&mut self, expected: &str, found: String) {
        let found: String = found.chars().take(MAX_SHOWN).collect();
        self.found.line(&self.listing.path, "lines as the standard has them", expected, &found);
    }

    fn warn(&mut self, expected: &str, written: &str) {
        self.warned += 1;
        if self.warned <= MAX_TOLD {
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
