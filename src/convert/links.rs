//! Links between converted pages, rewritten to lead to each other's outputs.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::import::Resources;
use crate::model::tree::{NodeId, Tree};

use super::link_map::LinkMap;

/// ASCII characters of file names that are percent-encoded in a link.
const NAME: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>').add(b'\\');

/// Rewrites links to other pages as relative links to their outputs.
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
}

impl Linker<'_> {
    /// Rewrites the links of a text.
    pub fn rewrite(&self, tree: &mut Tree) {
        let Self { resources, place, prefix, extension, link_map } = *self;
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
            if let Some(element) = tree.element_mut(id) {
                element.set("href", href);
            }
        }
    }
}

/// Returns the relative link from one output to another.
fn relative(from: &Path, to: &Path, extension: &str) -> String {
    let folders = |path: &Path| path.parent().unwrap_or(Path::new("")).components().map(owned).collect::<Vec<_>>();
    let (here, there) = (folders(from), folders(to));
    let shared = here.iter().zip(&there).take_while(|(here, there)| here == there).count();
    let mut path: PathBuf = std::iter::repeat_n(OsStr::new(".."), here.len() - shared).collect();
    path.extend(&there[shared..]);
    path.push(to.file_name().unwrap_or_default());
    let mut parts = Vec::new();
    for part in path.components() {
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

fn owned(part: Component<'_>) -> std::ffi::OsString {
    part.as_os_str().to_owned()
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
