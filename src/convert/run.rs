//! A run over many inputs, on all cores, with events in order.

use std::collections::HashSet;
use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::extract;
use crate::import::Resources;
use crate::model::{Article, Failure, FailureKind, ImageMap, Publication, Stage};

use super::event::{Event, RunError, without_panic};
use super::job::{self, Job};
use super::link_map::LinkMap;
use super::links::Linker;
use super::mark::Mark;
use super::options::{Converted, Options};
use super::plan::{OutputNames, Plan, with_extension};
use super::produce::{IsReported, Producer, Shard, Task};
use super::site_links::{SiteForm, StandIns};
use super::write;
use super::{images, joined, parallel, place};

/// The settings of a run.
pub struct Run<'a> {
    /// Files, folders, patterns.
    pub paths: &'a [PathBuf],
    /// The output folder.
    pub folder: &'a Path,
    /// How to convert.
    pub options: &'a Options,
    /// The number of worker threads; None for one per core.
    pub threads: Option<NonZero<usize>>,
    /// Whether to reconvert inputs whose outputs are up to date.
    pub force: bool,
    /// The part of the inputs that this run converts; None for all.
    pub shard: Option<Shard>,
    /// Whether an output is in the report that this run continues: one that is not is converted again, since the run
    /// that wrote it was killed before it reported it. None without such a report.
    pub is_reported: Option<IsReported<'a>>,
}

/// Converts all inputs. Calls `on_event` in the order of the inputs, as soon as an input and all before it are done.
/// `Break` ends the run; all files written until then are complete, and another run continues from there.
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
/// let plan = Run { paths: &paths, folder: &output, options: &options, threads: None, force: false, shard: None, is_reported: None };
/// run(&plan, &mut |event| {
///     assert!(!matches!(event, Event::Failed { .. }));
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(std::fs::read_to_string(output.join("旧文.md"))?, "---\ntitle: 旧文\n---\n旧的**正文**。\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(run: &Run<'_>, on_event: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Result<(), RunError> {
    let extension = run.options.format.extension();
    let (plan, outputs) = Plan::new(run.paths, Some(run.folder), extension)?;
    if on_event(Event::Begin { inputs: plan.count() }).is_break() {
        return Ok(());
    }
    let threads = run.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let passes = Passes {
        run,
        threads,
        plan: Arc::new(plan),
        options_key: options_key(run.options),
        shared_files: place::SharedFiles::of(run.shard.map(|shard| shard.part)),
        form: SiteForm::of(run.options, run.folder),
    };
    let mut link_map = LinkMap::of(&passes.plan, threads).map_err(RunError::Threads)?;
    if passes.form.as_ref().is_some_and(SiteForm::names_by_date) {
        let (_, outputs) = Plan::new(run.paths, Some(run.folder), extension)?;
        passes.find_moved(outputs, &mut link_map)?;
    }
    let mut ended = ControlFlow::Continue(());
    passes.convert(outputs, None, &link_map, &mut |event| {
        ended = on_event(event);
        ended
    })?;
    let Some((only, link_map)) = link_map.without_failed().filter(|_| ended.is_continue()) else { return Ok(()) };
    // Pages that link to failed ones are converted again, without these links. Everything else was reported in the
    // first pass.
    let (_, outputs) = Plan::new(run.paths, Some(run.folder), extension)?;
    passes.convert(outputs, Some(only), &link_map, &mut |event| match event {
        Event::Failed { .. } => on_event(event),
        _ => ControlFlow::Continue(()),
    })
}

/// What the passes over the inputs of a run share.
struct Passes<'a> {
    run: &'a Run<'a>,
    threads: usize,
    plan: Arc<Plan>,
    options_key: String,
    shared_files: place::SharedFiles,
    form: Option<SiteForm>,
}

