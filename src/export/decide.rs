//! Whether a file is written: never over what the user did.

use crate::model::Digest;

use super::files::OnDisk;
use super::state::FileState;

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOutcome {
    /// It is written for the first time.
    New,
    /// It replaces what an earlier export wrote.
    Updated,
    /// It is there already.
    Unchanged,
    /// The user changed it, or it is the user's own: it stays.
    Edited,
    /// The user removed it: it is not written again.
    Deleted,
}

impl FileOutcome {
    /// Returns the stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
        }
    }

    /// Returns whether the file is written.
    pub(super) fn is_written(self) -> bool {
        matches!(self, Self::New | Self::Updated)
    }
}

/// Whether files that the user changed are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edits {
    /// They stay.
    #[default]
    Keep,
    /// They are replaced. Files that no export wrote stay.
    Overwrite,
}

/// Returns what to do with a file that is to have some bytes. `known` is what an export has written there.
pub(super) fn decide(known: Option<&FileState>, disk: OnDisk, wanted: &Digest, edits: Edits) -> FileOutcome {
    match (disk, known) {
        (OnDisk::File(found), _) if found == *wanted => FileOutcome::Unchanged,
        (OnDisk::File(found), Some(known)) if known.wrote(&found) => FileOutcome::Updated,
        (OnDisk::File(_), Some(_)) if edits == Edits::Overwrite => FileOutcome::Updated,
        // A power failure may leave a file without its bytes.
        (OnDisk::Empty, Some(_)) => FileOutcome::Updated,
        (OnDisk::File(_) | OnDisk::Empty | OnDisk::Other, _) => FileOutcome::Edited,
        (OnDisk::Nothing, Some(known)) if known.sha256.is_some() && edits == Edits::Keep => FileOutcome::Deleted,
        (OnDisk::Nothing, _) => FileOutcome::New,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_export_wrote_is_replaced() {
        let [old, new, own] = [b"old", b"new", b"own"].map(|bytes| Digest::of(bytes));
        let known = FileState { sha256: Some(old), pending: None, bytes: 3 };
        let killed = FileState { pending: Some(new), ..known };
        let begun = FileState { sha256: None, ..killed };
        let keep = |known, disk| decide(known, disk, &new, Edits::Keep);
        assert_eq!(keep(None, OnDisk::Nothing), FileOutcome::New);
        assert_eq!(keep(Some(&begun), OnDisk::Nothing), FileOutcome::New);
        assert_eq!(keep(Some(&known), OnDisk::Nothing), FileOutcome::Deleted);
        assert_eq!(keep(None, OnDisk::File(new)), FileOutcome::Unchanged);
        assert_eq!(keep(Some(&known), OnDisk::File(old)), FileOutcome::Updated);
        assert_eq!(decide(Some(&killed), OnDisk::File(new), &own, Edits::Keep), FileOutcome::Updated);
        assert_eq!(keep(Some(&known), OnDisk::File(own)), FileOutcome::Edited);
        assert_eq!(keep(None, OnDisk::File(own)), FileOutcome::Edited);
        assert_eq!(decide(Some(&known), OnDisk::File(own), &new, Edits::Overwrite), FileOutcome::Updated);
        assert_eq!(decide(None, OnDisk::File(own), &new, Edits::Overwrite), FileOutcome::Edited);
    }
}
