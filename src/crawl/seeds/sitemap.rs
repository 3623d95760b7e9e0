//! Sitemaps and indexes of sitemaps (<https://www.sitemaps.org/protocol.html>).

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use url::Url;

use crate::model::Timestamp;

use super::{Alternates, Contents, Form, Item, MOST_ITEMS, instant, sensible, url, xml};

/// The maximum length of a valid `lastmod`, in bytes.
const LONGEST_LASTMOD: usize = 100;

/// Reads a sitemap up to its end, or to what cannot be read.
pub fn read(text: &str, base: Option<&Url>, now: Timestamp, alternates: Alternates) -> Contents {
    let mut contents = Contents::new(Form::Sitemap);
    let repaired = xml::repaired(text);
    let mut reader = Reader::from_str(&repaired);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut entry = Entry::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                entry.open(start.local_name().as_ref());
                entry.alternates.extend(alternate(&start));
            }
            Ok(Event::Empty(start)) => entry.alternates.extend(alternate(&start)),
            Ok(Event::Text(text)) => entry.say(&text.xml10_content()),
            Ok(Event::CData(text)) => entry.say(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => entry.refer(&reference),
            Ok(Event::End(end)) => {
                let Some(named) = entry.close(end.local_name().as_ref()) else { continue };
                let Some(url) = url(&named.loc, base) else { continue };
                if named.is_map {
                    if contents.lists.len() < MOST_ITEMS {
                        contents.lists.push(url);
                    }
                    continue;
                }
                let lastmod = Some(named.lastmod).filter(|text| !text.is_empty() && text.len() <= LONGEST_LASTMOD);
                let dated = lastmod.as_deref().and_then(|text| text.parse().ok()).and_then(instant);
                contents.page(Item { dated: sensible(dated, now), lastmod: lastmod.clone(), ..Item::page(url) });
                if alternates == Alternates::Include {
                    let pages = named.alternates.iter().filter_map(|written| super::url(written, base));
                    pages.for_each(|url| contents.page(Item { lastmod: lastmod.clone(), ..Item::page(url) }));
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

/// Returns the translation that a link of a sitemap names.
fn alternate(start: &BytesStart<'_>) -> Option<String> {
    if start.local_name().as_ref() != "link" {
        return None;
    }
    let attribute = |name: &str| {
        let found = start.attributes().flatten().find(|found| found.key.local_name().as_ref() == name)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
    };
    let is_alternate = attribute("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("alternate"));
    attribute("href").filter(|_| is_alternate && attribute("hreflang").is_some())
}

/// What an entry names.
#[derive(Default)]
struct Named {
    loc: String,
    lastmod: String,
    alternates: Vec<String>,
    /// Whether it is a sitemap.
    is_map: bool,
}

#[derive(Default)]
struct Entry {
    loc: String,
    lastmod: String,
    alternates: Vec<String>,
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

    /// Returns what an entry names, when it ends.
    fn close(&mut self, name: &str) -> Option<Named> {
        self.at = Part::Other;
        if !matches!(name, "url" | "sitemap") || self.loc.trim().is_empty() {
            return None;
        }
        let Self { loc, lastmod, alternates, .. } = std::mem::take(self);
        let [loc, lastmod] = [loc, lastmod].map(|text| text.trim().to_owned());
        Some(Named { loc, lastmod, alternates, is_map: name == "sitemap" })
    }
}
