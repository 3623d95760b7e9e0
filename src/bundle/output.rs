//! A bundle that is one file of text: complete or absent.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::BundleError;

/// A file that is renamed at the end and removed on failure. A device or a pipe is written to directly.
pub(super) struct Output {
    file: BufWriter<File>,
    target: PathBuf,
    /// The staging file; None for a device or a pipe.
    staging: Option<TempPath>,
}

impl Output {
    /// Creates the file.
    pub fn create(target: &Path) -> Result<Self, BundleError> {
        Self::open(target).map_err(|error| BundleError::io("write", target, error))
    }

    fn open(target: &Path) -> io::Result<Self> {
        let target = target.to_owned();
        if target.metadata().is_ok_and(|meta| !meta.is_file()) {
            let file = BufWriter::new(fs::OpenOptions::new().write(true).open(&target)?);
            return Ok(Self { file, target, staging: None });
        }
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let staging = target.with_file_name(format!(".bindery-{name}.tmp"));
        let file = BufWriter::new(File::create(&staging)?);
        Ok(Self { file, target, staging: Some(TempPath::try_from_path(staging)?) })
    }

    /// Writes text.
    pub fn write(&mut self, text: &str) -> Result<(), BundleError> {
        self.file.write_all(text.as_bytes()).map_err(|error| BundleError::io("write", &self.target, error))
    }

    /// Completes the file.
    pub fn finish(self) -> Result<(), BundleError> {
        let Self { file, target, staging } = self;
        let finish = || {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let Some(staging) = staging else { return Ok(()) };
            file.sync_all()?;
            staging.persist(&target).map_err(|error| error.error)
        };
        finish().map_err(|error| BundleError::io("write", &target, error))
    }
}
