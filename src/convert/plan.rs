//! What is converted, and where each output goes.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Format;
use crate::import;

/// How much of a text file is looked at to see whether it is a post, in bytes.
const POST_START: u64 = 64 << 10;

/// One input and its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The HTML file.
    pub source: PathBuf,
    /// The folder that its images must lie in: the argument that was a folder, else the file's own.
    pub root: PathBuf,
    /// Where its output goes, below the output folder.
    pub output: PathBuf,
}

/// Why nothing can be converted.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// An argument that is not there.
    #[error("{path} does not exist; check the path")]
    Missing {
        /// The argument.
        path: PathBuf,
    },
    /// A folder that cannot be read.
    #[error("{path} cannot be read: {source}; check its permissions")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A folder without pages.
    #[error(
        "{path} holds no HTML file (.html, .htm, .xhtml, .shtml) and no post with a body of HTML; name the files themselves if they are called otherwise"
    )]
    NoPages {
        /// The folder.
        path: PathBuf,
    },
    /// Two inputs for one output.
    #[error("{first} and {second} would both become {output}; convert them into different folders")]
    Clash {
        /// The first input.
        first: PathBuf,
        /// The second input.
        second: PathBuf,
        /// The output of both.
        output: PathBuf,
    },
}

/// Finds the pages under the arguments: files as they are named, folders walked whole in the order of their names.
/// Symbolic links inside folders are not followed. Outputs that differ only in case clash too.
pub fn plan(paths: &[PathBuf], format: Format) -> Result<Vec<Job>, PlanError> {
    let mut jobs = Vec::new();
    for path in paths {
        let unreadable = |source| PlanError::Unreadable { path: path.clone(), source };
        let about = match std::fs::metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(PlanError::Missing { path: path.clone() });
            }
            Err(error) => return Err(unreadable(error)),
        };
        if about.is_dir() {
            let before = jobs.len();
            walk(path, format, &mut jobs)?;
            if jobs.len() == before {
                return Err(PlanError::NoPages { path: path.clone() });
            }
        } else {
            let root = path.parent().map_or_else(PathBuf::new, Path::to_owned);
            let output = PathBuf::from(path.file_name().unwrap_or_default()).with_extension(format.extension());
            jobs.push(Job { source: path.clone(), root, output });
        }
    }
    refuse_clashes(&jobs)?;
    Ok(jobs)
}

fn walk(root: &Path, format: Format, jobs: &mut Vec<Job>) -> Result<(), PlanError> {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |source| PlanError::Unreadable { path: folder.clone(), source };
        let mut entries =
            std::fs::read_dir(&folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let mut below = Vec::new();
        for entry in entries {
            let kind = entry.file_type().map_err(unreadable)?;
            let path = entry.path();
            if kind.is_dir() {
                below.push(path);
            } else if kind.is_file() && (is_page(&path) || is_post(&path)) {
                // What the walk found under the root is under the root.
                let inside = path.strip_prefix(root).unwrap_or(&path);
                let output = inside.with_extension(format.extension());
                jobs.push(Job { source: path, root: root.to_owned(), output });
            }
        }
        folders.extend(below.into_iter().rev());
    }
    Ok(())
}

fn is_page(path: &Path) -> bool {
    let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    ["html", "htm", "xhtml", "shtml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Whether a text file begins as a post does and its body as HTML does. Only its start is read: a folder may hold many.
fn is_post(path: &Path) -> bool {
    let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    if !["md", "markdown", "txt"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return false;
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(POST_START).read_to_end(&mut start));
    // A cut through a character leaves bytes that are none.
    let whole = start.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    read.is_ok() && import::post(&start[..whole]).is_some_and(|post| post.body.trim_start().starts_with('<'))
}

fn refuse_clashes(jobs: &[Job]) -> Result<(), PlanError> {
    let mut taken: BTreeMap<String, &Job> = BTreeMap::new();
    for job in jobs {
        let folded = job.output.to_string_lossy().to_lowercase();
        if let Some(first) = taken.insert(folded, job) {
            return Err(PlanError::Clash {
                first: first.source.clone(),
                second: job.source.clone(),
                output: job.output.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "<p>x").unwrap();
        }
        dir
    }

    #[test]
    fn a_folder_is_mirrored_in_the_order_of_names() {
        let dir = tree(&["b/二.html", "b/1.HTM", "a.html", "b/c/x.png", "z.txt"]);
        let jobs = plan(&[dir.path().to_owned()], Format::Markdown).unwrap();
        let outputs: Vec<_> = jobs.iter().map(|job| job.output.to_str().unwrap()).collect();
        assert_eq!(outputs, ["a.md", "b/1.md", "b/二.md"]);
        assert!(jobs.iter().all(|job| job.root == dir.path()));
    }

    #[test]
    fn a_file_lands_at_the_top() {
        let dir = tree(&["b/page.html"]);
        let jobs = plan(&[dir.path().join("b/page.html")], Format::Text).unwrap();
        assert_eq!(jobs[0].output, Path::new("page.txt"));
    }

    #[test]
    fn two_inputs_for_one_output_are_both_named() {
        let dir = tree(&["a/page.html", "b/Page.htm"]);
        let error = plan(&[dir.path().join("a"), dir.path().join("b")], Format::Markdown).unwrap_err().to_string();
        assert!(error.contains("a/page.html and ") && error.contains("b/Page.htm would both become"), "{error}");
    }

    #[test]
    fn an_empty_folder_and_a_missing_path_are_told_apart() {
        let dir = tree(&["a/x.txt"]);
        assert!(matches!(plan(&[dir.path().to_owned()], Format::Markdown), Err(PlanError::NoPages { .. })));
        assert!(matches!(plan(&[dir.path().join("b")], Format::Markdown), Err(PlanError::Missing { .. })));
    }
}
