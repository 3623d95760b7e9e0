//! From bytes to a parsed page: charset, tree, base URL, links. What an article is, is not known here.
//!
//! Noscript content is content: pages are parsed with scripting off.

mod attributes;
mod charset;
mod dom;
mod email;
mod lighten;
mod page;
mod parse;
mod sink;
mod tags;
pub mod text;

pub use charset::{Decoded, charset_parameter, decode};
pub use dom::{Dom, Edge, Element, ElementRef, Node, NodeId, NodeRef, Text};
pub use page::{Page, PageHeaders, resolve_link};
pub use parse::{MAX_DEPTH, document, fragment};
