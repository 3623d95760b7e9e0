//! Writes the HTML of a text as well-formed XHTML that follows the content model, for EPUB, HTML in one file and
//! exported sites.
//!
//! What HTML parsers accept is more than what EPUB allows: a block within a line, a list item outside a list, an annotation
//! without its base. Each becomes the nearest form that is valid, and no text is lost. Nothing that is written acts or is
//! loaded from elsewhere: players become links, and the targets of links and images are decided by [`Targets`].

mod attributes;
mod escape;
mod forms;
mod formula;
mod ids;
mod mathml;
mod write;

use crate::html;
use crate::markdown;

pub(crate) use escape::{escaped, url_escaped};

/// How an image is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageTarget {
    /// It is shown from this file, or from this `data:` URL.
    Shown(String),
    /// It is linked to.
    Linked(String),
    /// Its alternative text stands for it.
    Text,
}

/// Decides where the links and images of a text lead.
pub(crate) trait Targets {
    /// Returns where a link leads; None if it leads nowhere. Links within the text are not asked for.
    fn link(&self, href: &str) -> Option<String>;

    /// Returns how an image is written.
    fn image(&mut self, src: &str) -> ImageTarget;
}

/// The vocabulary of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// XHTML with the semantics of EPUB, `epub:type`.
    Epub,
    /// HTML in XML syntax, with roles only.
    Html,
}

/// A text as XHTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Xhtml {
    /// The elements of the body, in lines without indentation.
    pub text: String,
    pub formulas: FormulaCount,
}

/// How the formulas of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FormulaCount {
    /// The number of formulas that are MathML.
    pub mathml: usize,
    /// The number of formulas that stay TeX: they are not valid, or too large.
    pub tex: usize,
}

/// Returns Markdown that bindery wrote as XHTML. `language` is that of the article.
pub(crate) fn of_markdown(markdown: &str, language: &str, vocabulary: Vocabulary, targets: &mut dyn Targets) -> Xhtml {
    let dom = html::fragment(&markdown::rendered(markdown));
    write::write(&dom, language, vocabulary, targets)
}

#[cfg(test)]
mod tests;
