//! Produces the tasks of a run: the inputs of a plan and the items of exports, in order.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::import::{
    self, DiskFiles, Input, Item, ItemContent, Kind, PageLocation, Report, WebArchives, without_extension,
};
use crate::model::{Digest, Failure, FailureKind, PageDate, Stage};

use super::event::Event;
use super::job::{Job, Links, Work};
use super::link_map;
use super::mark::Mark;
use super::parallel::Queue;
use super::plan::{File, OutputNames, Plan, PlanError, Step, kind, with_extension};
use super::site_links::SiteForm;
use super::write::input_failure;

/// How deep archives inside archives are read.
const MAX_DEPTH: usize = 3;

/// A part of the inputs, for concurrent runs into one output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part, from 1.
    pub part: u64,
    /// The number of parts.
    pub of: u64,
}

impl Shard {
    fn has(self, place: &Path) -> bool {
        let digest = Digest::of(place.as_os_str().as_encoded_bytes()).hex();
        u64::from_str_radix(&digest[..15], 16).unwrap_or_default() % self.of == self.part - 1
    }
}

/// Returns whether an output, given relative to the output folder, is in a report.
pub type IsReported<'a> = &'a (dyn Fn(&Path) -> bool + Sync);

/// A task for a worker.
pub(super) enum Task {
    /// An event to be reported in its place.
    Report(Event),
    /// An item to be converted.
    Convert(Box<Job>),
}

/// Produces the tasks of a run.
pub(super) struct Producer<'a> {
    pub plan: Arc<Plan>,
    pub outputs: OutputNames,
    /// The folder in which outputs that are up to date are skipped; None to convert all.
    pub skip_in: Option<&'a Path>,
    /// The key of the options, for marks.
    pub options: String,
    pub extension: &'static str,
    pub shard: Option<Shard>,
    /// The outputs to make, by [`link_map::number`]; None for all.
    pub only: Option<HashSet<u64>>,
    pub queue: &'a Queue<Task>,
    /// The last root and the files below it.
    pub files: Option<(PathBuf, Arc<DiskFiles>)>,
    /// The form of the site generator that the outputs are for; None for any other profile.
    pub form: Option<&'a SiteForm>,
    /// The WARC and ARC files of the plan, once the first of them was met.
    pub web_archives: Option<Arc<WebArchives>>,
    /// Returns the WARC and ARC files of the plan and their places, once the first of them was met.
    pub warc_files: Option<Arc<[(PathBuf, PathBuf)]>>,
    /// Whether an output is in the report that this run continues; None without such a report.
    pub is_reported: Option<IsReported<'a>>,
}

