//! The conversion of one item: opening it, and which links it may have.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use crate::import::{self, Input, Item, ItemContent, Kind, PageLocation, Resources};
use crate::model::{Failure, FailureKind, ImageRef, Loss, LossKind, Stage};

use super::mark::Mark;
use super::options::Options;
use super::plan::Plan;
use super::write::input_failure;

/// The conversion of one item.
pub(super) struct Job {
    /// Its name in messages.
    pub source: String,
    /// The folder of its export, relative to the output folder.
    pub prefix: PathBuf,
    /// Its path relative to the output folder, without extension.
    pub place: PathBuf,
    /// The path that links name, where it is another.
    pub named: Option<PathBuf>,
    pub what: Work,
    /// The file it comes from, and the mark of that file's state.
    pub input: Option<(PathBuf, Mark)>,
}

pub(super) enum Work {
    /// An input with one item, to be opened.
    Open(Input, Kind, Option<PageLocation>, Links),
    /// The item itself.
    Item(Box<Item>),
}

/// Which links may lead to other outputs of the run.
#[derive(Clone)]
pub(super) enum Links {
    /// Links to every page of the folder.
    All,
    /// Links to files that were named as arguments.
    Named(Arc<Plan>, PathBuf),
}

/// Opens the item of a job.
pub(super) fn open(work: Work, options: &Options) -> Result<Item, Failure> {
    let (input, kind, place, links) = match work {
        Work::Item(item) => return Ok(*item),
        Work::Open(input, kind, place, links) => (input, kind, place, links),
    };
    check(&input, kind, options)?;
    let mut item = single(&input, kind, place.as_ref())?;
    if let Links::Named(plan, root) = links {
        item.resources = Arc::new(NamedFiles { inner: item.resources, plan, root });
    }
    Ok(item)
}

/// Opens the only item of an input.
pub(super) fn single(input: &Input, kind: Kind, location: Option<&PageLocation>) -> Result<Item, Failure> {
    let mut found = None;
    let report = import::open(input, kind, location, &mut |item| {
        found = Some(item);
        ControlFlow::Break(())
    });
    let report = report.map_err(|error| input_failure(&error))?;
    let mut item = found.ok_or_else(|| {
        let message = format!("{} contains nothing to convert; check that it is the right file", input.name());
        Failure::new(Stage::Input, FailureKind::Empty, message)
    })?;
    for (what, count) in report.left_out {
        item.losses.push(Loss::new(LossKind::LeftOut, format!("{count} {what}")));
    }
    if let Some(cut) = report.cut {
        item.losses.push(Loss::new(LossKind::DamagedRecord, format!("the rest cannot be read: {cut}")));
    }
    Ok(item)
}

/// Refuses an input whose content shows no sign of being a page.
pub(super) fn check(input: &Input, kind: Kind, options: &Options) -> Result<(), Failure> {
    if kind != Kind::Page || options.extract.fragment {
        return Ok(());
    }
    import::check_is_page(input).map_err(|error| input_failure(&error))
}

/// Gives an item the URL that the user named.
pub(super) fn with_url(mut item: Item, url: Option<&Url>) -> Item {
    if let (Some(url), ItemContent::Page(raw) | ItemContent::Body(raw, _)) = (url, &mut item.content) {
        raw.url = Some(url.clone());
        raw.requested = Some(url.clone());
    }
    item
}

/// The files around a file that was named as an argument. Only those that were named too are linked as pages.
struct NamedFiles {
    inner: Arc<dyn Resources>,
    plan: Arc<Plan>,
    root: PathBuf,
}

impl Resources for NamedFiles {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        self.inner.image(image)
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let page = self.inner.page(href)?;
        self.plan.names_place(&self.root, &page).then(|| PathBuf::from(page.file_name().unwrap_or_default()))
    }

    fn location(&self) -> Option<PageLocation> {
        self.inner.location()
    }
}
