//! Recognises outputs that are up to date by their modification times, so that no state file is needed. An output gets
//! its input's modification time, to the second; the fraction of the second is a digest of the input's state and the
//! options. Where a file system stores no such fractions, or a copy lost them, the input is converted again.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::model::Digest;

/// The resolution of the fraction in nanoseconds: every file system that stores fractions of a second stores these.
const STEP: u64 = 100;

/// The modification time that identifies how an output was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(SystemTime);

impl Mark {
    /// Returns the mark for a file in its present state, converted with `options`; None if its state cannot be read.
    pub fn of(input: &Path, options: &str) -> Option<Self> {
        // A folder does not change when a file in it does.
        let about = std::fs::metadata(input).ok().filter(std::fs::Metadata::is_file)?;
        let changed = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let words = format!("{}\0{}\0{options}\0{}\0", about.len(), changed.as_nanos(), env!("CARGO_PKG_VERSION"));
        let digest = Digest::of(&[words.as_bytes(), input.as_os_str().as_encoded_bytes()].concat()).hex();
        let number = u64::from_str_radix(&digest[..15], 16).ok()?;
        let fraction = number % (1_000_000_000 / STEP) * STEP;
        Some(Self(UNIX_EPOCH + Duration::from_secs(changed.as_secs()) + Duration::from_nanos(fraction)))
    }

    /// Returns whether a file has this mark.
    pub fn is_on(self, output: &Path) -> bool {
        std::fs::metadata(output).and_then(|about| about.modified()).is_ok_and(|time| time == self.0)
    }

    /// Returns the modification time for the output.
    pub fn time(self) -> SystemTime {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_changes_with_the_input_and_the_options() {
        let dir = tempfile::tempdir().unwrap();
        let (page, out) = (dir.path().join("页.html"), dir.path().join("页.md"));
        std::fs::write(&page, "x").unwrap();
        let mark = Mark::of(&page, "md").unwrap();
        assert!(!mark.is_on(&out));
        super::super::place::file(&out, b"y", Some(mark.time())).unwrap();
        assert!(mark.is_on(&out) && Mark::of(&page, "md") == Some(mark));
        assert_ne!(Mark::of(&page, "html"), Some(mark));
        std::fs::write(&page, "xy").unwrap();
        assert!(!Mark::of(&page, "md").unwrap().is_on(&out));
    }
}
