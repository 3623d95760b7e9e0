//! Feeds in any format: RSS, Atom and JSON Feed.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use super::error::ImportError;
use super::feed_entry::{self, Channel, FeedEntry, item, link_of};
use super::feed_identity::{Facts, Standing, Standings};
use super::input::{Input, PAGE_CAP};
use super::item::{Report, Sink};
use super::kind::begins_as_json_feed;
use super::resources::Resources;
use super::source_url::is_web;
use super::xml_feed::EntryReader;
use super::{json_feed, xml};
use crate::model::{ImageRef, UrlKey};

/// Receives each entry with the metadata of the feed as far as it was read, and its number, from 1.
type Take<'a> = &'a mut dyn FnMut(FeedEntry, &Channel, usize) -> ControlFlow<()>;

/// Passes each entry of a feed, decoded to text, to `take`, and returns the metadata of the feed. An error says why the feed
/// cannot be read further; the entries before that were passed on.
pub fn entries(
    text: &str,
    take: &mut dyn FnMut(FeedEntry, &Channel) -> ControlFlow<()>,
) -> (Channel, Result<(), String>) {
    if begins_as_json_feed(text) {
        return match json_feed::entries(text) {
            Ok((channel, entries)) => {
                let _ = entries.into_iter().try_for_each(|entry| take(entry, &channel));
                (channel, Ok(()))
            }
            Err(error) => (Channel::default(), Err(error.to_string())),
        };
    }
    // The text is UTF-8 now, whatever charset the prolog declares.
    let prolog = text.starts_with("<?xml").then(|| text.find("?>")).flatten();
    let text = prolog.map_or(text, |end| &text[end + 2..]);
    let mut take = |entry: FeedEntry, channel: &Channel, _| take(entry, channel);
    let mut reader = EntryReader::new(&mut take);
    let read = xml::visit(text.as_bytes(), &mut reader);
    (reader.into_channel(), read)
}

/// Reads a feed twice: to distinguish its items, and to pass them on. An error when it cannot be opened; a fault that ends it
/// early is in the report.
pub fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let (mut facts, mut home, mut pages) = (Vec::new(), None, HashMap::new());
    // The second reading reports where the feed ends early.
    let _ = visit(input, &mut |entry, channel, _| {
        if !entry.other_kind.is_empty() {
            return ControlFlow::Continue(());
        }
        let link = link_of(&entry, channel);
        facts.push(Facts::of(&entry, link.as_ref()));
        if let Some(link) = link {
            pages.entry(key(&link)).or_insert_with(|| feed_entry::name(&entry, facts.len()));
        }
        home = Url::parse(channel.link.trim()).ok();
        ControlFlow::Continue(())
    })?;
    let standings = Standings::of(&facts, home.as_ref(), usize::MAX);
    drop(facts);
    let links: Arc<dyn Resources> = Arc::new(EntryLinks(pages));
    let (mut report, mut nth) = (Report::default(), 0);
    let mut take = |entry: FeedEntry, channel: &Channel, _: usize| {
        if !entry.other_kind.is_empty() {
            report.leave_out(&entry.other_kind);
            return ControlFlow::Continue(());
        }
        nth += 1;
        if standings.all.get(nth - 1) == Some(&Standing::Repeated) {
            report.leave_out("repeated entry");
            return ControlFlow::Continue(());
        }
        if entry.has_unknown_date {
            report.warn("entry with a date in an unknown form");
        }
        let link = link_of(&entry, channel);
        let identity = standings.identity(nth - 1, &entry, link.as_ref(), &own_urls(channel));
        let (name, publication) = (feed_entry::name(&entry, nth), entry.publication);
        match item(entry, channel, identity, Arc::clone(&links), (name, input.name())) {
            Some(item) => {
                report.count(publication);
                sink(item)
            }
            None => {
                report.leave_out("entry without content");
                ControlFlow::Continue(())
            }
        }
    };
    let (count, ended) = visit(input, &mut take)?;
    report.cut = ended.err().map(|cause| format!("after {count} entries: {cause}"));
    Ok(report)
}

/// The names of all entries, by the keys of their links.
struct EntryLinks(HashMap<String, PathBuf>);

impl Resources for EntryLinks {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        self.0.get(&key(&Url::parse(href).ok()?)).cloned()
    }
}

/// Returns the key of a link without the slash that ends it.
fn key(link: &Url) -> String {
    UrlKey::of(link).as_str().trim_end_matches('/').to_owned()
}

/// Passes each entry of an input to `take`. Returns the number of entries, and why the feed cannot be read further.
fn visit(input: &Input, take: Take<'_>) -> Result<(usize, Result<(), String>), ImportError> {
    let start = input.start()?;
    if begins_as_json_feed(String::from_utf8_lossy(&start).trim_start_matches('\u{feff}').trim_start()) {
        let bytes = input.read_all(PAGE_CAP)?;
        let text = String::from_utf8_lossy(&bytes);
        // It is one JSON object, so a damaged feed cannot be read at all.
        let (channel, entries) = json_feed::entries(text.trim_start_matches('\u{feff}'))
            .map_err(|error| ImportError::Damaged { name: input.name().to_owned(), cause: error.to_string() })?;
        let count = entries.len();
        let _ = entries.into_iter().zip(1..).try_for_each(|(entry, nth)| take(entry, &channel, nth));
        return Ok((count, Ok(())));
    }
    let mut entries = EntryReader::new(take);
    let ended = xml::visit(input.stream()?, &mut entries);
    Ok((entries.count, ended))
}

/// Returns the URL by which a feed in a file is known: the one that it states, or else that of its site.
fn own_urls(channel: &Channel) -> Vec<Url> {
    let urls = [&channel.own, &channel.link].into_iter().filter_map(|url| Url::parse(url.trim()).ok());
    urls.filter(is_web).take(1).collect()
}
