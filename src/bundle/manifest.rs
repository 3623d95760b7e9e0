//! Manifests in the format of `sha256sum`, of archives and bags that are copied.

use std::collections::BTreeMap;

use crate::model::Digest;

/// The name of every manifest of an archive, and of the payload manifest of a bag.
pub(super) use crate::archive::MANIFEST;

/// The maximum size of a manifest in bytes; more than that of any folder that a file system handles well.
pub(super) const MAX_MANIFEST: u64 = 1 << 30;

/// Returns the digests by path. None if a line is malformed, or its path leads out of the folder.
pub(super) fn parse(bytes: &[u8]) -> Option<BTreeMap<String, Digest>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = |line: &str| {
        let (hex, path) = line.split_once("  ")?;
        is_safe(path).then_some(())?;
        Some((path.to_owned(), hex.parse().ok()?))
    };
    text.split_terminator('\n').map(line).collect()
}

/// Returns the manifest of these files.
pub(super) fn write<'a, D: std::fmt::Display>(lines: impl Iterator<Item = (&'a str, D)>) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, digest) in lines {
        out.extend_from_slice(format!("{digest}  {path}\n").as_bytes());
    }
    out
}

/// Returns whether a path stays below its folder on every operating system.
pub(super) fn is_safe(path: &str) -> bool {
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    !is_drive && !path.split('/').any(bad_part) && !path.chars().any(|c| c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_its_folder_is_refused() {
        for path in ["../a", "/a", "a/../b", "a\\b", "a//b", "./a", "C:/a", "a\0", ""] {
            assert!(!is_safe(path), "{path:?}");
            assert_eq!(parse(format!("{}  {path}\n", Digest::of(b"")).as_bytes()), None, "{path:?}");
        }
        assert!(is_safe("articles/例子/2024/a-1/index.md"));
    }
}
