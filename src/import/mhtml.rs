//! MHTML: a page with its images in one MIME message. <https://www.rfc-editor.org/rfc/rfc2557>

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use mailparse::{MailHeaderMap, ParsedMail};
use url::Url;

use super::error::ImportError;
use super::item::{Item, ItemContent};
use super::resources::Resources;
use super::source_url::{source_url, web_url};
use crate::model::{Headers, ImageRef, Origin, RawPage};

/// The folder that replaces `cid:` in URLs.
const CID: &str = "part-of-this-message/";

/// Reads the page of a message with its images. Other HTML parts are frames of the page and are left out.
pub fn read(bytes: &[u8], name: &str) -> Result<Item, ImportError> {
    let broken = |cause: String| ImportError::Damaged { name: name.to_owned(), cause };
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let message = mailparse::parse_mail(&bytes[start..]).map_err(|error| broken(error.to_string()))?;
    let parts: Vec<&ParsedMail<'_>> = message.parts().filter(|part| part.subparts.is_empty()).collect();
    let root = root(&message, &parts).ok_or_else(|| broken("none of its parts is HTML".to_owned()))?;
    let location = |part: &ParsedMail<'_>| header(part, "Content-Location");
    let snapshot = header(&message, "Snapshot-Content-Location");
    let own = [location(root), snapshot, header(&message, "Content-Base"), location(&message)];
    let url = own.into_iter().flatten().find_map(|text| web_url(&text));
    let images = MessageImages::of(&parts, url.as_ref());
    let body = root.get_body_raw().map_err(|error| broken(error.to_string()))?;
    let body = images.without_cid(body);
    let mut raw = RawPage::from_bytes(body, url.clone(), Origin::Import(name.to_owned()), None);
    if raw.url.is_none() {
        raw.url = source_url(&raw.body);
        raw.requested.clone_from(&raw.url);
    }
    // The header of the part declares the charset where the page itself does not.
    if let Some(kind) = header(root, "Content-Type") {
        raw.headers = Headers(vec![("Content-Type".to_owned(), kind.into_bytes())]);
    }
    Ok(Item { name: PathBuf::new(), content: ItemContent::Page(raw), resources: Arc::new(images), losses: Vec::new() })
}

