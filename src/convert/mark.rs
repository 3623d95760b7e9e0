//! Which output was made from what: told by the output itself, so that nothing need be kept beside it.
//!
//! An output has its input's time of change, to the second; the fraction of the second is a digest of what it was made
//! from. Where a file system keeps no such fractions, or a copy lost them, the input is converted again.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::model::Digest;

/// Every file system that keeps fractions of a second keeps these, in nanoseconds.
const STEP: u64 = 100;

/// The time that an output made from this has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(SystemTime);

impl Mark {
    /// The mark of what is made of a file as it is now, with `options` as a word for how; None for a file whose state
    /// cannot be told.
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

    /// Whether a file has this mark.
    pub fn is_on(self, output: &Path) -> bool {
        std::fs::metadata(output).and_then(|about| about.modified()).is_ok_and(|time| time == self.0)
    }

    /// The time to give to the output.
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
