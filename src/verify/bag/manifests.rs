//! Reads and checks the manifests of a bag line by line.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::UTF_8;

use super::lines::ManifestLines;
use super::paths::{PathMatcher, escapes};
use super::tags::BagDeclaration;
use crate::bundle::{Maker, Tree};
use crate::model::FindingKind::{Malformed, Warning};
use crate::verify::checksums::Algorithm;
use crate::verify::findings::{Findings, MAX_LISTED, composed};

/// The maximum size of a manifest in bytes.
const MAX_BYTES: u64 = 1 << 30;
/// The maximum size of a manifest in another encoding than UTF-8, which is decoded in memory.
const MAX_ENCODED: u64 = 1 << 26;
/// The maximum length of a line in bytes.
const MAX_LINE: u64 = 1 << 16;
/// The maximum number of characters of a line in findings.
const MAX_SHOWN: usize = 300;

/// Which files a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ManifestRole {
    Payload,
    Tags,
}

/// A manifest.
pub(super) struct BagManifest<'a> {
    /// Its own path.
    pub path: String,
    pub role: ManifestRole,
    pub algorithm: Algorithm,
    pub lines: ManifestLines<'a>,
}

/// Reads a manifest; None if it cannot be read, which is reported.
#[expect(clippy::too_many_arguments, reason = "each is one thing that a line depends on")]
pub(super) fn read<'a>(
    tree: &Tree,
    path: &str,
    role: ManifestRole,
    algorithm: Algorithm,
    declaration: &BagDeclaration,
    maker: Maker,
    paths: &PathMatcher<'a>,
    found: &mut Findings,
) -> Option<BagManifest<'a>> {
    let most = if declaration.encoding == UTF_8 { MAX_BYTES } else { MAX_ENCODED };
    if tree.length(path).is_some_and(|length| length > most) {
        found.add(Malformed, path, format!("at most {most} bytes"), "more");
        return None;
    }
    let lines = ManifestLines::new(paths.files, algorithm.hex_length() / 2);
    let mut checker = LineChecker {
        manifest: BagManifest { path: path.to_owned(), role, algorithm, lines },
        maker,
        declaration,
        paths,
        found,
        warned: 0,
        last: String::new(),
    };
    let opened = tree.open(path).map(|opened| BufReader::with_capacity(1 << 16, opened.bytes.take(most)));
    let read = match opened {
        Ok(mut source) if declaration.encoding == UTF_8 => checker.lines(&mut source),
        // Line breaks in other encodings may have several bytes.
        Ok(mut source) => {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).map(|_| {
                let text = declaration.decode(&bytes);
                text.split_inclusive('\n').for_each(|line| checker.line(line.as_bytes()));
            })
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(()) => Some(checker.manifest),
        Err(error) => {
            checker.found.add(Malformed, path, "a file that can be read to its end", error.to_string());
            None
        }
    }
}

/// Reads and checks the lines of one manifest.
struct LineChecker<'r, 'a> {
    manifest: BagManifest<'a>,
    maker: Maker,
    declaration: &'r BagDeclaration,
    paths: &'r PathMatcher<'a>,
    found: &'r mut Findings,
    warned: usize,
    /// The previous path, to check the order.
    last: String,
}

impl LineChecker<'_, '_> {
    fn lines(&mut self, source: &mut dyn BufRead) -> std::io::Result<()> {
        let mut line = Vec::new();
        let mut is_first = true;
        while (&mut *source).take(MAX_LINE).read_until(b'\n', &mut line)? > 0 {
            if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
                self.fault("lines of at most 65,536 bytes", "a longer one".to_owned());
            }
            let byte_order_mark = [0xef, 0xbb, 0xbf];
            let text = if is_first { line.strip_prefix(&byte_order_mark).unwrap_or(&line) } else { &line };
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
        if bare.trim().is_empty() && !self.maker.is_bindery() {
            return;
        }
        if self.maker.is_bindery() && !self.is_as_written(text) {
            return self.fault("a digest in lower case, two spaces and a path, in order", format!("`{bare}`"));
        }
        let Some((hex, rest)) = bare.split_once([' ', '\t']) else {
            return self.fault("a digest, a space and a path", format!("`{bare}`"));
        };
        if hex.len() != self.manifest.algorithm.hex_length() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.fault("a digest of the algorithm in the file's name", format!("`{hex}`"));
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let written = match rest.strip_prefix('*') {
            Some(binary) if !self.paths.has(rest) => {
                self.warn("a path without the `*` of binary mode", rest);
                binary
            }
            _ => rest,
        };
        self.entry(hex, written);
    }

    fn entry(&mut self, hex: &str, written: &str) {
        let plain = written.trim_start_matches("./");
        if plain != written {
            self.warn("a path without a leading ./", written);
        }
        if escapes(plain) || (self.manifest.role == ManifestRole::Payload) != plain.starts_with("data/") {
            let expected = match self.manifest.role {
                ManifestRole::Payload => "a path below data/",
                ManifestRole::Tags => "a path in the bag and not below data/",
            };
            return self.fault(expected, format!("`{written}`"));
        }
        let (path, other_form) = self.paths.resolve(plain);
        if other_form {
            self.warn("the file's name in its own normal form", written);
        }
        match self.manifest.lines.insert(path, hex) {
            None => {}
            Some(is_same) if is_same && (!self.declaration.is_final() || other_form) => {
                self.warn("each file once", written);
            }
            Some(_) => self.fault("each file once", format!("`{written}` again")),
        }
    }

    /// Returns whether a line is as bindery writes it.
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
        self.found.line(&self.manifest.path, "lines that conform to the standard", expected, &found);
    }

    fn warn(&mut self, expected: &str, written: &str) {
        self.warned += 1;
        if self.warned <= MAX_LISTED {
            self.found.add(Warning, &self.manifest.path, expected, format!("`{written}`"));
        }
    }
}
