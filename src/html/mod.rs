//! From bytes to a parsed page: charset, tree, base URL, links, and the sets of elements that other modules share.
//!
//! Pages are parsed with scripting off, so the content of `<noscript>` is part of the page. This module does not know
//! what an article is.

mod attributes;
mod charset;
mod cut;
mod dom;
pub mod elements;
mod email;
mod page;
mod parse;
mod sink;
mod strip;
mod tags;
pub mod text;

pub use charset::{DecodedBody, charset_of_start, charset_parameter, decode};
pub use cut::is_cut;
pub use dom::{Dom, Edge, Element, ElementRef, Node, NodeId, NodeRef, Text};
pub use page::{Page, PageHeaders, resolve_link};
pub use parse::{MAX_DEPTH, document, fragment};
