//! Sitemaps and indexes of sitemaps (<https://www.sitemaps.org/protocol.html>).

use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use crate::model::Timestamp;

use super::{Contents, Form, Item, MOST_ITEMS, instant, sensible, url, xml};

/// Reads a sitemap up to its end, or to what cannot be read.
pub fn read(text: &str, base: Option<&Url>, now: Timestamp) -> Contents {
    let mut contents = Contents::new(Form::Sitemap);
    let mended = xml::mended(text);
    let mut reader = Reader::from_str(&mended);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut entry = Entry::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => entry.open(start.local_name().as_ref()),
            Ok(Event::Text(text)) => entry.say(&text.xml10_content()),
            Ok(Event::CData(text)) => entry.say(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => entry.refer(&reference),
            Ok(Event::End(end)) => {
                if let Some((written, dated, is_map)) = entry.close(end.local_name().as_ref()) {
                    let Some(url) = url(&written, base) else { continue };
                    match is_map {
                        true if contents.lists.len() < MOST_ITEMS => contents.lists.push(url),
                        true => {}
                        false => contents.page(Item { url, dated: sensible(dated, now), offer: None }),
                    }
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                contents.warning = Some(format!("the sitemap is broken ({error}); the part before the error was read"));
                break;
            }
        }
    }
    contents
}

#[derive(Default)]
struct Entry {
    loc: String,
    lastmod: String,
    /// What is being read: `loc`, `lastmod`, or neither.
    at: Part,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Part {
    Loc,
    Lastmod,
    #[default]
    Other,
}

impl Entry {
    fn open(&mut self, name: &str) {
        self.at = match name {
            "url" | "sitemap" => {
                *self = Self::default();
                Part::Other
            }
            "loc" if self.loc.is_empty() => Part::Loc,
            "lastmod" => Part::Lastmod,
            _ => Part::Other,
        };
    }

    fn say(&mut self, text: &str) {
        match self.at {
            Part::Loc => self.loc.push_str(text),
            Part::Lastmod => self.lastmod.push_str(text),
            Part::Other => {}
        }
    }

    fn refer(&mut self, reference: &quick_xml::events::BytesRef<'_>) {
        let character = match reference.resolve_char_ref() {
            Ok(Some(character)) => Some(character),
            _ => match reference.xml10_content().as_ref() {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => None,
            },
        };
        if let Some(character) = character {
            self.say(character.encode_utf8(&mut [0; 4]));
        }
    }

    /// The URL, its change, and whether it is a sitemap, when an entry ends.
    fn close(&mut self, name: &str) -> Option<(String, Option<Timestamp>, bool)> {
        self.at = Part::Other;
        if !matches!(name, "url" | "sitemap") || self.loc.trim().is_empty() {
            return None;
        }
        let entry = std::mem::take(self);
        Some((entry.loc.trim().to_owned(), entry.lastmod.trim().parse().ok().and_then(instant), name == "sitemap"))
    }
}
