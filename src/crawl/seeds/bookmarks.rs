//! Bookmarks as browsers export them.

use crate::import;

use super::{Contents, Form, Item, url};

/// Reads the web URLs of bookmarks.
pub fn read(text: &str) -> Contents {
    let mut contents = Contents::new(Form::Bookmarks);
    let (found, _) = import::bookmarks(text.as_bytes());
    for bookmark in found {
        if let Some(url) = url(&bookmark.url, None) {
            contents.page(Item::page(url));
        }
    }
    contents
}
