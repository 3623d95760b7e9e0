//! A run over many inputs: all cores at work, results in order.

use std::collections::HashSet;
use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::extract;
use crate::import::{self, Item, ItemContent, Kind, Report, Resources};
use crate::model::{Article, Failure, ImageMap, Loss, LossKind, Stage};

use super::mark::Mark;
use super::plan::{Taken, with_extension};
use super::produce::{Among, Job, Links, Producer, Shard, Task, Work};
use super::ways::Ways;
use super::write::{self, input_failure};
use super::{Converted, Options, Plan, PlanError, images, links, parallel, place};

/// What a run is to do.
pub struct Run<'a> {
    /// Files, folders, patterns.
    pub paths: &'a [PathBuf],
    /// Where everything is written.
    pub folder: &'a Path,
    /// How to convert.
    pub options: &'a Options,
    /// How many workers there are; None for one a core.
    pub threads: Option<NonZero<usize>>,
    /// Also make again what was made from the same input in the same way.
    pub force: bool,
    /// The part of the inputs that is this run's; None for all.
    pub shard: Option<Shard>,
}

/// What happens in a run, in the order of the inputs.
#[derive(Debug)]
pub enum Event {
    /// How many inputs there are; comes first.
    Begin {
        /// Inputs; an export is one.
        inputs: u64,
    },
    /// An output was written.
    Converted {
        /// What it was made from.
        source: String,
        /// The output, below the output folder.
        output: PathBuf,
        /// How it went; the text itself is on disk only.
        converted: Box<Converted>,
    },
    /// An output is there already, made from the same input in the same way.
    Unchanged {
        /// What it was made from.
        source: String,
        /// The output, below the output folder.
        output: PathBuf,
    },
    /// Something could not be converted.
    Failed {
        /// Which.
        source: String,
        /// Why.
        failure: Failure,
    },
    /// An export was read, and not everything in it became something.
    Report {
        /// The export.
        source: String,
        /// What it is.
        kind: Kind,
        /// What was left out and lost.
        report: Report,
    },
    /// Something beside the inputs was passed over.
    LeftOut {
        /// What, and so why.
        why: String,
    },
}

/// Why a run ends before its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing can be converted.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The system gives no threads.
    #[error("no worker can be started: {0}; close other programs")]
    Threads(io::Error),
}

/// Converts everything, and tells of each thing as soon as it and all before it are done. `Break` ends the run; what was
/// written until then is whole, and another run goes on from there.
///
/// ```
/// use std::ops::ControlFlow;
/// use bindery::convert::{Event, Options, Run, run};
/// use bindery::frontmatter::Profile;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("旧文.md"), "---\ntitle: 旧文\n---\n<p>旧的<b>正文</b>。</p>")?;
/// let (paths, output) = ([folder.path().join("旧文.md")], folder.path().join("out"));
/// let options = Options::new(Profile::default());
/// let plan = Run { paths: &paths, folder: &output, options: &options, threads: None, force: false, shard: None };
/// run(&plan, &mut |event| {
///     assert!(!matches!(event, Event::Failed { .. }));
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(std::fs::read_to_string(output.join("旧文.md"))?, "---\ntitle: 旧文\n---\n旧的**正文**。\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(run: &Run<'_>, tell: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<(), RunError> {
    let extension = run.options.format.extension();
    let (plan, taken) = Plan::new(run.paths, Some(run.folder), extension)?;
    if tell(Event::Begin { inputs: plan.count() }).is_break() {
        return Ok(());
    }
    let plan = Arc::new(plan);
    let words = words(run.options);
    let shelf = place::Shelf::of(run.shard.map(|shard| shard.part));
    let threads = run.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let once = |taken: Taken,
                only: Option<HashSet<u64>>,
                ways: &Ways,
                tell: &mut dyn FnMut(Event) -> ControlFlow<()>| {
        let produce = |gate: &parallel::Gate<Task>| {
            let skip_in = (!run.force && only.is_none()).then_some(run.folder);
            let (plan, options) = (Arc::clone(&plan), words.clone());
            Producer { plan, taken, skip_in, options, extension, shard: run.shard, only, gate, files: None }.all()
        };
        let work = |task: Task, _: usize| match task {
            Task::Tell(event) => event,
            Task::Convert(job) => {
                Desk { folder: run.folder, options: run.options, words: &words, shelf: &shelf, ways }.event(*job)
            }
        };
        parallel::ordered(threads, produce, work, panicked, tell).map_err(RunError::Threads)?.map_err(RunError::Plan)
    };
    let ways = Ways::of(&plan, threads).map_err(RunError::Threads)?;
    let mut ended = ControlFlow::Continue(());
    once(taken, None, &ways, &mut |event| {
        ended = tell(event);
        ended
    })?;
    let Some((only, ways)) = ways.mended().filter(|_| ended.is_continue()) else { return Ok(()) };
    // Links to what came to nothing stay what they were. All else was told already.
    let (_, taken) = Plan::new(run.paths, Some(run.folder), extension)?;
    once(taken, Some(only), &ways, &mut |event| match event {
        Event::Failed { .. } => tell(event),
        _ => ControlFlow::Continue(()),
    })
}

