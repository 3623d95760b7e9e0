//! From bytes to a parsed page: charset, tree, base URL, links. What an article is, is not known here.
//!
//! Noscript content is content: pages are parsed with scripting off.

mod attributes;
mod charset;
mod lighten;
mod page;
mod parse;
pub mod text;

pub use charset::{Decoded, charset_parameter, decode};
pub use page::{Page, PageHeaders, resolve_link};
pub use parse::{MAX_DEPTH, document, fragment};
pub use scraper::{ElementRef, Html, Node};

/// A node of a parsed page.
pub type NodeRef<'a> = ego_tree::NodeRef<'a, Node>;

/// Identifies a node of a parsed page.
pub type NodeId = ego_tree::NodeId;
