//! A plain list: a URL a line, or a JSON object with one; `#` before a comment.

use url::Url;

use crate::import::{self, ListedKind};

use super::{Contents, Form, Item, url};

/// Returns whether the start of a text is a list of URLs and nothing else.
pub fn is_list(start: &str) -> bool {
    let mut lines = start.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.next().is_some_and(|line| listed(line).is_some())
}

fn listed(line: &str) -> Option<(Url, Option<ListedKind>)> {
    import::listed_url(line).and_then(|listed| Some((url(&listed.url, None)?, listed.kind)))
}

/// Reads a list.
pub fn read(text: &str) -> Contents {
    let mut contents = Contents::new(Form::List);
    let mut wrong = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match listed(line) {
            Some((url, None)) => contents.page(Item::page(url)),
            Some((url, Some(ListedKind::Feed | ListedKind::Sitemap))) => contents.lists.push(url),
            None => wrong += 1,
        }
    }
    if wrong > 0 {
        contents.warning = Some(match wrong {
            1 => "1 line of the list is not a web URL".to_owned(),
            _ => format!("{wrong} lines of the list are not web URLs"),
        });
    }
    contents
}
