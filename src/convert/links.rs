//! Links between converted pages: they lead to each other's texts.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::import::Resources;
use crate::model::tree::{NodeId, Tree};

use super::link_map::LinkMap;

/// Bytes that stand for something else in a link than in a file name.
const NAME: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>').add(b'\\');

/// Turns links to other pages into relative links to what becomes of them.
pub struct Linker<'a> {
    /// What lies around this page.
    pub around: &'a dyn Resources,
    /// Where this page's own text goes, below the output folder.
    pub place: &'a Path,
    /// The folder of its export, below the output folder.
    pub prefix: &'a Path,
    /// The extension of all texts.
    pub extension: &'a str,
    /// Knows pages by their URLs, and those that came to nothing: links to these stay as they are.
    pub link_map: &'a LinkMap,
}

impl Linker<'_> {
    /// Rewrites the links of a text.
    pub fn rewrite(&self, tree: &mut Tree) {
        let Self { around, place, prefix, extension, link_map } = *self;
        let places: HashSet<String> =
            tree.descendants(tree.root()).filter_map(|id| tree.attr(id, "id")).map(str::to_owned).collect();
        let links: Vec<NodeId> = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "a").collect();
        for id in links {
            let Some(href) = tree.attr(id, "href") else { continue };
            let (target, fragment) = href.split_once('#').map_or((href, None), |(target, rest)| (target, Some(rest)));
            if target.is_empty() {
                continue;
            }
            let page = around.page(target).map(|page| prefix.join(page)).or_else(|| link_map.at(target));
            let Some(page) = page.filter(|page| page == place || link_map.leads(place, page)) else { continue };
            // Of this text only the places that it has can be led to.
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

/// The link from the text of one place to that of another.
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
        // Letters of any script stay what they are; what is no text is percent-coded.
        parts.push(match std::str::from_utf8(bytes) {
            Ok(text) => percent_text(text),
            Err(_) => percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string(),
        });
    }
    let link = format!("{}.{extension}", parts.join("/"));
    // A colon in the first part would make a scheme of it.
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
