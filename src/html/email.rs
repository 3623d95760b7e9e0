//! Email addresses that Cloudflare hides from harvesters. In browsers a script restores them; so does this module.

use html5ever::tendril::StrTendril;

use super::dom::{Dom, Element, ElementRef, Node, NodeId, Text};

/// The path that replaces the address in links.
const PATH: &str = "/cdn-cgi/l/email-protection";

/// The maximum length of an address with its query (`?subject=…`), in bytes.
const MAX_ADDRESS: usize = 2000;

/// An element that hides an address.
struct HiddenAddress {
    element: NodeId,
    /// The address, to replace the element's content; None when only the link is hidden.
    shown: Option<String>,
    /// The target of the link; None when the element is not a link.
    href: Option<String>,
}

/// Restores the hidden addresses of a page.
pub(super) fn reveal(dom: &mut Dom) {
    let found: Vec<HiddenAddress> = dom.root().descendants().filter_map(ElementRef::wrap).filter_map(hidden).collect();
    for HiddenAddress { element, shown, href } in found {
        if let (Some(href), Node::Element(link)) = (href, dom.node_mut(element)) {
            link.replace("href", &href);
        }
        let Some(shown) = shown else { continue };
        while let Some(child) = dom.first(element) {
            dom.detach(child);
        }
        let text = dom.create(Node::Text(Text { text: StrTendril::from_slice(&shown) }));
        dom.append(element, text);
    }
}

fn hidden(element: ElementRef<'_>) -> Option<HiddenAddress> {
    let shown = element.attr("data-cfemail").and_then(decoded);
    let leads_there = element.attr("href").filter(|href| href.contains(PATH));
    if shown.is_none() && leads_there.is_none() {
        return None;
    }
    let of_link = leads_there.and_then(|href| decoded(href.split_once('#')?.1));
    // In an older form only the text of the link holds the address.
    let inside = || element.child_elements().find_map(|child| child.attr("data-cfemail").and_then(decoded));
    let href = leads_there.and_then(|_| of_link.or_else(|| shown.clone()).or_else(inside));
    Some(HiddenAddress { element: element.id(), shown, href: href.map(|address| format!("mailto:{address}")) })
}

/// Decodes an address from hexadecimal digits, in which each byte is XORed with the first; None when it is not valid.
fn decoded(hex: &str) -> Option<String> {
    let hex = hex.trim();
    if hex.len() > 2 * MAX_ADDRESS || !hex.len().is_multiple_of(2) || !hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return None;
    }
    let mut bytes = (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    let key = bytes.next()?;
    let address = String::from_utf8(bytes.map(|byte| byte ^ key).collect()).ok()?;
    let is_address = address.contains('@') && !address.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
    is_address.then_some(address)
}

impl Element {
    /// Replaces the value of an attribute; does nothing when it is absent.
    fn replace(&mut self, name: &str, value: &str) {
        if let Some(attr) = self.attr_mut(name) {
            *attr = StrTendril::from_slice(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::html::{ElementRef, Page};
    use crate::model::{Origin, RawPage};

    /// Returns an address as Cloudflare encodes it.
    fn encoded(address: &str) -> String {
        std::iter::once(0x5a).chain(address.bytes().map(|byte| byte ^ 0x5a)).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the text of the page and the targets of its links.
    fn read(html: &str) -> (String, Vec<String>) {
        let page = Page::parse(&RawPage::from_bytes(html.into(), None, Origin::Replay, None));
        let links =
            page.elements_named("a").filter_map(|a: ElementRef<'_>| a.attr("href").map(str::to_owned)).collect();
        (page.dom.root().text().collect(), links)
    }

    #[test]
    fn a_hidden_address_is_restored_in_text_and_links() {
        let code = encoded("信箱@例子.example");
        let span = format!("写信到<span class=__cf_email__ data-cfemail={code}>[email&#160;protected]</span>。");
        assert_eq!(read(&span), ("写信到信箱@例子.example。".to_owned(), vec![]));
        let code = encoded("a@b.example");
        let link = format!("<a href=/cdn-cgi/l/email-protection data-cfemail={code}>[email&#160;protected]</a>");
        assert_eq!(read(&link), ("a@b.example".to_owned(), vec!["mailto:a@b.example".to_owned()]));
    }

    #[test]
    fn a_link_with_its_own_text_leads_to_the_address() {
        let code = encoded("a@b.example?subject=Brot");
        let link = format!("<a href='https://x.example/cdn-cgi/l/email-protection#{code}'>Schreib uns</a>");
        assert_eq!(read(&link), ("Schreib uns".to_owned(), vec!["mailto:a@b.example?subject=Brot".to_owned()]));
        let code = encoded("a@b.example");
        let old = format!("<a href=/cdn-cgi/l/email-protection><span data-cfemail={code}>[email protected]</span></a>");
        assert_eq!(read(&old), ("a@b.example".to_owned(), vec!["mailto:a@b.example".to_owned()]));
    }

    #[test]
    fn an_invalid_code_leaves_the_page_unchanged() {
        for code in ["", "5", "zz", "5a", &encoded("no address"), &encoded("<b>@</b>")] {
            let html = format!("<span data-cfemail='{code}'>[email protected]</span>");
            assert_eq!(read(&html).0, "[email protected]", "{code}");
        }
    }
}
