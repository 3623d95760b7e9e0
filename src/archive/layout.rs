//! The names and paths of format 1.

use crate::model::{Digest, ImageFormat, PageDate, Timestamp, UrlKey, slug};

use super::ArchiveError;

/// The archive format that this module reads and writes.
pub const FORMAT: u32 = 1;

pub(super) const MARKER: &str = "bindery-archive.json";
pub(super) const MARKER_TEXT: &str = "{\"format\": 1}\n";
pub(super) const README: &str = "README.md";
/// The content of the root README, the same in every archive of format 1.
pub(super) const README_TEXT: &str = include_str!("root-readme.md");
/// The file name of every manifest.
pub const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const ARTICLES: &str = "articles";
pub(super) const IMAGES: &str = "images";
pub(super) const CAPTURES: &str = "captures";
pub(super) const RUNS: &str = "runs";
pub(super) const PRIVATE: &str = ".bindery";
pub(super) const LOCK: &str = ".bindery/lock";
#[cfg(feature = "store")]
pub(super) const INDEX_FILE: &str = ".bindery/index.sqlite";
/// The file that exists from a run's first change until its last manifest is written. If it exists when a writer opens
/// the archive, the writer checks all files.
pub(super) const UNSEALED: &str = ".bindery/unsealed";
/// The suffix of captures and events that their run has not sealed yet. Such files are in no manifest.
pub(super) const OPEN: &str = ".open";
/// The folder for texts of a killed run that no record names.
pub(super) const UNFINISHED: &str = ".bindery/unfinished";
/// The folder for versions of files that somebody edited, before bindery writes the file again.
pub(super) const EDITED: &str = ".bindery/edited";
pub(super) const INDEX: &str = "index.md";
pub(super) const RECORD: &str = "record.json";
/// The reader's own notes beside an article. No writer changes the file, and no manifest lists it.
pub const NOTES: &str = "notes.md";
/// The file that is left of an article that was removed.
pub(super) const TOMBSTONE: &str = "removed.json";

/// Returns the path of a working file of the program in an archive, such as a queue or an index. It can be deleted at
/// any time.
pub fn private_file(root: &std::path::Path, name: &str) -> std::path::PathBuf {
    root.join(PRIVATE).join(name)
}

/// Returns the folder of a new article: `articles/<host>/<yyyy>/<slug>`.
pub(super) fn article_folder(key: &UrlKey, title: &str, published: Option<PageDate>, captured: Timestamp) -> String {
    let latest = captured.year() + 1;
    let year = published.map(|date| date.year()).filter(|year| (1990..=latest).contains(year));
    let year = year.unwrap_or_else(|| captured.year());
    format!("{ARTICLES}/{}/{year:04}/{}", key.host_folder(), slug(title, key.as_str()))
}

/// Returns the suffix that the slugs of all articles with this key have.
pub(super) fn slug_end(key: &UrlKey) -> String {
    format!("-{}", &Digest::of(key.as_str().as_bytes()).hex()[..8])
}

/// Splits a path into the folder whose manifest lists the file, and the path below that folder; `None` for a file that
/// no leaf manifest lists.
pub(super) fn leaf_of(path: &str) -> Option<(&str, &str)> {
    let depth = match path.split('/').next()? {
        ARTICLES | CAPTURES => 3,
        IMAGES | RUNS => 2,
        _ => return None,
    };
    let (at, _) = path.match_indices('/').nth(depth - 1)?;
    Some((&path[..at], &path[at + 1..]))
}

/// Returns whether a path has the form of a file of the archive. Every other file in the archive's folder is foreign.
pub fn is_own_path(path: &str) -> bool {
    let Some((leaf, below)) = leaf_of(path) else { return matches!(path, README | MARKER | MANIFEST) };
    let unsealed = below.strip_suffix(OPEN).unwrap_or(below);
    match leaf.split('/').next() {
        _ if below == MANIFEST => true,
        Some(ARTICLES) => below
            .split_once('/')
            .is_some_and(|(_, name)| matches!(name, INDEX | RECORD | TOMBSTONE) || is_text_name(name)),
        Some(IMAGES) => image_name(below).is_some(),
        Some(CAPTURES) => is_capture_name(unsealed),
        _ => is_run_name(unsealed),
    }
}

/// Returns the file name of the `n`th text (from 1) captured in one second.
pub(super) fn text_name(captured: Timestamp, n: u32) -> String {
    match n {
        1 => format!("{}.md", captured.compact()),
        _ => format!("{}-{n}.md", captured.compact()),
    }
}

/// Returns whether a file name is that of a text: `20261123T085855Z.md`, `20261123T085855Z-2.md`.
pub(super) fn is_text_name(name: &str) -> bool {
    name.strip_suffix(".md").is_some_and(is_instant)
}

/// Returns whether a stem is an instant, with a number for further files of the same second.
fn is_instant(stem: &str) -> bool {
    let Some((instant, rest)) = stem.split_once('Z') else { return false };
    let shape =
        instant.bytes().enumerate().all(|(at, byte)| if at == 8 { byte == b'T' } else { byte.is_ascii_digit() });
    let count = rest.strip_prefix('-').map(|n| n.bytes().all(|byte| byte.is_ascii_digit()) && !n.is_empty());
    instant.len() == 15 && shape && (rest.is_empty() || count == Some(true))
}

/// Returns whether a folder's name has the form of a slug: it ends in `-` and 8 hex digits.
pub(super) fn is_slug(name: &str) -> bool {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.rsplit_once('-').is_some_and(|(_, end)| end.len() == 8 && end.bytes().all(is_hex))
}

