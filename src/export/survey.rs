//! What is selected: the articles of an export, and the URLs and names by which links find them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use url::Url;

use crate::archive::{Archive, Entry};
use crate::bundle::Selection;
use crate::markdown::{self, TargetKind};
use crate::model::{UrlKey, folded_name};

use super::article::{self, Articles};
use super::error::ExportError;
use super::files::OutputFolder;
use super::layout::Layout;
use super::names::{self, NamedArticle, Names};
use super::state::{STATE, State};

/// The articles of an export.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The folders of the selected articles, sorted.
    pub selected: BTreeSet<String>,
    /// Records that cannot be read.
    pub unreadable: Vec<String>,
    /// The day of each selected article.
    pub days: BTreeMap<String, String>,
    /// How links name the articles, and those of earlier exports into the same folder.
    pub articles: Articles,
    /// Names that were avoided because a file of the user has them, with those taken instead.
    pub avoided: Vec<(String, String)>,
}

/// Finds the selected articles, and names them.
pub(super) fn survey(
    archive: &Archive,
    selection: &Selection,
    layout: Layout,
    state: &State,
    output: &OutputFolder,
) -> Result<Survey, ExportError> {
    let mut survey = Survey::default();
    let mut named = Vec::new();
    let mut keys = Keys::default();
    let mut selected = Vec::new();
    selection.each_readable(archive, &mut |entry| match entry {
        Ok(entry) => selected.push(add(&entry, layout, state, &mut survey, &mut keys)),
        Err(error) => survey.unreadable.push(error.to_string()),
    })?;
    named.append(&mut selected);
    survey.selected = named.iter().map(|article| article.folder.clone()).collect();
    // Links lead to the articles of earlier exports too.
    for folder in state.articles.keys().filter(|folder| !survey.selected.contains(*folder)).cloned().collect::<Vec<_>>()
    {
        if let Ok(entry) = archive.entry(&folder) {
            named.push(add(&entry, layout, state, &mut survey, &mut keys));
        }
    }
    survey.days.retain(|folder, _| survey.selected.contains(folder) || state.articles.contains_key(folder));
    let foreign = foreign(layout, state, output)?;
    let Names { by_folder, avoided } = names::assign(layout, &named, &foreign);
    survey.avoided = avoided;
    survey.articles.names = by_folder;
    survey.articles.by_key = keys.other.into_iter().chain(keys.own).collect();
    Ok(survey)
}

impl Survey {
    /// Lets no link lead to an article whose file the user removed.
    pub fn leave_out_absent(&mut self, state: &State, output: &OutputFolder) {
        for (folder, article) in &state.articles {
            let is_written = state.files.get(&article.path).is_some_and(|file| file.sha256.is_some());
            if is_written && !output.has(&article.path) {
                self.articles.absent.insert(folder.clone());
            }
        }
        let absent = &self.articles.absent;
        self.articles.by_key.retain(|_, folder| !absent.contains(folder));
    }
}

/// The folders of articles by their keys; an article's own key counts more than another's alias.
#[derive(Default)]
struct Keys {
    own: HashMap<UrlKey, String>,
    other: HashMap<UrlKey, String>,
}

fn add(entry: &Entry, layout: Layout, state: &State, survey: &mut Survey, keys: &mut Keys) -> NamedArticle {
    let (folder, record) = (&entry.folder, &entry.record);
    if let Some(own) = record.key() {
        keys.own.insert(own, folder.clone());
    }
    let newest = record.newest();
    let url = |url: &str| Url::parse(url).ok().filter(Url::has_host).map(|url| UrlKey::of(&url));
    let canonical = newest.and_then(|newest| url(newest.canonical.as_deref()?));
    let redirects = newest.into_iter().flat_map(|newest| &newest.redirects).filter_map(|redirect| url(&redirect.url));
    for key in record.keys().chain(canonical).chain(redirects) {
        keys.other.entry(key).or_insert_with(|| folder.clone());
    }
    let captured = newest.map(|newest| newest.captured);
    let published = record.published.map(|date| date.day());
    let day = published.or(captured.map(|time| jiff::tz::Offset::UTC.to_datetime(time.instant()).date()));
    let day = day.unwrap_or_default();
    survey.days.insert(folder.clone(), day.to_string());
    survey.articles.titles.insert(folder.clone(), record.title.clone());
    let known = state.articles.get(folder).map(|article| layout.name_of(&article.path).to_owned());
    NamedArticle { folder: folder.clone(), title: record.title.clone(), day, known }
}

/// Returns the user's files and folders in the folder of the texts.
fn foreign(layout: Layout, state: &State, output: &OutputFolder) -> Result<BTreeSet<String>, ExportError> {
    let prefix = if layout.base().is_empty() { String::new() } else { format!("{}/", layout.base()) };
    let own = |path: &String| path.strip_prefix(&prefix).and_then(|below| below.split('/').next()).map(str::to_owned);
    let own: BTreeSet<String> = state.files.keys().filter_map(own).collect();
    let names = output.names(layout.base())?.into_iter();
    let mut foreign: BTreeSet<String> =
        names.filter(|name| name != STATE && !own.contains(name)).map(|name| folded_name(&name)).collect();
    // The list of all articles has its name before any of them.
    foreign.extend(layout.index_title().map(|title| folded_name(&layout.entry(title))));
    Ok(foreign)
}

/// Returns the articles that link to each selected article.
pub(super) fn backlinks(archive: &Archive, survey: &Survey) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for from in &survey.selected {
        // What cannot be read is reported when it is exported.
        let Ok(entry) = archive.entry(from) else { continue };
        let Ok(text) = article::read(archive.root(), &entry) else { continue };
        markdown::targets(&text.body, &mut |kind, target| {
            let linked = survey.articles.linked(target).filter(|_| kind == TargetKind::Link);
            if let Some((folder, _)) = linked.filter(|(folder, _)| folder != from) {
                found.entry(folder.to_owned()).or_default().insert(from.clone());
            }
        });
    }
    found
}