impl Passes<'_> {
    fn producer<'q>(&'q self, outputs: OutputNames, queue: &'q parallel::Queue<Task>) -> Producer<'q> {
        let (plan, options) = (Arc::clone(&self.plan), self.options_key.clone());
        let extension = self.run.options.format.extension();
        let form = self.form.as_ref();
        Producer {
            plan,
            outputs,
            skip_in: None,
            options,
            extension,
            shard: None,
            only: None,
            queue,
            files: None,
            form,
            web_archives: None,
            warc_files: None,
            is_reported: self.run.is_reported,
        }
    }

    /// Records the outputs that do not have the paths that links name.
    fn find_moved(&self, outputs: OutputNames, link_map: &mut LinkMap) -> Result<(), RunError> {
        let produce = |queue: &parallel::Queue<Task>| self.producer(outputs, queue).all();
        let work = |task: Task, _: usize| match task {
            Task::Convert(job) => {
                let Job { named, place, .. } = *job;
                Some((named?, place))
            }
            Task::Report(_) => None,
        };
        let take = |moved: Option<(PathBuf, PathBuf)>| {
            if let Some((named, place)) = moved {
                link_map.move_to(&named, place);
            }
            ControlFlow::Continue(())
        };
        parallel::ordered(self.threads, produce, work, take).map_err(RunError::Threads)?.map_err(RunError::Plan)
    }

    /// Converts the outputs of `only`; None for all that are not up to date.
    fn convert(
        &self,
        outputs: OutputNames,
        only: Option<HashSet<u64>>,
        link_map: &LinkMap,
        on_event: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), RunError> {
        let run = self.run;
        let produce = |queue: &parallel::Queue<Task>| {
            let skip_in = (!run.force && only.is_none()).then_some(run.folder);
            Producer { skip_in, shard: run.shard, only, ..self.producer(outputs, queue) }.all()
        };
        let work = |task: Task, _: usize| match task {
            Task::Report(event) => event,
            Task::Convert(job) => Worker {
                folder: run.folder,
                options: run.options,
                options_key: &self.options_key,
                shared_files: &self.shared_files,
                link_map,
                form: self.form.as_ref(),
            }
            .event(*job),
        };
        parallel::ordered(self.threads, produce, work, on_event).map_err(RunError::Threads)?.map_err(RunError::Plan)
    }
}

/// Returns a text that differs between any two options that may give different outputs.
fn options_key(options: &Options) -> String {
    let Options { extract, profile, format, url, remote } = options;
    let extract::Options { fragment, comments, trace: _, model } = extract;
    format!("{fragment} {comments} {model:?} {profile:?} {format:?} {url:?} {}", remote.is_some())
}

/// What one worker needs.
struct Worker<'a> {
    folder: &'a Path,
    options: &'a Options,
    options_key: &'a str,
    shared_files: &'a place::SharedFiles,
    link_map: &'a LinkMap,
    form: Option<&'a SiteForm>,
}

