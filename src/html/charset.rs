//! Decoding bytes to text: which charset a page is in, and what decided it.
//!
//! Order: byte order mark, HTTP `charset`, `<meta>`, detection over the whole body
//! (<https://encoding.spec.whatwg.org/>, <https://html.spec.whatwg.org/#determining-the-character-encoding>), with two
//! corrections of wrong labels: valid multi-byte UTF-8 is UTF-8 whatever the label, and bytes that are not valid UTF-8
//! are not decoded as UTF-8 because a label says so.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::model::{Charset, CharsetSource};

/// How many bytes are searched for `<meta charset>`. Browsers search 1,024; real pages put it later, after scripts and
/// comments.
const META_PREFIX: usize = 8 * 1024;

/// How many valid sequences there must be for each invalid one for a page to count as damaged UTF-8; with fewer, it is not
/// UTF-8.
const VALID_PER_INVALID: usize = 10;

/// The text of a response body or a file.
#[derive(Debug)]
pub struct DecodedBody<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// The charset and what decided it.
    pub charset: Charset,
    /// True when some bytes were not valid in that charset and became U+FFFD.
    pub malformed: bool,
}

/// Decodes a body.
///
/// `http` is the charset in the `Content-Type` header, `tld` the last label of the page's host in lower-case ASCII, a
/// hint for detection.
pub fn decode<'a>(bytes: &'a [u8], http: Option<&str>, tld: Option<&str>) -> DecodedBody<'a> {
    let (encoding, source) = choose(bytes, http, tld);
    // GB 18030 is a superset of GBK and GB 2312, and pages labelled as these use it.
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    let (text, _, malformed) = encoding.decode(bytes);
    DecodedBody { text, charset: Charset { name: encoding.name().to_owned(), source }, malformed }
}

/// Returns the charset of the start of a text without a label of its transport, as [`decode`] chooses it.
pub fn charset_of_start(start: &[u8]) -> &'static Encoding {
    // The last character may be cut.
    let end = start.iter().rposition(|byte| b"\n<> ".contains(byte)).map_or(start.len(), |at| at + 1);
    let (encoding, _) = choose(&start[..end], None, None);
    if encoding == GBK { GB18030 } else { encoding }
}

/// Returns the charset parameter of a `Content-Type` value.
pub fn charset_parameter(content_type: &str) -> Option<&str> {
    let lower = content_type.to_ascii_lowercase();
    let at = lower.find("charset=")? + "charset=".len();
    let value = content_type.get(at..)?.trim_start();
    let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
    let end = value.find([';', '"', '\'', ' ', '\t', ',']).unwrap_or(value.len());
    Some(&value[..end]).filter(|label| !label.is_empty())
}

fn choose(bytes: &[u8], http: Option<&str>, tld: Option<&str>) -> (&'static Encoding, CharsetSource) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, CharsetSource::Bom);
    }
    let http = http.and_then(usable_label);
    let meta = meta_charset(&bytes[..bytes.len().min(META_PREFIX)]);
    let label = match (http, meta) {
        // Many servers send Latin-1 as a default for all files; the page knows better.
        (Some(http), Some(meta)) if http == WINDOWS_1252 && meta != WINDOWS_1252 => Some((meta, CharsetSource::Meta)),
        (Some(http), _) => Some((http, CharsetSource::Http)),
        (None, Some(meta)) => Some((meta, CharsetSource::Meta)),
        (None, None) => None,
    };
    let utf8 = Utf8Counts::of(bytes);
    match label {
        Some((encoding, source)) if encoding == UTF_8 => {
            if utf8.is_plausible() {
                (UTF_8, source)
            } else {
                (detect(bytes, tld), CharsetSource::Detected)
            }
        }
        Some((encoding, _)) if utf8.is_certain() && encoding != UTF_16LE && encoding != UTF_16BE => {
            (UTF_8, CharsetSource::Utf8)
        }
        Some((encoding, source)) if decodes(encoding, bytes) => (encoding, source),
        Some((encoding, source)) => {
            let detected = detect(bytes, tld);
            if detected != encoding && decodes(detected, bytes) {
                (detected, CharsetSource::Detected)
            } else {
                (encoding, source)
            }
        }
        None if utf8.is_certain() => (UTF_8, CharsetSource::Utf8),
        None if utf8.is_ascii() && !bytes.contains(&0x1b) => (UTF_8, CharsetSource::Default),
        None if utf8.is_plausible() && utf8.invalid > 0 => (UTF_8, CharsetSource::Utf8),
        None => (detect(bytes, tld), CharsetSource::Detected),
    }
}

