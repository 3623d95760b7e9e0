//! The plan of a run: its inputs, and the output of each.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::import::{self, Input, Kind, without_extension};
use crate::model::Digest;

/// Why nothing can be converted.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// An argument does not exist.
    #[error("{path} does not exist; check the path")]
    Missing {
        /// The argument.
        path: PathBuf,
    },
    /// A pattern matches no file, or is invalid.
    #[error("{pattern} matches no file; check the pattern")]
    NoMatch {
        /// The argument.
        pattern: String,
    },
    /// A folder cannot be read.
    #[error("{path} cannot be read: {source}; check its permissions")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder contains nothing to convert.
    #[error(
        "{path} contains no HTML file (.html, .htm, .xhtml, .shtml), export or post{holds}; if the files have other extensions, give them as arguments"
    )]
    NoPages {
        /// The folder.
        path: PathBuf,
        /// What it contains instead, as the end of the sentence; empty if it is empty.
        holds: String,
    },
    /// Two inputs have the same output.
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

/// The inputs of a run. Only their number is held, so memory does not grow with it; [`Plan::walk`] finds them again.
pub struct Plan {
    roots: Vec<Root>,
    /// The output folder, which no walk enters.
    except: Option<PathBuf>,
    extension: &'static str,
    count: u64,
}

/// The outputs that already belong to an input.
pub struct OutputNames {
    /// Digests of the case-folded outputs, since some file systems ignore case, each with the number of its owner; 0
    /// stands for a file that a walk finds.
    claimed: HashMap<u64, u32>,
    owners: Vec<String>,
}

/// One argument.
struct Root {
    path: PathBuf,
    is_folder: bool,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
    /// The folder that its references may not leave: the argument if that was a folder, else the file's own folder.
    pub root: PathBuf,
    /// The path of its output relative to the output folder, without extension.
    pub place: PathBuf,
    /// Whether the file itself was an argument.
    pub named: bool,
}

/// One result of a walk.
pub enum Step {
    /// An input.
    File(File),
    /// A file or folder that is skipped, with the reason.
    LeftOut(Cow<'static, str>),
}

impl Plan {
    /// Counts all inputs: files, what patterns match, and folders with their subfolders, sorted by name. Symbolic links
    /// inside folders are not followed. `except` is the output folder, `extension` that of the outputs.
    ///
    /// # Errors
    /// An argument does not exist or cannot be read, or two inputs have the same output.
    pub fn new(
        paths: &[PathBuf],
        except: Option<&Path>,
        extension: &'static str,
    ) -> Result<(Self, OutputNames), PlanError> {
        let except = except.and_then(|folder| folder.canonicalize().ok());
        let mut plan = Self { roots: roots(paths)?, except, extension, count: 0 };
        let mut names = OutputNames { claimed: HashMap::new(), owners: vec![String::new()] };
        for root in 0..plan.roots.len() {
            let before = plan.count;
            let mut clash = None;
            let mut count = before;
            let mut left_out: BTreeMap<Cow<'static, str>, u64> = BTreeMap::new();
            let _ = plan.walk_root(root, &mut |step| {
                let file = match step {
                    Step::File(file) => file,
                    Step::LeftOut(what) => {
                        *left_out.entry(what).or_default() += 1;
                        return ControlFlow::Continue(());
                    }
                };
                let Some(kind) = kind_by_name(&file).or_else(|| kind(&file)) else {
                    if let Some(what) = import::not_read(&file.path) {
                        *left_out.entry(what.into()).or_default() += 1;
                    }
                    return ControlFlow::Continue(());
                };
                count += 1;
                // The outputs of an export are known only once it is read.
                if !kind.is_single() {
                    return ControlFlow::Continue(());
                }
                let output = plan.output(&file.place);
                match names.claimed.entry(folded(&output)) {
                    Entry::Vacant(free) => {
                        free.insert(0);
                        ControlFlow::Continue(())
                    }
                    Entry::Occupied(_) => {
                        clash = Some((file.path, output));
                        ControlFlow::Break(())
                    }
                }
            })?;
            plan.count = count;
            if let Some((second, output)) = clash {
                let first = plan.first_with(&output)?.unwrap_or_default();
                return Err(PlanError::Clash { first, second, output });
            }
            if plan.count == before && plan.roots[root].is_folder {
                let holds: Vec<_> = left_out.iter().take(6).map(|(what, count)| format!("{count} {what}")).collect();
                let holds = if holds.is_empty() { String::new() } else { format!(", but {}", holds.join(", ")) };
                return Err(PlanError::NoPages { path: plan.roots[root].path.clone(), holds });
            }
        }
        Ok((plan, names))
    }

    /// Returns the number of inputs. An export counts as one.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns whether an argument is the file `page` below `root`, ignoring extensions.
    pub fn names_place(&self, root: &Path, page: &Path) -> bool {
        let wanted = root.join(page);
        self.roots.iter().any(|root| !root.is_folder && without_extension(&root.path) == wanted)
    }