/// Everything that decides what is made of an input.
fn words(options: &Options) -> String {
    let Options { extract, profile, format, url, remote } = options;
    let extract::Options { fragment, comments, trace: _, model } = extract;
    format!("{fragment} {comments} {model:?} {profile:?} {format:?} {url:?} {}", remote.is_some())
}

pub(super) fn panicked(why: String) -> Event {
    let message =
        format!("a page brought the program out of step ({why}); please report it with the page before this one");
    let failure = Failure { stage: Stage::Extract, kind: "panic".to_owned(), message };
    Event::Failed { source: "a page".to_owned(), failure }
}

/// Where one worker works.
struct Desk<'a> {
    folder: &'a Path,
    options: &'a Options,
    words: &'a str,
    shelf: &'a place::Shelf,
    ways: &'a Ways,
}

impl Desk<'_> {
    fn event(&self, job: Job) -> Event {
        let (source, place) = (job.source.clone(), job.place.clone());
        match self.convert(job) {
            Ok((output, converted)) => Event::Converted { source, output, converted: Box::new(converted) },
            Err(failure) => {
                // An earlier run may have made something of it.
                if !self.folder.join(with_extension(&place, self.options.format.extension())).exists() {
                    self.ways.failed(&place);
                }
                Event::Failed { source, failure }
            }
        }
    }

    fn convert(&self, job: Job) -> Result<(PathBuf, Converted), Failure> {
        let Job { prefix, place, what, input, .. } = job;
        let item = urled(opened(what)?, self.options);
        let around = Arc::clone(&item.resources);
        let extension = self.options.format.extension();
        let output = with_extension(&place, extension);
        let mut settle = |article: &mut Article| {
            links::rewrite(&mut article.content, &*around, &place, &prefix, extension, self.ways);
            self.images(article, &*around, &output)
        };
        let mut converted = write::item(item, self.options, &mut settle)?;
        let output = if converted.is_list { with_extension(&place, "jsonl") } else { output };
        let state = input.and_then(|(path, mark)| (Mark::of(&path, self.words) == Some(mark)).then_some(mark));
        let text = std::mem::take(&mut converted.text);
        let time = state.map(Mark::time);
        place::file(&self.folder.join(&output), text.as_bytes(), time)
            .map_err(|error| write_failure(&output, &error))?;
        Ok((output, converted))
    }

    fn images(&self, article: &Article, around: &dyn Resources, output: &Path) -> Result<ImageMap, Failure> {
        let (had, _) = images::gather(article, around, self.options.remote.as_deref());
        for (_, image) in &had {
            let path = PathBuf::from(format!("images/{}", image.path()));
            self.shelf.put(&self.folder.join(&path), &image.bytes).map_err(|error| write_failure(&path, &error))?;
        }
        Ok(images::links(&had, output, self.options.profile.image_base.as_deref()))
    }
}

/// The item of a job.
pub(super) fn opened(work: Work) -> Result<Item, Failure> {
    let (input, kind, place, links) = match work {
        Work::Item(item) => return Ok(*item),
        Work::Open(input, kind, place, links) => (input, kind, place, links),
    };
    let mut found = None;
    let report = import::open(&input, kind, place.as_ref(), &mut |item| {
        found = Some(item);
        ControlFlow::Break(())
    });
    let report = report.map_err(|error| input_failure(&error))?;
    let mut item = found.ok_or_else(|| Failure {
        stage: Stage::Input,
        kind: "empty".to_owned(),
        message: format!("{} holds nothing; check that it is the right file", input.name()),
    })?;
    for (what, count) in report.left_out {
        item.losses.push(Loss::new(LossKind::LeftOut, format!("{count} {what}")));
    }
    if let Links::Named(plan, root) = links {
        item.resources = Arc::new(Among { inner: item.resources, plan, root });
    }
    Ok(item)
}

/// The item with the URL that the user gives it.
pub(super) fn urled(mut item: Item, options: &Options) -> Item {
    if let (Some(url), ItemContent::Page(raw) | ItemContent::Body(raw, _)) = (&options.url, &mut item.content) {
        raw.url = Some(url.clone());
        raw.requested = Some(url.clone());
    }
    item
}

pub(super) fn write_failure(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}; free space or choose another --output", path.display());
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    Failure { stage: Stage::Write, kind: if is_full { "disk-full" } else { "io" }.to_owned(), message }
}
