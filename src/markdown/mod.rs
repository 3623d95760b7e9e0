//! The article tree as Markdown: CommonMark 0.31 with GFM's tables, strikethrough and task lists.
//!
//! The Markdown renders back to the same text, links, images, tables and emphasis, and only characters that would be read
//! as Markdown are escaped. One paragraph is one line. What Markdown cannot express is written as inline HTML (`<sub>`,
//! `<ruby>`), and so is emphasis whose delimiters CommonMark would not recognise, as next to Chinese punctuation.

mod anchors;
mod build;
mod callout;
mod chars;
#[cfg(test)]
mod check;
mod code;
mod digest;
mod emphasis;
#[cfg(feature = "htmd")]
mod engine;
mod escape;
mod flanking;
mod forms;
mod formula;
mod html;
mod ignored;
mod inline;
mod ir;
mod leaf_html;
mod leaves;
mod line;
mod link;
mod list;
mod markers;
mod names;
mod page;
mod plain;
mod post_link;
#[cfg(test)]
mod random;
mod render;
mod repair;
mod rewrite;
mod rewrite_code;
mod round_trip;
mod ruby;
mod table;
mod tabular;
mod target;
mod target_syntax;
#[cfg(test)]
mod tests;
mod volatile;
mod volatile_words;
mod write;

#[doc(hidden)]
pub use digest::{DigestInput, Statement};
pub use html::html;
#[doc(hidden)]
pub use ignored::{IgnoredLines, PatternError};
#[doc(hidden)]
pub use markers::{MORE, unescaped};
pub use plain::text;
pub(crate) use post_link::post_link;
pub(crate) use render::{render, rendered};
#[doc(hidden)]
pub use rewrite::{NewTarget, NewTargets, TargetKind, rewrite, targets};
pub use write::{body, write};
