//! The targets of links within a text, under names that XML allows.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;

use crate::html::{Dom, Element};

/// The targets that links of the text lead to.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The new name of each target.
    names: BTreeMap<String, String>,
    written: BTreeSet<String>,
}

impl Ids {
    /// Finds the targets of a text.
    pub fn of(dom: &Dom) -> Self {
        let fragments = dom.elements().filter_map(|element| element.attr("href")?.strip_prefix('#'));
        let links: BTreeSet<String> = fragments.flat_map(|written| [written.to_owned(), decoded(written)]).collect();
        let mut names = BTreeMap::new();
        // In document order, so that the names are the same each time.
        let elements = dom.root().descendants().filter_map(|node| node.value().as_element());
        for id in elements.filter_map(id_of).filter(|id| links.contains(*id)) {
            let name = format!("n{}", names.len() + 1);
            names.entry(id.to_owned()).or_insert(name);
        }
        Self { names, written: BTreeSet::new() }
    }

    /// Returns the name of the target of a link such as `#note`; None if the text has no such target.
    pub fn target(&self, href: &str) -> Option<&str> {
        let written = href.strip_prefix('#')?;
        self.names.get(written).or_else(|| self.names.get(&decoded(written))).map(String::as_str)
    }

    /// Returns the name to be written for an element, once for each target.
    pub fn take(&mut self, element: &Element) -> Option<String> {
        let name = self.names.get(id_of(element)?)?;
        self.written.insert(name.clone()).then(|| name.clone())
    }

    /// Returns the names that were not written yet.
    pub fn left(&self) -> impl Iterator<Item = &String> {
        self.names.values().filter(|name| !self.written.contains(*name))
    }
}

fn id_of(element: &Element) -> Option<&str> {
    let name = || element.attr("name").filter(|_| element.name() == "a");
    element.attr("id").or_else(name).filter(|id| !id.is_empty())
}

fn decoded(fragment: &str) -> String {
    percent_decode_str(fragment).decode_utf8_lossy().into_owned()
}
