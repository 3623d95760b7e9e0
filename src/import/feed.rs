//! Feeds in any format: RSS, Atom and JSON Feed.

use std::ops::ControlFlow;

use super::error::ImportError;
use super::feed_entry::{Channel, FeedEntry, item};
use super::input::Input;
use super::item::{Report, Sink};
use super::kind::begins_as_json_feed;
use super::xml_feed::EntryReader;
use super::{json_feed, xml};

/// Passes each entry of a feed, decoded to text, to `take`.
///
/// # Errors
/// Why the feed cannot be read further. The entries before that were passed on.
pub fn entries(text: &str, take: &mut dyn FnMut(FeedEntry, &Channel) -> ControlFlow<()>) -> Result<(), String> {
    if begins_as_json_feed(text) {
        let (channel, entries) = json_feed::entries(text).map_err(|error| error.to_string())?;
        let _ = entries.into_iter().try_for_each(|entry| take(entry, &channel));
        return Ok(());
    }
    // The text is UTF-8 now, whatever charset the prolog declares.
    let prolog = text.starts_with("<?xml").then(|| text.find("?>")).flatten();
    let text = prolog.map_or(text, |end| &text[end + 2..]);
    xml::visit(text.as_bytes(), &mut EntryReader::new(&mut |entry, channel, _| take(entry, channel)))
}

/// Reads a feed. An error when it cannot be opened; a fault that ends it early is in the report.
pub fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let start = input.start()?;
    if begins_as_json_feed(String::from_utf8_lossy(&start).trim_start_matches('\u{feff}').trim_start()) {
        return json_feed::read(input, sink);
    }
    let mut report = Report::default();
    let mut take = |entry: FeedEntry, channel: &Channel, nth| match item(entry, channel, nth, input.name()) {
        Some(item) => sink(item),
        None => {
            report.leave_out("entry without content");
            ControlFlow::Continue(())
        }
    };
    let mut entries = EntryReader::new(&mut take);
    let ended = xml::visit(input.stream()?, &mut entries);
    let count = entries.count;
    report.cut = ended.err().map(|cause| format!("after {count} entries: {cause}"));
    Ok(report)
}