fn usable_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim().as_bytes()).filter(|&encoding| encoding != REPLACEMENT)
}

/// Returns true when the bytes are valid in the encoding, with at most one invalid sequence per 1,000 characters.
fn decodes(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    !malformed || text.matches('\u{fffd}').count() * 1000 <= text.chars().count()
}

fn detect(bytes: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    // The detector panics on a hint of any other form.
    let tld = tld.filter(|tld| tld.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase() && b != b'.'));
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Deny)
}

/// How many sequences of the bytes are valid UTF-8.
struct Utf8Counts {
    /// The number of valid multi-byte sequences; 1 for any number of them when `invalid` is 0.
    valid: usize,
    /// The number of invalid sequences.
    invalid: usize,
}

impl Utf8Counts {
    fn of(bytes: &[u8]) -> Self {
        if std::str::from_utf8(bytes).is_ok() {
            return Self { valid: usize::from(!bytes.is_ascii()), invalid: 0 };
        }
        let mut counts = Self { valid: 0, invalid: 0 };
        for chunk in bytes.utf8_chunks() {
            // Every multi-byte character has exactly one byte that is neither ASCII nor a continuation.
            counts.valid += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
            counts.invalid += usize::from(!chunk.invalid().is_empty());
        }
        counts
    }

    fn is_ascii(&self) -> bool {
        self.valid == 0 && self.invalid == 0
    }

    fn is_certain(&self) -> bool {
        self.valid > 0 && self.invalid == 0
    }

    fn is_plausible(&self) -> bool {
        self.valid >= self.invalid * VALID_PER_INVALID
    }
}

/// Returns the encoding that a `<meta>` or an XML declaration names; None when there is none or its name is unknown.
fn meta_charset(prefix: &[u8]) -> Option<&'static Encoding> {
    let lower = prefix.to_ascii_lowercase();
    let mut rest = lower.as_slice();
    while let Some(at) = find(rest, b"<") {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            rest = find(rest, b"-->").map_or(&[][..], |end| &rest[end..]);
            continue;
        }
        let end = find(rest, b">").unwrap_or(rest.len());
        let (tag, after) = rest.split_at(end);
        let name: &[u8] = if tag.starts_with(b"<meta") {
            b"charset"
        } else if tag.starts_with(b"<?xml") {
            b"encoding"
        } else {
            b""
        };
        if !name.is_empty()
            && let Some(encoding) = label_after(tag, name)
        {
            // A declaration that can be read as ASCII is not in UTF-16.
            return Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding });
        }
        rest = if after.is_empty() { &[] } else { &after[1..] };
    }
    None
}