    /// Walks all inputs again, in the same order. `Break` ends the walk.
    ///
    /// # Errors
    /// A folder can no longer be read.
    pub fn walk(&self, take: &mut dyn FnMut(Step) -> ControlFlow<()>) -> Result<(), PlanError> {
        for root in 0..self.roots.len() {
            if self.walk_root(root, take)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn output(&self, place: &Path) -> PathBuf {
        with_extension(place, self.extension)
    }

    fn first_with(&self, output: &Path) -> Result<Option<PathBuf>, PlanError> {
        let wanted = folded(output);
        let mut found = None;
        self.walk(&mut |step| {
            if let Step::File(file) = step
                && folded(&self.output(&file.place)) == wanted
                && kind(&file).is_some_and(Kind::is_single)
            {
                found = Some(file.path);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    fn walk_root(
        &self,
        root: usize,
        take: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, PlanError> {
        let Root { path, is_folder } = &self.roots[root];
        if *is_folder {
            return self.walk_folder(path, take);
        }
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let place = without_extension(Path::new(path.file_name().unwrap_or_default()));
        Ok(take(Step::File(File { path: path.clone(), root: folder, place, named: true })))
    }

    fn walk_folder(
        &self,
        root: &Path,
        take: &mut dyn FnMut(Step) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, PlanError> {
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = entries(&folder)?;
            let names = entries.iter().filter_map(|(name, _)| name.to_str());
            if import::folder_kind(&folder, names).is_some() {
                let place = folder.strip_prefix(root).unwrap_or(&folder).to_owned();
                let file = File { path: folder, root: root.to_owned(), place, named: false };
                if take(Step::File(file)).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                continue;
            }
            let mut below = Vec::new();
            for (name, kind) in &entries {
                let path = folder.join(name);
                let step = if kind.is_dir() {
                    match self.why_not_into(&path, name, &entries) {
                        Some(why) => Step::LeftOut(why.into()),
                        None => {
                            below.push(path);
                            continue;
                        }
                    }
                } else if kind.is_symlink() {
                    Step::LeftOut("symbolic link".into())
                } else if kind.is_file() && import::looks_convertible(&path) {
                    // Every path of this walk begins with the root.
                    let place = without_extension(path.strip_prefix(root).unwrap_or(&path));
                    Step::File(File { path, root: root.to_owned(), place, named: false })
                } else if let Some(what) = import::not_read(&path) {
                    Step::LeftOut(what.into())
                } else {
                    continue;
                };
                if take(step).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            folders.extend(below.into_iter().rev());
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Returns why a walk does not enter a folder; None if it does.
    fn why_not_into(
        &self,
        path: &Path,
        name: &OsString,
        beside: &[(OsString, std::fs::FileType)],
    ) -> Option<&'static str> {
        if self.except.is_some() && path.canonicalize().ok() == self.except {
            return Some("the output folder");
        }
        let is_page = |name: &OsString| import::is_page_name(&name.to_string_lossy());
        let is_companion = import::is_companion(&name.to_string_lossy());
        (is_companion && beside.iter().any(|(name, kind)| kind.is_file() && is_page(name)))
            .then_some("folder that belongs to a saved page")
    }
}

/// Returns the entries of a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<(OsString, std::fs::FileType)>, PlanError> {
    let unreadable = |source| PlanError::Unreadable { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        entries.push((entry.file_name(), entry.file_type().map_err(unreadable)?));
    }
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}

impl OutputNames {
    /// Claims an output for an item of the export `owner`. `Err` names the input that already has it.
    pub fn claim(&mut self, plan: &Plan, output: &Path, owner: &str) -> Result<(), String> {
        if self.owners.last().is_none_or(|last| last != owner) {
            self.owners.push(owner.to_owned());
        }
        let nth = u32::try_from(self.owners.len() - 1).unwrap_or(u32::MAX);
        match self.claimed.entry(folded(output)) {
            Entry::Vacant(free) => {
                free.insert(nth);
                Ok(())
            }
            Entry::Occupied(known) => {
                let nth = *known.get() as usize;
                let file = || plan.first_with(output).ok().flatten().map(|path| path.display().to_string());
                match self.owners.get(nth).filter(|owner| !owner.is_empty()) {
                    Some(owner) => Err(owner.clone()),
                    None => Err(file().unwrap_or_else(|| "another input".to_owned())),
                }
            }
        }
    }
}

/// Returns the arguments that exist, with patterns expanded.
fn roots(paths: &[PathBuf]) -> Result<Vec<Root>, PlanError> {
    let mut roots = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(about) => roots.push(Root { path: path.clone(), is_folder: about.is_dir() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
                let Some(pattern) = pattern else { return Err(PlanError::Missing { path: path.clone() }) };
                let before = roots.len();
                let fits = glob::glob(pattern).ok().into_iter().flatten().filter_map(Result::ok);
                roots.extend(fits.map(|path| Root { is_folder: path.is_dir(), path }));
                if roots.len() == before {
                    return Err(PlanError::NoMatch { pattern: pattern.to_owned() });
                }
            }
            Err(source) => return Err(PlanError::Unreadable { path: path.clone(), source }),
        }
    }
    Ok(roots)
}

/// Returns the kind of a file that is a page by its name, without opening it; None for others.
fn kind_by_name(file: &File) -> Option<Kind> {
    import::is_page_name(&file.path.to_string_lossy()).then_some(Kind::Page)
}

/// Returns the kind of a file; None if it is not converted. A file that cannot be read has the kind that its name
/// suggests, so that the failure is reported.
pub(super) fn kind(file: &File) -> Option<Kind> {
    match Input::file(&file.path).start() {
        Ok(start) if file.named && !import::is_web_archive_name(&file.path) => {
            Some(import::named_kind(&file.path, &start).unwrap_or(Kind::Page))
        }
        Ok(start) => {
            let exists = |path: &str| Path::new(path).exists();
            let is_repeated = import::is_repeated(&file.path.to_string_lossy(), &exists);
            import::kind_of(&file.path, &start).filter(|_| !is_repeated)
        }
        Err(_) if import::is_web_archive_name(&file.path) => Some(Kind::Warc),
        Err(_) if file.named => Some(Kind::Page),
        // A walk takes a folder only as an export.
        Err(import::ImportError::NotAFile { .. }) => {
            let entries = entries(&file.path).unwrap_or_default();
            import::folder_kind(&file.path, entries.iter().filter_map(|(name, _)| name.to_str()))
        }
        Err(_) => kind_by_name(file),
    }
}

/// Appends an extension to a path; dots in the path are part of its name.
pub(super) fn with_extension(place: &Path, extension: &str) -> PathBuf {
    let mut output = place.as_os_str().to_owned();
    output.push(".");
    output.push(extension);
    PathBuf::from(output)
}

fn folded(output: &Path) -> u64 {
    let bytes = match output.to_str() {
        Some(text) => text.to_lowercase().into_bytes(),
        None => output.as_os_str().as_encoded_bytes().to_vec(),
    };
    u64::from_str_radix(&Digest::of(&bytes).hex()[..16], 16).unwrap_or_default()
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

    fn plan(paths: &[PathBuf], except: Option<&Path>) -> Result<Vec<String>, PlanError> {
        let (plan, _) = Plan::new(paths, except, "md")?;
        let mut outputs = Vec::new();
        plan.walk(&mut |step| {
            if let Step::File(file) = step
                && kind(&file).is_some()
            {
                outputs.push(with_extension(&file.place, "md").display().to_string());
            }
            ControlFlow::Continue(())
        })?;
        assert_eq!(plan.count(), outputs.len() as u64);
        Ok(outputs)
    }

    #[test]
    fn a_folder_is_mirrored_in_the_order_of_names() {
        let dir = tree(&["b/二.html", "b/1.HTM", "a.html", "b/c/x.png", "z.md", "b/v1.2"]);
        assert_eq!(plan(&[dir.path().to_owned()], None).unwrap(), ["a.md", "b/1.md", "b/v1.2.md", "b/二.md"]);
    }

    #[test]
    fn files_land_at_the_top_and_patterns_are_files() {
        let dir = tree(&["b/page.html", "b/other.html"]);
        assert_eq!(plan(&[dir.path().join("b/page.html")], None).unwrap(), ["page.md"]);
        assert_eq!(plan(&[dir.path().join("b/*.html")], None).unwrap(), ["other.md", "page.md"]);
        assert!(matches!(plan(&[dir.path().join("b/*.htm")], None), Err(PlanError::NoMatch { .. })));
    }

    #[test]
    fn two_inputs_for_one_output_are_both_named() {
        let dir = tree(&["a/page.html", "b/Page.htm"]);
        let error = plan(&[dir.path().join("a"), dir.path().join("b")], None).unwrap_err().to_string();
        assert!(error.contains("a/page.html and ") && error.contains("b/Page.htm would both become"), "{error}");
    }

    #[test]
    fn an_empty_folder_and_a_missing_path_are_distinguished() {
        let dir = tree(&["a/x.css", "a/x.md"]);
        assert!(matches!(plan(&[dir.path().to_owned()], None), Err(PlanError::NoPages { .. })));
        assert!(matches!(plan(&[dir.path().join("b")], None), Err(PlanError::Missing { .. })));
    }

    #[test]
    fn the_output_and_the_folders_of_saved_pages_are_no_input() {
        let dir = tree(&["a.html", "out/b.html", "a_files/frame.html", "other_files/c.html", "d/e_files/f.html"]);
        let outputs = plan(&[dir.path().to_owned()], Some(&dir.path().join("out"))).unwrap();
        assert_eq!(outputs, ["a.md", "d/e_files/f.md"], "a folder beside no page belongs to none");
    }
}
