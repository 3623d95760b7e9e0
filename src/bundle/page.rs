//! Writes an article as one HTML file with its images inside. It asks for nothing, with the network on or off.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::archive::{Archive, Record};

use super::output::Output;
use super::stored::{StoredText, header, linked, web_link};
use super::xhtml::{self, FormulaCount, ImageTarget, Targets, Vocabulary, Xhtml, escaped, url_escaped};
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, single};

/// What the article looks like, in light and dark, on a phone and on paper.
pub(crate) const STYLE: &str = concat!(include_str!("reading.css"), include_str!("page.css"));

/// HTML in one file: an article with its images inside. A target that is a folder, or ends in `/`, becomes a folder with a
/// file for each article.
#[derive(Debug, Clone, Copy)]
pub struct HtmlPage;

impl BundleFormat for HtmlPage {
    fn name(&self) -> &'static str {
        "html"
    }

    fn about(&self) -> &'static str {
        "One article as an HTML file with its images inside, for browsers"
    }

    fn write(
        &self,
        archive: &Archive,
        target: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        single::each(archive, (target, "html"), options, progress, &mut |stored, path, summary| {
            let (page, formulas) = page(archive, stored)?;
            summary.tex_formulas.extend(stored.tex_formulas(formulas));
            summary.files += 1 + stored.images.len();
            summary.bytes += page.len() as u64;
            let mut out = Output::create(path)?;
            out.write(&page)?;
            out.finish()
        })
    }
}

/// Returns the page, and how its formulas are written.
fn page(archive: &Archive, stored: &StoredText<'_>) -> Result<(String, FormulaCount), BundleError> {
    let language = stored.language();
    let mut targets = PageTargets { base: stored.url(), archive, stored, fault: None };
    let Xhtml { text: body, formulas } =
        xhtml::of_markdown(&stored.plain_body(), &language, Vocabulary::Html, &mut targets);
    if let Some(fault) = targets.fault {
        return Err(fault);
    }
    let policy = format!(
        "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'",
        source_of_style()
    );
    let document = Document {
        language: &language,
        title: stored.title(),
        policy: &policy,
        head: &format!("{}<style>{STYLE}</style>\n", authors(&stored.entry.record)),
        body: &format!("<main>\n<article>\n{}{body}</article>\n</main>\n", header(&stored.entry.record)),
    };
    Ok((document.html(), formulas))
}

/// A page for browsers: what is around its content.
pub(crate) struct Document<'d> {
    pub language: &'d str,
    pub title: &'d str,
    /// The content security policy.
    pub policy: &'d str,
    /// The other elements of its head, a line each.
    pub head: &'d str,
    /// What is in its body.
    pub body: &'d str,
}

impl Document<'_> {
    /// Returns the HTML.
    pub fn html(&self) -> String {
        let Self { policy, head, body, .. } = self;
        let (language, title) = (escaped(self.language), escaped(self.title));
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n\
             <meta name=\"referrer\" content=\"no-referrer\"/>\n<title>{title}</title>\n\
             <link rel=\"icon\" href=\"data:,\"/>\n{head}</head>\n<body>\n{body}</body>\n</html>\n"
        )
    }
}

/// Returns the elements of a head that name the authors of an article.
pub(crate) fn authors(record: &Record) -> String {
    record.authors.iter().map(|author| format!("<meta name=\"author\" content=\"{}\"/>\n", escaped(author))).collect()
}

/// Returns what the content security policy names the styles by.
fn source_of_style() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(STYLE)))
}

struct PageTargets<'t> {
    base: Option<Url>,
    archive: &'t Archive,
    stored: &'t StoredText<'t>,
    /// Why an image could not be read; None if all could.
    fault: Option<BundleError>,
}

impl Targets for PageTargets<'_> {
    fn link(&self, href: &str) -> Option<String> {
        web_link(href, self.base.as_ref()).map(|url| url_escaped(url.as_str()))
    }

    fn image(&mut self, src: &str) -> ImageTarget {
        let Some(image) = self.stored.image(src) else { return linked(src, self.base.as_ref()) };
        match image.bytes(self.archive) {
            Ok(bytes) => {
                ImageTarget::Shown(format!("data:{};base64,{}", image.format.media_type(), STANDARD.encode(bytes)))
            }
            Err(fault) => {
                self.fault.get_or_insert(fault);
                ImageTarget::Text
            }
        }
    }
}