impl Worker<'_> {
    fn event(&self, job: Job) -> Event {
        let (source, place) = (job.source.clone(), job.place.clone());
        match without_panic(&source, || self.convert(job)) {
            Ok(None) => {
                // It has no output to link to.
                self.link_map.failed(&place);
                Event::LeftOut { why: joined::CONTINUES.to_owned() }
            }
            Ok(Some((output, converted))) => Event::Converted { source, output, converted: Box::new(converted) },
            Err(failure) => {
                // The output of an earlier run may exist.
                if !self.folder.join(with_extension(&place, self.options.format.extension())).exists() {
                    self.link_map.failed(&place);
                }
                Event::Failed { source, failure }
            }
        }
    }

    /// Converts an item; None for a continuation page of another item.
    fn convert(&self, job: Job) -> Result<Option<(PathBuf, Converted)>, Failure> {
        let Job { prefix, place, what, input, .. } = job;
        let item = job::with_url(job::open(what, self.options)?, self.options.url.as_ref());
        if joined::continues(&item) {
            return Ok(None);
        }
        let resources = Arc::clone(&item.resources);
        let extension = self.options.format.extension();
        let output = with_extension(&place, extension);
        let (mut stand_ins, mut missing, mut publication) = (StandIns::default(), Vec::new(), Publication::default());
        let mut localise = |article: &mut Article| {
            let (place, prefix, link_map, form) = (&place, &prefix, self.link_map, self.form);
            let linker = Linker { resources: &*resources, place, prefix, extension, link_map, form };
            article.trees_mut().for_each(|tree| linker.rewrite(tree, &mut stand_ins));
            publication = article.metadata.publication;
            let (images, others) = self.images(article, &*resources, &output)?;
            missing = others;
            Ok(images)
        };
        let mut converted = write::item(item, self.options, &mut localise)?;
        converted.missing = missing;
        // Generators build no page of it.
        if self.form.is_some() && !publication.is_public() {
            self.link_map.failed(&place);
        }
        let output = if converted.is_list { with_extension(&place, "jsonl") } else { output };
        let path = self.folder.join(&output);
        let text = stand_ins.restore(std::mem::take(&mut converted.text));
        let is_own = input.as_ref().is_some_and(|(input, _)| is_same_file(input, &path));
        let state = input.and_then(|(path, mark)| (Mark::of(&path, self.options_key) == Some(mark)).then_some(mark));
        let time = state.filter(|_| !is_own).map(Mark::time);
        // A post that is its own output stays as it is when nothing of it changes.
        if !is_own || std::fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            place::file(&path, text.as_bytes(), time).map_err(|error| write_failure(&output, &error))?;
        }
        Ok(Some((output, converted)))
    }

    /// Stores the images of an article. Returns what to link to, and which images are missing, with why.
    fn images(
        &self,
        article: &Article,
        resources: &dyn Resources,
        output: &Path,
    ) -> Result<(ImageMap, images::MissingImages), Failure> {
        let (available, missing) = images::gather(article, resources, self.options.remote.as_deref());
        for images::AvailableImage { image, .. } in &available {
            let path = PathBuf::from(format!("images/{}", image.path()));
            self.shared_files
                .put(&self.folder.join(&path), &image.bytes)
                .map_err(|error| write_failure(&path, &error))?;
        }
        Ok((images::links(&available, output, self.options.profile.image_base.as_deref()), missing))
    }
}

/// Returns whether two paths lead to one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    one.file_name() == other.file_name()
        && matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn write_failure(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}; free space or choose another --output", path.display());
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    Failure::new(Stage::Write, if is_full { FailureKind::DiskFull } else { FailureKind::Io }, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::Profile;
    use crate::model::FailureKind;

    #[test]
    fn a_page_that_makes_a_worker_panic_fails_by_its_name_and_the_others_are_converted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["甲", "乙", "丙"] {
            let text = format!("<p>{name}的<b>正文</b>。<img src='https://news.example/{name}.png'></p>");
            std::fs::write(folder.path().join(format!("{name}.md")), format!("---\ntitle: {name}\n---\n{text}"))
                .unwrap();
        }
        let mut options = Options::new(Profile::default());
        options.remote = Some(Arc::new(|reference, _| match reference.url.contains("%E4%B9%99") {
            true => panic!("乙"),
            false => Err("there is none".to_owned()),
        }));
        let (paths, output) = ([folder.path().to_owned()], folder.path().join("out"));
        let plan = Run {
            paths: &paths,
            folder: &output,
            options: &options,
            threads: None,
            force: false,
            shard: None,
            is_reported: None,
        };
        let (mut failed, mut converted) = (Vec::new(), 0);
        run(&plan, &mut |event| {
            match event {
                Event::Failed { source, failure } => failed.push((source, failure)),
                Event::Converted { .. } => converted += 1,
                _ => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        let (source, failure) = &failed[0];
        assert!(failed.len() == 1 && source.ends_with("乙.md"), "{failed:?}");
        assert!(failure.kind == FailureKind::Panic && failure.message.contains("乙.md: internal error"), "{failure}");
        assert_eq!(converted, 2);
    }
}
