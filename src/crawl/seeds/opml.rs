//! OPML: the feeds that somebody reads (<http://opml.org/spec2.opml>).

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};
use url::Url;

use super::{Contents, Form, MOST_ITEMS, url, xml};

/// Reads the feeds of an OPML file up to its end, or to what cannot be read.
pub fn read(text: &str, base: Option<&Url>) -> Contents {
    let mut contents = Contents::new(Form::Opml);
    let repaired = xml::repaired(text);
    let mut reader = Reader::from_str(&repaired);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) if start.local_name().as_ref() == "outline" => {
                let is_feed = |name: &str| name.eq_ignore_ascii_case("xmlurl");
                let written = start.attributes().flatten().find(|attribute| is_feed(attribute.key.as_ref()));
                let written = written.and_then(|found| {
                    found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
                });
                let room = contents.lists.len() < MOST_ITEMS;
                contents.lists.extend(written.and_then(|written| url(&written, base)).filter(|_| room));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                contents.warning =
                    Some(format!("the OPML file is broken ({error}); the part before the error was read"));
                break;
            }
        }
    }
    contents
}
