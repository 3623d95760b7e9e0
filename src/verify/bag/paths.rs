//! Paths in manifests and `fetch.txt` of a bag.

use std::collections::BTreeMap;

use crate::verify::findings::composed;

/// Finds the files of a bag by the forms in which manifests may write their paths.
pub(super) struct PathMatcher<'a> {
    /// Sorted.
    pub files: &'a [String],
    /// Files whose names are not in Unicode's composed form (NFC), by that form.
    decomposed: BTreeMap<String, Vec<&'a String>>,
    encoding: PercentEncoding,
}

/// Which characters of paths manifests percent-encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PercentEncoding {
    /// Line breaks and `%`, as version 1.0 requires.
    Always,
    /// Line breaks only; `%` stands for itself.
    LineBreaks,
}

impl<'a> PathMatcher<'a> {
    pub fn new(files: &'a [String], encoding: PercentEncoding) -> Self {
        let mut decomposed: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (file, form) in files.iter().map(|file| (file, composed(file))).filter(|(file, form)| *file != form) {
            decomposed.entry(form).or_default().push(file);
        }
        Self { files, decomposed, encoding }
    }

    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    fn find(&self, path: &str) -> Option<&'a String> {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// Returns the only file whose name has the same composed form.
    fn by_form(&self, path: &str) -> Option<&'a String> {
        let form = composed(path);
        let decomposed = self.decomposed.get(&form).into_iter().flatten().copied();
        let mut all = self.find(&form).into_iter().chain(decomposed);
        all.next().filter(|_| all.next().is_none())
    }

    /// Returns the path of the file that a line names, as written or decoded, and whether it was found only in another
    /// normal form.
    pub fn resolve(&self, written: &str) -> (String, bool) {
        if self.has(written) {
            return (written.to_owned(), false);
        }
        let is_encoded = self.encoding == PercentEncoding::Always || written.contains("%0");
        let path = if is_encoded { decode(written) } else { written.to_owned() };
        match (self.has(&path), self.by_form(&path)) {
            (false, Some(other)) => (other.clone(), true),
            _ => (path, false),
        }
    }
}

/// Decodes `%0A`, `%0D` and `%25` in a path (RFC 8493, section 2.1.3).
pub(super) fn decode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let code = after.get(..2).map(str::to_ascii_uppercase);
        let (character, skip) = match code.as_deref() {
            Some("0A") => ('\n', 2),
            Some("0D") => ('\r', 2),
            Some("25") => ('%', 2),
            _ => ('%', 0),
        };
        out.push(character);
        rest = &after[skip..];
    }
    out + rest
}

/// Returns whether a path leads out of its bag on some operating system.
pub(super) fn escapes(path: &str) -> bool {
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    is_drive || path.starts_with('~') || path.contains('\0') || path.split(['/', '\\']).any(bad_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_codes_of_the_standard_are_decode() {
        assert_eq!(decode("data/100%25 a%0ab%0Dc%20%"), "data/100% a\nb\rc%20%");
        assert_eq!(decode("data/%文"), "data/%文");
    }

    #[test]
    fn paths_that_lead_out_on_any_system_are_detected() {
        for path in ["/etc/passwd", "data/../../x", "~/x", "~root/x", "C:\\x", "data\\..\\..\\x", "", "data//x"] {
            assert!(escapes(path), "{path}");
        }
        assert!(!escapes("data/a b/~c"));
    }
}
