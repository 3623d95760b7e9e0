//! Email addresses that Cloudflare keeps from harvesters: a browser's script writes them back, and so is done here.

use html5ever::tendril::StrTendril;

use super::dom::{Dom, Element, ElementRef, Node, NodeId, Text};

/// The path that stands in place of such an address.
const PATH: &str = "/cdn-cgi/l/email-protection";

/// An address, with what may follow it (`?subject=…`), has no more bytes than this.
const LONGEST: usize = 2000;

/// What a page shows in place of an address.
struct Hidden {
    element: NodeId,
    /// The address as text; None where only the link is hidden.
    shown: Option<String>,
    /// Where the link leads; None where the element is none.
    href: Option<String>,
}

/// Writes the hidden addresses of a page in their places.
pub(super) fn reveal(dom: &mut Dom) {
    let found: Vec<Hidden> = dom.root().descendants().filter_map(ElementRef::wrap).filter_map(hidden).collect();
    for Hidden { element, shown, href } in found {
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

fn hidden(element: ElementRef<'_>) -> Option<Hidden> {
    let shown = element.attr("data-cfemail").and_then(decoded);
    let leads_there = element.attr("href").filter(|href| href.contains(PATH));
    if shown.is_none() && leads_there.is_none() {
        return None;
    }
    let of_link = leads_there.and_then(|href| decoded(href.split_once('#')?.1));
    // An older form hides the address only in what the link shows.
    let inside = || element.child_elements().find_map(|child| child.attr("data-cfemail").and_then(decoded));
    let href = leads_there.and_then(|_| of_link.or_else(|| shown.clone()).or_else(inside));
    Some(Hidden { element: element.id(), shown, href: href.map(|address| format!("mailto:{address}")) })
}

/// The address in pairs of hexadecimal digits, each byte combined with the first by exclusive or; None where it is none.
fn decoded(hex: &str) -> Option<String> {
    let hex = hex.trim();
    if hex.len() > 2 * LONGEST || !hex.len().is_multiple_of(2) || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    let key = bytes.next()?;
    let address = String::from_utf8(bytes.map(|byte| byte ^ key).collect()).ok()?;
    let is_one = address.contains('@') && !address.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
    is_one.then_some(address)
}

impl Element {
    /// Gives an attribute that is there another value.
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

    /// What Cloudflare's server makes of an address.
    fn encoded(address: &str) -> String {
        std::iter::once(0x5a).chain(address.bytes().map(|byte| byte ^ 0x5a)).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text of the page, and where its links lead.
    fn read(html: &str) -> (String, Vec<String>) {
        let page = Page::parse(&RawPage::from_bytes(html.into(), None, Origin::Replay, None));
        let links =
            page.elements_named("a").filter_map(|a: ElementRef<'_>| a.attr("href").map(str::to_owned)).collect();
        (page.dom.root().text().collect(), links)
    }

    #[test]
    fn an_address_stands_where_a_reader_sees_it() {
        let code = encoded("信箱@例子.example");
        let span = format!("写信到<span class=__cf_email__ data-cfemail={code}>[email&#160;protected]</span>。");
        assert_eq!(read(&span), ("写信到信箱@例子.example。".to_owned(), vec![]));
        let code = encoded("a@b.example");
        let link = format!("<a href=/cdn-cgi/l/email-protection data-cfemail={code}>[email&#160;protected]</a>");
        assert_eq!(read(&link), ("a@b.example".to_owned(), vec!["mailto:a@b.example".to_owned()]));
    }

    #[test]
    fn a_link_with_words_of_its_own_leads_to_the_address() {
        let code = encoded("a@b.example?subject=Brot");
        let link = format!("<a href='https://x.example/cdn-cgi/l/email-protection#{code}'>Schreib uns</a>");
        assert_eq!(read(&link), ("Schreib uns".to_owned(), vec!["mailto:a@b.example?subject=Brot".to_owned()]));
        let code = encoded("a@b.example");
        let old = format!("<a href=/cdn-cgi/l/email-protection><span data-cfemail={code}>[email protected]</span></a>");
        assert_eq!(read(&old), ("a@b.example".to_owned(), vec!["mailto:a@b.example".to_owned()]));
    }

    #[test]
    fn what_holds_no_address_stays_as_it_is() {
        for code in ["", "5", "zz", "5a", &encoded("no address"), &encoded("<b>@</b>")] {
            let html = format!("<span data-cfemail='{code}'>[email protected]</span>");
            assert_eq!(read(&html).0, "[email protected]", "{code}");
        }
    }
}