/// Returns whether a file name is that of a capture file: `20261123T085855Z.warc.gz`, `20261123T085855Z-2.warc.gz`.
pub(super) fn is_capture_name(name: &str) -> bool {
    name.strip_suffix(".warc.gz").is_some_and(is_instant)
}

/// Returns whether a file name is that of a run's events: `20261123T085855Z.jsonl`, `20261123T085855Z-2.jsonl`.
pub(super) fn is_run_name(name: &str) -> bool {
    name.strip_suffix(".jsonl").is_some_and(is_instant)
}

/// Returns whether a file name is that of a staging file.
pub(super) fn is_temp_name(name: &str) -> bool {
    name.starts_with(".bindery-") && name.ends_with(".tmp")
}

/// Parses the file name of an image into its digest and format; `None` if it is not one.
pub(super) fn image_name(name: &str) -> Option<(Digest, ImageFormat)> {
    let (hex, extension) = name.split_once('.')?;
    Some((hex.parse().ok()?, ImageFormat::from_extension(extension)?))
}

/// Returns the path of an image's file below the archive.
pub(super) fn image_path(digest: &Digest, format: ImageFormat) -> String {
    let hex = digest.hex();
    format!("{IMAGES}/{}/{hex}.{}", &hex[..2], format.extension())
}

/// Returns the digest in the path of an image; `None` if the path is not that of an image.
pub fn digest_in(path: &str) -> Option<Digest> {
    path.rsplit('/').next()?.split('.').next()?.parse().ok()
}

/// Returns the path of an article's `index.md` below the archive.
pub(super) fn index_path(folder: &str) -> String {
    format!("{folder}/{INDEX}")
}

/// Refuses a path below the archive that a manifest cannot list, or that leads out of the archive.
pub(super) fn check_path(path: &str) -> Result<(), ArchiveError> {
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    if path.chars().any(|c| c == '\\' || c.is_control()) || path.split('/').any(bad_part) {
        return Err(ArchiveError::BadName { path: path.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn folder(published: Option<&str>) -> String {
        let key = UrlKey::of(&Url::parse("https://www.example.org:8443/文/1").unwrap());
        let captured = "2026-11-23T08:58:55Z".parse().unwrap();
        article_folder(&key, "联合声明，谈了啥？", published.map(|date| date.parse().unwrap()), captured)
    }

    #[test]
    fn the_year_of_publication_is_in_the_pages_own_offset() {
        assert!(
            folder(Some("2022-01-01T00:30:00+08:00")).starts_with("articles/example.org_8443/2022/联合声明-谈了啥-")
        );
    }

    #[test]
    fn an_impossible_year_of_publication_is_replaced_by_the_year_of_capture() {
        for published in [None, Some("1970-01-01"), Some("2031-01-01")] {
            assert!(folder(published).starts_with("articles/example.org_8443/2026/"), "{published:?}");
        }
        assert!(folder(Some("2027-01-01")).contains("/2027/"));
    }

    #[test]
    fn a_text_is_named_by_the_second_of_its_capture() {
        let captured: Timestamp = "2026-11-23T08:58:55Z".parse().unwrap();
        assert_eq!(text_name(captured, 1), "20261123T085855Z.md");
        assert_eq!(text_name(captured, 2), "20261123T085855Z-2.md");
        assert!(is_text_name("20261123T085855Z.md") && is_text_name("20261123T085855Z-12.md"));
        for name in ["index.md", "20261123T085855Z-.md", "20261123T085855Z.txt", "2026Z.md", "notes.md", "Z.md"] {
            assert!(!is_text_name(name), "{name}");
        }
    }

    #[test]
    fn files_of_the_archive_are_distinguished_from_foreign_ones() {
        let image = image_path(&Digest::of(b""), ImageFormat::Png);
        for path in [
            "README.md",
            "articles/a/2024/s/index.md",
            "articles/a/2024/s/20261123T085855Z.md",
            "articles/a/2024/manifest-sha256.txt",
            "captures/2026/11/20261123T085855Z.warc.gz.open",
            "runs/2026/20261123T085855Z-2.jsonl",
            &image,
        ] {
            assert!(is_own_path(path), "{path}");
        }
        for path in [
            ".git/HEAD",
            "notes.md",
            "articles/a/2024/s/notes.md",
            "articles/a/2024/s/.obsidian/index.md",
            "images/ab/x.png",
            "captures/2026/11/Thumbs.db",
            "runs/2026/20261123T085855Z (copy).jsonl",
        ] {
            assert!(!is_own_path(path), "{path}");
        }
    }

    #[test]
    fn every_file_belongs_to_one_leaf_manifest() {
        assert_eq!(leaf_of("articles/a/2024/s/index.md"), Some(("articles/a/2024", "s/index.md")));
        assert_eq!(leaf_of("images/ab/x.png"), Some(("images/ab", "x.png")));
        assert_eq!(leaf_of("captures/2026/11/x.warc.gz"), Some(("captures/2026/11", "x.warc.gz")));
        assert_eq!(leaf_of("runs/2026/x.jsonl"), Some(("runs/2026", "x.jsonl")));
        assert_eq!(leaf_of("README.md"), None);
    }

    #[test]
    fn a_path_that_leads_out_or_breaks_a_line_is_refused() {
        for path in ["images/../x", "/etc/passwd", "a\\b", "a\nb", ""] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
        assert!(check_path("articles/例子/2024/文-0/index.md").is_ok());
    }
}
