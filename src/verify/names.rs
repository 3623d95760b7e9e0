//! The file names of the archive's format.

use crate::model::{Digest, ImageFormat};

/// The suffix of a file whose run has not ended.
const OPEN: &str = ".open";

/// Returns whether a name is that of a text: `20261123T085855Z.md`, `20261123T085855Z-2.md`.
pub(super) fn is_text(name: &str) -> bool {
    name.strip_suffix(".md").is_some_and(is_instant)
}

/// Returns whether a name has the form of an article's folder: it ends in `-` and 8 hex digits.
pub(super) fn is_slug(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(start, hex)| {
        !start.is_empty() && hex.len() == 8 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Returns whether a name is that of a capture file in this folder: `20261123T085855Z.warc.gz` in `captures/2026/11`, or a
/// further file of the same run, `20261123T085855Z-2.warc.gz`.
pub(super) fn is_capture(folder: &str, name: &str) -> bool {
    let home = folder.strip_prefix("captures/").map(|month| month.replacen('/', "", 1));
    name.strip_suffix(".warc.gz").is_some_and(is_instant) && home.is_some_and(|home| name.starts_with(&home))
}

/// Returns whether a path is that of a capture file.
pub(super) fn is_capture_path(path: &str) -> bool {
    path.rsplit_once('/')
        .is_some_and(|(folder, name)| folder.len() == "captures/2026/11".len() && is_capture(folder, name))
}

/// Returns whether a name is that of a run's events in this folder: `20261123T085855Z.jsonl` in `runs/2026`.
pub(super) fn is_run(folder: &str, name: &str) -> bool {
    let home = folder.strip_prefix("runs/");
    name.strip_suffix(".jsonl").is_some_and(is_instant) && home.is_some_and(|home| name.starts_with(home))
}

/// Returns the final name of a file whose run has not ended; None for other files.
pub(super) fn sealed(name: &str) -> Option<&str> {
    name.strip_suffix(OPEN)
}

/// Returns the digest in the path of an image, `images/<2 hex>/<sha256>.<ext>`; None for other paths.
pub(super) fn image_digest(path: &str) -> Option<Digest> {
    let (folder, name) = path.strip_prefix("images/")?.split_once('/')?;
    let (hex, extension) = name.split_once('.')?;
    let digest = hex.parse().ok()?;
    (ImageFormat::from_extension(extension).is_some() && folder == &hex[..2]).then_some(digest)
}

/// Returns whether a stem is an instant, `20261123T085855Z`, with `-2` and so on for further files of the same second.
fn is_instant(stem: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((instant, rest)) = stem.split_once('Z') else { return false };
    let shape = instant
        .split_once('T')
        .is_some_and(|(day, time)| day.len() == 8 && time.len() == 6 && digits(day) && digits(time));
    shape && (rest.is_empty() || rest.strip_prefix('-').is_some_and(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_texts_and_images_are_recognised() {
        assert!(is_text("20261123T085855Z.md") && is_text("20261123T085855Z-2.md"));
        for name in ["index.md", "20261123T085855Z-.md", "2026T1Z.md", "20261123T085855.md", "20261123T085855Z.txt"] {
            assert!(!is_text(name), "{name}");
        }
        let hex = Digest::of(b"x").hex();
        assert_eq!(image_digest(&format!("images/{}/{hex}.png", &hex[..2])), Some(Digest::of(b"x")));
        for path in [format!("images/00/{hex}.png"), format!("images/{}/{hex}.exe", &hex[..2]), "../x".to_owned()] {
            assert_eq!(image_digest(&path), None, "{path}");
        }
    }

    #[test]
    fn captures_and_runs_are_in_the_folder_of_their_date() {
        assert!(is_capture("captures/2026/11", "20261123T085855Z.warc.gz"));
        assert!(is_capture_path("captures/2026/11/20261123T085855Z-2.warc.gz"));
        assert!(is_run("runs/2026", "20261123T085855Z.jsonl"));
        for (folder, name) in [
            ("captures/2026/12", "20261123T085855Z.warc.gz"),
            ("captures/2026/11", "20261123T085855Z.warc"),
            ("captures/2026/11", "20261123T085855Z.warc.gz.open"),
            ("runs/2026", "20261123T085855Z.warc.gz"),
        ] {
            assert!(!is_capture(folder, name), "{folder}/{name}");
        }
        for path in ["captures/2026/11/x/20261123T085855Z.warc.gz", "captures/20261123T085855Z.warc.gz", "../x", ""] {
            assert!(!is_capture_path(path), "{path}");
        }
        assert!(!is_run("runs/2025", "20261123T085855Z.jsonl"));
        assert_eq!(sealed("20261123T085855Z.jsonl.open"), Some("20261123T085855Z.jsonl"));
    }
}
