//! Bookmarks as browsers export them: HTML with an address in each `<A HREF>`.

use crate::html;

use super::{Contents, Form, Item, address};

/// Reads the web addresses of bookmarks.
pub fn read(text: &str) -> Contents {
    let mut contents = Contents::new(Form::Bookmarks);
    let dom = html::document(text);
    let elements = dom.root().descendants().filter_map(html::ElementRef::wrap);
    for link in elements.filter(|element| element.value().name() == "a") {
        if let Some(url) = link.attr("href").and_then(|href| address(href, None)) {
            contents.page(Item::page(url));
        }
    }
    contents
}
