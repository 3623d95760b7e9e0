//! Links between converted pages, rewritten to lead to each other's outputs.

use std::collections::HashSet;
use std::path::Path;

use crate::import::Resources;
use crate::model::tree::{NodeId, Tree};

use super::link_map::LinkMap;
use super::site_links::{self, SiteForm, StandIns};

/// ASCII characters of file names that are percent-encoded in a link.
const NAME: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>').add(b'\\');

/// Rewrites links to other pages as links to their outputs.
pub struct Linker<'a> {
    /// The files around this page.
    pub resources: &'a dyn Resources,
    /// The page's own output, relative to the output folder, without extension.
    pub place: &'a Path,
    /// The folder of its export, relative to the output folder.
    pub prefix: &'a Path,
    /// The extension of all outputs.
    pub extension: &'a str,
    /// The outputs by URL, and those that failed: links to these stay unchanged.
    pub link_map: &'a LinkMap,
    /// The form of links between texts; None for relative links to their files.
    pub form: Option<&'a SiteForm>,
}

impl Linker<'_> {
    /// Rewrites the links of a text. Those in the form of a site generator are added to `stand_ins`.
    pub fn rewrite(&self, tree: &mut Tree, stand_ins: &mut StandIns) {
        let Self { resources, place, prefix, extension, link_map, form } = *self;
        // A text that has such characters of its own keeps its URLs.
        let has_stand_ins = form.is_some() && StandIns::occur_in(&tree.text(tree.root()));
        let places: HashSet<String> =
            tree.descendants(tree.root()).filter_map(|id| tree.attr(id, "id")).map(str::to_owned).collect();
        let links: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "a").collect();
        for id in links {
            let Some(href) = tree.attr(id, "href") else { continue };
            let (target, fragment) = href.split_once('#').map_or((href, None), |(target, rest)| (target, Some(rest)));
            if target.is_empty() {
                continue;
            }
            let page = resources.page(target).map(|page| prefix.join(page)).or_else(|| link_map.at(target));
            let page = page.map(|page| link_map.moved(page));
            let Some(page) = page.filter(|page| page == place || link_map.leads(place, page)) else { continue };
            // A link within the page is rewritten only if the page has that anchor.
            if page == place && fragment.is_some_and(|fragment| !fragment.is_empty() && !places.contains(fragment)) {
                continue;
            }
            let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
            let href = match page == place {
                true if fragment.is_empty() => relative(place, &page, extension),
                true => fragment,
                false => relative(place, &page, extension) + &fragment,
            };
            // Within the page itself a fragment is enough.
            let href = match form.filter(|_| !href.starts_with('#')) {
                None => Some(href),
                Some(_) if has_stand_ins => None,
                Some(form) => self.in_form(form, &page, tree.attr(id, "href").unwrap_or_default(), stand_ins),
            };
            if let (Some(href), Some(element)) = (href, tree.element_mut(id)) {
                if element.attr("title").is_some() && form.is_some_and(SiteForm::has_own_titles) {
                    element.set("title", "");
                }
                element.set("href", href);
            }
        }
    }

    /// Returns what stands for the link to a page in the form of a generator; None when the URL has to stay.
    fn in_form(&self, form: &SiteForm, page: &Path, url: &str, stand_ins: &mut StandIns) -> Option<String> {
        let fragment = url.find('#').map(|at| &url[at..]).filter(|fragment| fragment.len() > 1).unwrap_or_default();
        if form.has_bundles() && self.link_map.is_in_bundle(page) {
            return None;
        }
        let link = form.link(self.place, page, fragment)?;
        stand_ins.add(link, url).map(String::from)
    }
}

/// Returns the relative link from one output to another.
fn relative(from: &Path, to: &Path, extension: &str) -> String {
    let mut parts = Vec::new();
    for part in site_links::relative(from, to).components() {
        let bytes = part.as_os_str().as_encoded_bytes();
        // Letters of any script stay as they are; bytes that are not UTF-8 are percent-encoded.
        parts.push(match std::str::from_utf8(bytes) {
            Ok(text) => percent_text(text),
            Err(_) => percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string(),
        });
    }
    let link = format!("{}.{extension}", parts.join("/"));
    // A colon in the first segment would read as a scheme.
    if parts.first().is_some_and(|first| first.contains(':')) { format!("./{link}") } else { link }
}

fn percent_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            let mut one = [0; 4];
            out.extend(percent_encoding::utf8_percent_encode(c.encode_utf8(&mut one), NAME));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_up_and_down_and_name_every_file() {
        let link = |from: &str, to: &str| relative(Path::new(from), Path::new(to), "md");
        assert_eq!(link("a/b/1", "a/b/二"), "二.md");
        assert_eq!(link("a/b/1", "c/2"), "../../c/2.md");
        assert_eq!(link("1", "a/a b?c#d%"), "a/a%20b%3Fc%23d%25.md");
        assert_eq!(link("1", "c:d"), "./c:d.md");
    }
}
