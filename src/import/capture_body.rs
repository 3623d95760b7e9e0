//! The bodies of captures: without transfer and content codings, and what they are.

use url::Url;

use crate::model::{Headers, Timestamp, UrlKey};
use crate::warc::coding::{self, CodingError};
use crate::warc::{RecordKind, StoredRecord};

/// The response in a record, decoded.
pub struct Response {
    /// The status of HTTP; 200 for a record without HTTP.
    pub status: u16,
    /// The header fields as stored.
    pub headers: Headers,
    /// The body, without transfer and content codings.
    pub body: Vec<u8>,
}

impl Response {
    /// Returns the response in a record; an error states why its body cannot be decoded.
    pub fn of(stored: StoredRecord, cap: u64) -> Result<Self, String> {
        let message = stored.http().filter(|_| stored.entry.kind == RecordKind::Response);
        let Some(message) = message else {
            // A resource, or the response of a server that sent no header.
            let named = ["WARC-Identified-Payload-Type", "ARC-Content-Type", "Content-Type"];
            let kind = named
                .iter()
                .filter_map(|name| stored.entry.field(name))
                .find(|kind| !kind.starts_with("application/http"));
            let headers = Headers(vec![("Content-Type".to_owned(), kind.unwrap_or_default().as_bytes().to_vec())]);
            return Ok(Self { status: 200, headers, body: stored.block });
        };
        let chunked =
            message.headers.all("transfer-encoding").any(|coding| coding.to_ascii_lowercase().contains("chunked"));
        let body = if chunked { unchunked(message.body) } else { None };
        let body = body.unwrap_or_else(|| message.body.to_vec());
        let coding = message.headers.all("content-encoding").collect::<Vec<_>>().join(", ");
        let body = match coding::decode(&coding, &body, cap) {
            Ok(decoded) => decoded.body.unwrap_or(body),
            // Some programs decode the body and keep the header field.
            Err(CodingError::Malformed { .. } | CodingError::Unknown { .. }) if is_plain(&body) => body,
            Err(error) => return Err(error.to_string()),
        };
        Ok(Self { status: message.status.unwrap_or(0), body, headers: message.headers })
    }

    /// Returns when the server says that it sent the response.
    pub fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get("date")?;
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
        Some(Timestamp::new(parsed))
    }

    /// Returns true for HTML by its content type, or by its bytes where the type is missing or general.
    pub fn is_html(&self) -> bool {
        match Form::of(self.headers.get("content-type")) {
            Form::Html => !self.body.trim_ascii().is_empty(),
            Form::Unknown => {
                let start = &self.body[..self.body.len().min(1024)];
                let start = String::from_utf8_lossy(start).trim_start().to_ascii_lowercase();
                start.starts_with("<!doctype html") || start.starts_with("<html")
            }
            Form::Other => false,
        }
    }
}

/// What a body may be, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    /// What its bytes say.
    Unknown,
    Other,
}

impl Form {
    pub fn of(media_type: Option<&str>) -> Self {
        let kind = media_type.unwrap_or_default();
        match kind.split([';', ',', ' ']).next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" => Self::Html,
            "" | "text/plain" | "application/octet-stream" | "unknown" | "no-type" | "*/*" => Self::Unknown,
            _ => Self::Other,
        }
    }
}

/// Returns true for bytes that are a file of a known type other than compressed data.
fn is_plain(body: &[u8]) -> bool {
    infer::get(body)
        .is_some_and(|kind| matches!(kind.matcher_type(), infer::MatcherType::Image | infer::MatcherType::Text))
}

/// Returns the URL keys of the pages in the frames of a page.
pub(super) fn framed(body: &[u8], base: &Url) -> Vec<UrlKey> {
    let mut keys = Vec::new();
    for at in memchr::memmem::find_iter(body, b"<iframe") {
        let tag = &body[at..body.len().min(at + 4096)];
        let tag = &tag[..tag.iter().position(|&byte| byte == b'>').unwrap_or(tag.len())];
        let tag = String::from_utf8_lossy(tag);
        let Some((_, value)) = tag.split_once(" src=") else { continue };
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
            _ => value.split_whitespace().next(),
        };
        if let Some(url) = value.and_then(|value| base.join(&value.replace("&amp;", "&")).ok()) {
            keys.push(UrlKey::of(&url));
        }
    }
    keys
}

/// Removes the chunked transfer coding from a body; None when it does not have it, whatever the header says. Of a body that
/// ends early, what came before is returned. <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body;
    let mut out = Vec::with_capacity(body.len());
    loop {
        let Some(length) = chunk_length(&mut rest) else {
            // Without a single chunk the body is not chunked.
            return (!out.is_empty()).then_some(out);
        };
        if length == 0 {
            return Some(out);
        }
        let Some(chunk) = rest.get(..length) else {
            let is_cut = !out.is_empty() || rest.len() > length / 2;
            out.extend(rest);
            return is_cut.then_some(out);
        };
        out.extend(chunk);
        rest = &rest[length..];
        match rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
            Some(next) => rest = next,
            None if rest.is_empty() => return Some(out),
            // Hexadecimal digits by chance.
            None => return None,
        }
    }
}

/// Consumes the line before a chunk and returns the chunk's length; `None` for any other line.
fn chunk_length(rest: &mut &[u8]) -> Option<usize> {
    let end = rest.iter().take(1024).position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&rest[..end]).ok()?;
    let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
    *rest = &rest[end + 1..];
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_other_bodies_left_alone() {
        assert_eq!(unchunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").as_deref(), Some(&b"abcde"[..]));
        assert_eq!(unchunked(b"3\nabc\n0\n").as_deref(), Some(&b"abc"[..]));
        assert_eq!(unchunked(b"3\r\nabc\r\n9\r\nde").as_deref(), Some(&b"abcde"[..]), "a body that ends early");
        for body in [&b"<p>abc</p>"[..], b"abc\r\n<p>", b"3\r\nabcd\r\n", b""] {
            assert_eq!(unchunked(body), None, "{body:?}");
        }
    }
}
