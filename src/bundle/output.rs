//! Where a bundle is written to: a file, complete or absent, or a stream.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::archive::folders;

use super::{BundleError, is_standard_output};

/// Returns whether a target is a stream: standard output, a pipe or a device.
fn is_stream(target: &Path) -> bool {
    // `/dev/stdout` is a link, which must not be replaced, even if it leads to a file.
    let is_descriptor = || target.starts_with("/dev") && target.is_symlink();
    let is_special = || target.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    is_standard_output(target) || is_descriptor() || is_special()
}

/// Opens a stream.
fn stream(target: &Path) -> io::Result<Box<dyn Write>> {
    match is_standard_output(target) {
        true => Ok(Box::new(io::stdout())),
        false => Ok(Box::new(fs::OpenOptions::new().write(true).open(target)?)),
    }
}

/// Creates a temporary file without a name: on the disk of the bundle `target`, or where the system keeps such files.
pub(super) fn unnamed_file(target: &Path) -> io::Result<File> {
    match is_stream(target) {
        true => tempfile::tempfile(),
        false => tempfile::tempfile_in(folders::folder_of(target)),
    }
}

/// The target of a file that is being written: renamed at the end and removed on failure, or copied to a stream.
pub(super) struct Staging {
    target: PathBuf,
    /// The staging file; None for a stream.
    path: Option<TempPath>,
}

impl Staging {
    /// Creates the file.
    pub fn create(target: &Path) -> io::Result<(File, Self)> {
        let target = target.to_owned();
        if is_stream(&target) {
            return Ok((unnamed_file(&target)?, Self { target, path: None }));
        }
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = target.with_file_name(format!(".bindery-{name}.tmp"));
        let file = File::create(&path)?;
        Ok((file, Self { target, path: Some(TempPath::try_from_path(path)?) }))
    }

    /// Completes the file.
    pub fn finish(self, mut file: File) -> io::Result<()> {
        let Some(path) = self.path else {
            file.rewind()?;
            let mut stream = stream(&self.target)?;
            io::copy(&mut file, &mut stream)?;
            return stream.flush();
        };
        file.sync_all()?;
        path.persist(&self.target).map_err(|error| error.error)?;
        folders::flush(folders::folder_of(&self.target))
    }
}

/// A bundle of text. A stream is written to directly.
pub(super) struct Output {
    target: PathBuf,
    sink: Sink,
}

enum Sink {
    File(BufWriter<File>, Staging),
    Stream(BufWriter<Box<dyn Write>>),
}

impl Output {
    /// Creates the file, or opens the stream.
    pub fn create(target: &Path) -> Result<Self, BundleError> {
        let open = || match is_stream(target) {
            true => Ok(Sink::Stream(BufWriter::new(stream(target)?))),
            false => Staging::create(target).map(|(file, staging)| Sink::File(BufWriter::new(file), staging)),
        };
        let sink = open().map_err(|error| BundleError::io("write", target, error))?;
        Ok(Self { target: target.to_owned(), sink })
    }

    /// Writes text.
    pub fn write(&mut self, text: &str) -> Result<(), BundleError> {
        let out: &mut dyn Write = match &mut self.sink {
            Sink::File(file, _) => file,
            Sink::Stream(stream) => stream,
        };
        out.write_all(text.as_bytes()).map_err(|error| BundleError::io("write", &self.target, error))
    }

    /// Completes the file.
    pub fn finish(self) -> Result<(), BundleError> {
        let finished = match self.sink {
            Sink::File(file, staging) => {
                file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| staging.finish(file))
            }
            Sink::Stream(mut stream) => stream.flush(),
        };
        finished.map_err(|error| BundleError::io("write", &self.target, error))
    }
}