impl Producer<'_> {
    /// Pushes all tasks.
    pub fn all(mut self) -> Result<(), PlanError> {
        let plan = Arc::clone(&self.plan);
        plan.walk(&mut |step| match step {
            Step::LeftOut(_) if self.shard.is_some_and(|shard| shard.part > 1) => ControlFlow::Continue(()),
            Step::LeftOut(why) => self.report(Event::LeftOut { why: why.into_owned() }),
            Step::File(file) => self.file(&file),
        })
    }

    fn report(&self, event: Event) -> ControlFlow<()> {
        self.queue.push(Task::Report(event), 0)
    }

    fn file(&mut self, file: &File) -> ControlFlow<()> {
        let Some(kind) = kind(file) else {
            return match import::not_read(&file.path) {
                Some(why) if self.shard.is_none_or(|shard| shard.part == 1) => self.report(Event::LeftOut { why }),
                _ => ControlFlow::Continue(()),
            };
        };
        let input = Input::file(&file.path);
        let mark = Mark::of(&file.path, &self.options);
        let state = mark.map(|mark| (file.path.clone(), mark));
        if !kind.is_single() {
            return self.export(&input, kind, file, state.as_ref());
        }
        let (root, files) = (&file.root, self.files_below(&file.root));
        let page = file.path.strip_prefix(root).unwrap_or(&file.path).to_string_lossy().replace('\\', "/");
        let links = match file.named {
            true => Links::Named(Arc::clone(&self.plan), file.root.clone()),
            false => Links::All,
        };
        let size = std::fs::metadata(&file.path).map_or(0, |about| about.len());
        let job = Job {
            source: file.path.display().to_string(),
            prefix: PathBuf::new(),
            place: file.place.clone(),
            named: None,
            what: Work::Open(input, kind, Some(PageLocation { files, page }), links),
            input: state,
        };
        self.push(job, self.extension_of(kind), size, self.shard)
    }

    /// Returns the files below a root; consecutive inputs share them.
    fn files_below(&mut self, root: &Path) -> Arc<DiskFiles> {
        match &self.files {
            Some((known, files)) if known == root => Arc::clone(files),
            _ => {
                let files = Arc::new(DiskFiles::new(root, import::IMAGE_CAP));
                self.files = Some((root.to_owned(), Arc::clone(&files)));
                files
            }
        }
    }

    /// Returns the extension of the output of an input.
    fn extension_of(&self, kind: Kind) -> &'static str {
        if kind.is_list() { "jsonl" } else { self.extension }
    }

    /// Pushes a job, unless it belongs to another shard or its output is up to date.
    fn push(&self, job: Job, extension: &str, size: u64, shard: Option<Shard>) -> ControlFlow<()> {
        let is_unwanted = self.only.as_ref().is_some_and(|only| !only.contains(&link_map::number(&job.place)));
        if is_unwanted || shard.is_some_and(|shard| !shard.has(&job.place)) {
            return ControlFlow::Continue(());
        }
        let output = with_extension(&job.place, extension);
        if let (Some(folder), Some((_, mark))) = (self.skip_in, &job.input)
            && mark.is_on(&folder.join(&output))
            && self.is_reported.is_none_or(|is_reported| is_reported(&output))
        {
            return self.report(Event::Unchanged { source: job.source, output });
        }
        self.queue.push(Task::Convert(Box::new(job)), size)
    }

    fn export(&mut self, input: &Input, kind: Kind, file: &File, state: Option<&(PathBuf, Mark)>) -> ControlFlow<()> {
        // The items of an archive that was named go directly into the output folder, as those of a named folder do.
        let top = if file.named { PathBuf::new() } else { file.place.clone() };
        // Of several web archives, a shard reads its own only. The items of any other export are divided.
        let is_whole = kind == Kind::Warc && self.shard.is_some() && self.warc_files(&file.path).len() > 1;
        if is_whole && self.shard.is_some_and(|shard| !shard.has(&file.place)) {
            return ControlFlow::Continue(());
        }
        let shard = self.shard.filter(|_| !is_whole);
        self.items(Export { input, kind, place: &file.place, top: &top, state, shard, depth: 0 })
    }

    fn items(&mut self, export: Export<'_>) -> ControlFlow<()> {
        let (mut flow, mut count) = (ControlFlow::Continue(()), 0u64);
        let together = export.input.path().filter(|_| export.kind == Kind::Warc).and_then(|path| {
            let archives = self.web_archives(path);
            Some((archives.position(path)?, archives))
        });
        let mut sink = |item| {
            count += 1;
            flow = self.item(item, &export);
            flow
        };
        let opened = match together {
            Some((nth, archives)) => archives.read(nth, &mut sink),
            None => import::open(export.input, export.kind, None, &mut sink),
        };
        if flow.is_break() {
            return flow;
        }
        let source = export.input.name().to_owned();
        if self.shard.is_some_and(|shard| !shard.has(export.place)) {
            return ControlFlow::Continue(());
        }
        match opened {
            Ok(report) => {
                let cut = report.cut.clone();
                let nothing = (count == 0 && cut.is_none()).then(|| nothing_in(export.kind, &report));
                if report != Report::default() {
                    self.report(Event::Report { source: source.clone(), kind: export.kind, report })?;
                }
                if let Some(nothing) = nothing {
                    return self.report(failed(&source, FailureKind::Nothing, &nothing));
                }
                match cut {
                    Some(cut) => self.report(failed(&source, FailureKind::Cut, &cut)),
                    None => ControlFlow::Continue(()),
                }
            }
            Err(error) => self.report(Event::Failed { source, failure: input_failure(&error) }),
        }
    }

    /// Returns the WARC and ARC files of the plan that this run reads, which are read together, `met` among them.
    fn web_archives(&mut self, met: &Path) -> Arc<WebArchives> {
        if let Some(archives) = &self.web_archives {
            return Arc::clone(archives);
        }
        let files = self.warc_files(met);
        let shard = self.shard.filter(|_| files.len() > 1);
        let own = files.iter().filter(|(_, place)| shard.is_none_or(|shard| shard.has(place)));
        let archives = WebArchives::index(own.map(|(path, _)| Input::file(path)).collect());
        self.web_archives = Some(Arc::clone(&archives));
        archives
    }

    /// The WARC and ARC files of the plan and their places, `met` among them.
    fn warc_files(&mut self, met: &Path) -> Arc<[(PathBuf, PathBuf)]> {
        if let Some(files) = &self.warc_files {
            return Arc::clone(files);
        }
        let (mut files, mut known) = (vec![], HashSet::new());
        // What cannot be walked is reported by the run itself.
        let _ = self.plan.walk(&mut |step| {
            if let Step::File(file) = step
                && (file.path == met || import::is_web_archive_name(&file.path))
                && kind(&file) == Some(Kind::Warc)
                && known.insert(file.path.clone())
            {
                files.push((file.path, file.place));
            }
            ControlFlow::Continue(())
        });
        let files: Arc<[_]> = files.into();
        self.warc_files = Some(Arc::clone(&files));
        files
    }

    fn item(&mut self, item: Item, export: &Export<'_>) -> ControlFlow<()> {
        let is_member = matches!(item.content, ItemContent::File(..) | ItemContent::Broken(_))
            && matches!(export.kind, Kind::Zip | Kind::Tar);
        let prefix = if is_member { export.top.to_owned() } else { export.place.to_owned() };
        let name = if is_member { without_extension(&item.name) } else { item.name.clone() };
        let (place, named) = match self.dated(&item, &prefix, export.kind) {
            Some(place) => (place, Some(prefix.join(name))),
            None => (prefix.join(name), None),
        };
        let source = format!("{}/{}", export.input.name(), item.name.display());
        if let ItemContent::File(input, kind, _) = &item.content
            && !kind.is_single()
        {
            if export.depth + 1 >= MAX_DEPTH {
                return self.report(failed(
                    &source,
                    FailureKind::Nested,
                    "it is inside too many archives; unpack the outermost",
                ));
            }
            let (input, kind) = (input.clone(), *kind);
            let inner = Export { input: &input, kind, place: &place, top: &place, depth: export.depth + 1, ..*export };
            return self.items(inner);
        }
        let (what, extension, size) = match item.content {
            ItemContent::File(input, kind, lies) => {
                let size = input.length();
                (Work::Open(input, kind, Some(lies), Links::All), self.extension_of(kind), size.unwrap_or(0))
            }
            ItemContent::Page(ref raw) | ItemContent::Post(ref raw) | ItemContent::Body(ref raw, _) => {
                let size = raw.body.len() as u64;
                (Work::Item(Box::new(item)), self.extension, size)
            }
            _ => (Work::Item(Box::new(item)), self.extension, 0),
        };
        let output = with_extension(&place, extension);
        if let Err(other) = self.outputs.claim(&self.plan, &output, export.input.name()) {
            let why = format!("{other} would become {} too; convert them into different folders", output.display());
            return self.report(failed(&source, FailureKind::Clash, &why));
        }
        let job = Job { source, prefix, place, named, what, input: export.state.cloned() };
        self.push(job, extension, size, export.shard)
    }

    /// Returns the place of a dated post where the generator wants the date in it.
    fn dated(&self, item: &Item, prefix: &Path, kind: Kind) -> Option<PathBuf> {
        let form = self.form?;
        let ItemContent::Body(_, info) = &item.content else { return None };
        let has_posts = matches!(kind, Kind::Wxr | Kind::Feed | Kind::Ghost | Kind::Enex | Kind::Wallabag);
        if !has_posts || !info.metadata.publication.is_public() {
            return None;
        }
        let day = match info.metadata.published.as_ref()?.value {
            PageDate::Day(day) => day,
            PageDate::Time { local, .. } => local.date(),
        };
        form.dated(prefix, &item.name, day)
    }
}

/// Returns the message for an export without articles: what it contains instead.
fn nothing_in(kind: Kind, report: &Report) -> String {
    let counts = || report.left_out.iter().take(8).map(|(what, count)| format!("{count} {what}"));
    let what = if report.left_out.is_empty() { "nothing".to_owned() } else { counts().collect::<Vec<_>>().join(", ") };
    format!(
        "this {} contains nothing that bindery reads, but {what}; `bindery convert --list-kinds` lists what it reads",
        kind.as_str()
    )
}

/// An export that is being read.
#[derive(Clone, Copy)]
struct Export<'a> {
    input: &'a Input,
    kind: Kind,
    /// Its path relative to the output folder.
    place: &'a Path,
    /// The folder for its members that are files.
    top: &'a Path,
    state: Option<&'a (PathBuf, Mark)>,
    /// The part of its items that are converted; None for all.
    shard: Option<Shard>,
    depth: usize,
}

fn failed(source: &str, kind: FailureKind, why: &str) -> Event {
    let failure = Failure::new(Stage::Input, kind, format!("{source}: {why}"));
    Event::Failed { source: source.to_owned(), failure }
}