fn label_after(tag: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let after = &tag[find(tag, name)? + name.len()..];
    let after = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let after = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after);
    let end = after.iter().position(|b| b"\"'; \t\r\n/?".contains(b)).unwrap_or(after.len());
    usable_label(std::str::from_utf8(&after[..end]).ok()?)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "当地时间六月十六日，两国领导人举行了会晤，会谈持续约三小时，双方签署了一份联合声明。";

    fn bytes(label: &str, head: &str, text: &str) -> Vec<u8> {
        let page = format!("<html><head>{head}</head><body><p>{text}</p></body></html>");
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        encoding.encode(&page).0.into_owned()
    }

    fn read(bytes: &[u8], http: Option<&str>) -> (String, String, bool) {
        let decoded = decode(bytes, http, Some("cn"));
        (decoded.charset.name, decoded.charset.source.as_str().to_owned(), decoded.text.contains(TEXT))
    }

    fn expected(name: &str, source: &str) -> (String, String, bool) {
        (name.to_owned(), source.to_owned(), true)
    }

    #[test]
    fn a_byte_order_mark_decides() {
        let page = [b"\xef\xbb\xbf".as_slice(), &bytes("utf-8", "", TEXT)].concat();
        assert_eq!(read(&page, Some("gbk")), expected("UTF-8", "bom"));
        assert!(!decode(&page, None, None).text.starts_with('\u{feff}'));
    }

    #[test]
    fn gb2312_and_gbk_are_read_as_gb18030() {
        let page = bytes("gb18030", "", &format!("{TEXT}朱镕基𠮷"));
        assert_eq!(read(&page, Some("GB2312")), expected("gb18030", "http"));
        let page = bytes("gbk", "<meta http-equiv=Content-Type content=\"text/html; charset=gb2312\">", TEXT);
        assert_eq!(read(&page, None), expected("gb18030", "meta"));
    }

    #[test]
    fn without_a_label_the_charset_is_detected_from_the_whole_body() {
        let padding = "<!-- ascii -->".repeat(2000);
        assert_eq!(read(&bytes("gbk", &padding, TEXT), None), expected("gb18030", "detected"));
        let big5 = "總統在記者會上表示，這項政策將於明年開始實施，民眾可以放心，政府會持續與各界溝通。";
        let decoded = decode(&bytes("big5", "", big5), None, None).text.into_owned();
        assert!(decoded.contains(big5));
        let japanese = "政府は今日の閣議で、来年度の予算案について議論し、関係省庁に対して調整を求めた。";
        for label in ["shift_jis", "euc-jp", "iso-2022-jp"] {
            let page = bytes(label, "", japanese);
            assert!(decode(&page, None, Some("jp")).text.contains(japanese), "{label}");
        }
    }

    #[test]
    fn valid_utf8_beats_a_wrong_legacy_label() {
        let page = bytes("utf-8", "<meta charset=gb2312>", TEXT);
        assert_eq!(read(&page, None), expected("UTF-8", "utf-8"));
        assert_eq!(read(&page, Some("iso-8859-1")), expected("UTF-8", "utf-8"));
    }

    #[test]
    fn invalid_utf8_is_not_decoded_as_utf8() {
        assert_eq!(read(&bytes("gbk", "<meta charset=utf-8>", TEXT), None), expected("gb18030", "detected"));
        assert_eq!(read(&bytes("gbk", "", TEXT), Some("utf-8")), expected("gb18030", "detected"));
    }

    #[test]
    fn a_utf8_page_with_one_invalid_byte_is_still_utf8() {
        let mut page = bytes("utf-8", "<meta charset=utf-8>", &TEXT.repeat(5));
        page.truncate(page.len() - "</p></body></html>".len() - 1);
        assert_eq!(read(&page, None), expected("UTF-8", "meta"));
        assert!(decode(&page, None, None).malformed);
    }

    #[test]
    fn a_servers_default_latin_1_yields_to_the_page() {
        let page = bytes("gbk", "<meta charset=gbk>", TEXT);
        assert_eq!(read(&page, Some("ISO-8859-1")), expected("gb18030", "meta"));
    }

    #[test]
    fn a_meta_in_a_comment_or_in_text_is_ignored() {
        let page = bytes("utf-8", "<!-- <meta charset=gbk> --><title>charset=big5</title>", TEXT);
        assert_eq!(read(&page, None), expected("UTF-8", "utf-8"));
    }

    #[test]
    fn content_type_parameters_are_read_in_every_spelling() {
        for value in
            ["text/html;charset=GBK", "text/html; Charset=\"GBK\"", "text/html; boundary=x; charset='GBK' ; y=z"]
        {
            assert_eq!(charset_parameter(value), Some("GBK"), "{value}");
        }
        assert_eq!(charset_parameter("text/html"), None);
        assert_eq!(charset_parameter("text/html; charset="), None);
    }

    #[test]
    fn empty_and_binary_bodies_are_decoded_without_a_panic() {
        assert_eq!(decode(b"", None, None).charset.source, CharsetSource::Default);
        decode(&[0, 159, 146, 150, 255, 254, 0, 0], Some("nonsense"), None);
        decode(b"<meta charset=iso-2022-kr>\xff", Some("hz-gb-2312"), None);
    }
}