fn header(part: &ParsedMail<'_>, name: &str) -> Option<String> {
    let value = part.headers.get_first_value(name)?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Returns the part that the message names as its start, else its first HTML part that is not empty.
fn root<'a, 'b>(message: &ParsedMail<'_>, parts: &[&'a ParsedMail<'b>]) -> Option<&'a ParsedMail<'b>> {
    let is_html = |part: &ParsedMail<'_>| matches!(part.ctype.mimetype.as_str(), "text/html" | "application/xhtml+xml");
    let start = message.ctype.params.get("start").map(|id| bare(id));
    let named = parts
        .iter()
        .find(|part| is_html(part) && start.is_some() && header(part, "Content-ID").as_deref().map(bare) == start);
    let first = || {
        let mut html = parts.iter().filter(|part| is_html(part));
        html.find(|part| part.get_body_raw().is_ok_and(|body| !body.trim_ascii().is_empty()))
    };
    named.or_else(first).copied()
}

/// Returns an id without its angle brackets.
fn bare(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>')
}

/// The parts that are not text, by each URL that the page may use for them.
struct MessageImages {
    parts: Vec<Vec<u8>>,
    by_url: HashMap<String, usize>,
}

impl MessageImages {
    fn of(parts: &[&ParsedMail<'_>], base: Option<&Url>) -> Self {
        let mut found = Self { parts: Vec::new(), by_url: HashMap::new() };
        for part in parts {
            let is_text = part.ctype.mimetype.starts_with("text/");
            let Some(body) = (!is_text).then(|| part.get_body_raw().ok()).flatten() else { continue };
            let at = found.parts.len();
            found.parts.push(body);
            let location = header(part, "Content-Location");
            let absolute = location.as_ref().and_then(|text| base?.join(text).ok()).map(String::from);
            let id = header(part, "Content-ID").map(|id| format!("{CID}{}", bare(&id)));
            for url in [location, absolute, id].into_iter().flatten() {
                found.by_url.entry(url).or_insert(at);
            }
        }
        found
    }

    /// Returns the page with the `cid:` URLs of parts replaced by paths, since extraction drops URLs of that scheme.
    fn without_cid(&self, page: Vec<u8>) -> Vec<u8> {
        let mut out = Vec::with_capacity(page.len());
        let mut done = 0;
        for at in memchr::memmem::find_iter(&page, b"cid:") {
            let rest = &page[at + 4..];
            let ends = |byte: &u8| b"\"'<>() \t\r\n&".contains(byte);
            let id = &rest[..rest.iter().take(300).position(ends).unwrap_or(0)];
            let path = format!("{CID}{}", String::from_utf8_lossy(id));
            if self.by_url.contains_key(&path) {
                out.extend(&page[done..at]);
                out.extend(path.as_bytes());
                done = at + 4 + id.len();
            }
        }
        out.extend(&page[done..]);
        out
    }
}

impl Resources for MessageImages {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        let decoded = percent_encoding::percent_decode_str(&image.written).decode_utf8_lossy();
        let urls = [image.written.trim(), image.url.as_str(), decoded.as_ref()];
        let others = image.alternatives.iter().map(String::as_str);
        let at = urls.into_iter().chain(others).find_map(|url| self.by_url.get(url))?;
        self.parts.get(*at).cloned()
    }

    fn page(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Options, extract};

    /// Returns a message as browsers write it: no Subject, the charset only in a meta tag, frames as further HTML parts.
    fn message() -> Vec<u8> {
        let (page, _, _) = encoding_rs::GBK.encode(
            "<html><head><meta charset=gbk><title>老城的铺子</title></head><body><h1>老城的铺子</h1><p>铺子在南门外，\
             开了四十年，师傅姓林，手艺是祖上传下来的。<img src=\"pic/a.gif\"><img src=\"cid:b@x\"></p></body></html>",
        );
        let quoted: String = page
            .iter()
            .map(|byte| format!("={byte:02X}"))
            .collect::<Vec<_>>()
            .chunks(24)
            .map(|line| line.concat() + "=\r\n")
            .collect();
        let frames =
            "------x\r\nContent-Type: text/html\r\nContent-Location: https://ad.example/f\r\n\r\n<p>ad</p>\r\n"
                .repeat(61);
        format!(
            "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.cn/a/1.html\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----x\"\r\n\r\n\r\n\
             ------x\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\
             Content-Location: https://example.cn/a/1.html\r\n\r\n{quoted}\r\n{frames}\
             ------x\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\nContent-Location: pic/a.gif\r\n\r\n\
             R0lGODlhHgAoAAAAAA==\r\n\
             ------x\r\nContent-Type: image/gif\r\nContent-ID: <b@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             R0lGODlhHwAoAAAAAA==\r\n------x--\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn the_first_page_is_read_in_its_own_charset_with_its_images() {
        let item = read(&message(), "x.mhtml").unwrap();
        let ItemContent::Page(raw) = item.content else { panic!() };
        let article = extract(&raw, Options::default()).unwrap();
        assert_eq!(article.metadata.title.unwrap().value, "老城的铺子");
        assert_eq!(article.charset.name, "gb18030");
        assert_eq!(raw.url.unwrap().as_str(), "https://example.cn/a/1.html");
        let images: Vec<_> =
            article.images.iter().map(|image| item.resources.image(image).map(|bytes| bytes[6])).collect();
        assert_eq!(images, [Some(30), Some(31)]);
    }

    #[test]
    fn a_message_without_a_page_or_with_endless_nesting_is_damaged() {
        let without = b"MIME-Version: 1.0\r\nContent-Type: image/gif\r\n\r\nx";
        assert!(matches!(read(without, "x"), Err(ImportError::Damaged { .. })));
        let deep: String = (0..100_000).fold(String::from("MIME-Version: 1.0\r\n"), |text, at| {
            text + &format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n")
        });
        assert!(matches!(read(deep.as_bytes(), "x"), Err(ImportError::Damaged { .. })));
    }
}
