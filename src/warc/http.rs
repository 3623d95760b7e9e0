//! HTTP headers as stored in a WARC: in HTTP/1.1 form, secrets redacted, without characters that could end a line.

use url::Url;

use crate::model::{Exchange, Headers};

/// The fields whose values are always redacted.
const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

const REDACTED: &[u8] = b"redacted";

/// The new name of `Transfer-Encoding`: a stored body has no transfer coding. warcio and pywb use the same name.
const ORIGINAL_TRANSFER_ENCODING: &[u8] = b"X-Archive-Orig-Transfer-Encoding";

/// The header of a response, and the exchange it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct HttpHead<'a> {
    /// The URL that responded.
    pub url: &'a Url,
    /// Its status.
    pub status: u16,
    /// Its header fields as received.
    pub headers: &'a Headers,
    /// The request and connection.
    pub exchange: &'a Exchange,
    /// Names (any case) of further fields to redact; empty for none.
    pub secret: &'a [String],
}

impl HttpHead<'_> {
    /// Returns status line, fields and empty line.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let line = format!("HTTP/1.1 {:03} {}", self.status, reason(self.status));
        head(&line, self.headers, self.secret)
    }

    /// Returns the value of a field (any case); `None` if it is absent or not UTF-8.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

/// Returns request line, fields and empty line.
pub(super) fn request(exchange: &Exchange, url: &Url, secret: &[String]) -> Vec<u8> {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let method = token(&exchange.method);
    let line = format!("{} {}{query} HTTP/1.1", String::from_utf8_lossy(&method), url.path());
    head(&line, &exchange.request_headers, secret)
}

fn head(line: &str, headers: &Headers, secret: &[String]) -> Vec<u8> {
    let is_secret = |name: &str| {
        SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret))
            || secret.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    };
    let mut out = line.as_bytes().to_vec();
    out.extend(b"\r\n");
    for (name, value) in &headers.0 {
        match name.eq_ignore_ascii_case("transfer-encoding") {
            true => out.extend(ORIGINAL_TRANSFER_ENCODING),
            false => out.extend(token(name)),
        }
        out.extend(b": ");
        match is_secret(name.trim()) {
            true => out.extend(REDACTED),
            false => out.extend(value.iter().map(|&byte| if ends_a_line(byte) { b' ' } else { byte })),
        }
        out.extend(b"\r\n");
    }
    out.extend(b"\r\n");
    out
}

/// Returns whether a byte in a value would start another field, or end the text in some parsers.
pub(super) fn ends_a_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | 0)
}

/// Returns a field name in which `_` replaces every invalid byte (RFC 9110 section 5.6.2).
fn token(name: &str) -> Vec<u8> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let mut token: Vec<u8> = name.bytes().map(|byte| if allowed(byte) { byte } else { b'_' }).collect();
    if token.is_empty() {
        token.push(b'_');
    }
    token
}

/// Returns the target URI: the URL without user name, password and fragment.
pub(super) fn target(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_fragment(None);
    // Both fail only for URLs that cannot have a user name or password.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.into()
}

/// An HTTP message parsed from a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpMessage<'a> {
    /// The status of a response; `None` for a request.
    pub status: Option<u16>,
    /// The fields as stored.
    pub headers: Headers,
    /// The body, with its content coding.
    pub body: &'a [u8],
}

impl<'a> HttpMessage<'a> {
    /// Parses a record's block; `None` if it does not begin with an HTTP header. Lines that are not fields are ignored, as
    /// browsers do.
    pub fn parse(block: &'a [u8]) -> Option<Self> {
        let mut rest = block;
        let first = String::from_utf8_lossy(line(&mut rest)?);
        let status = match first.strip_prefix("HTTP/") {
            Some(response) => Some(response.split_whitespace().nth(1)?.parse().ok()?),
            None if first.rsplit(' ').next()?.starts_with("HTTP/") => None,
            None => return None,
        };
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        loop {
            let field = line(&mut rest)?;
            match (field.first(), headers.last_mut()) {
                (None, _) => return Some(Self { status, headers: Headers(headers), body: rest }),
                (Some(b' ' | b'\t'), Some((_, value))) => {
                    value.push(b' ');
                    value.extend(field.trim_ascii());
                }
                _ => {
                    let Some(colon) = field.iter().position(|&byte| byte == b':') else { continue };
                    let name = String::from_utf8_lossy(&field[..colon]).trim().to_owned();
                    headers.push((name, field[colon + 1..].trim_ascii().to_vec()));
                }
            }
        }
    }
}

/// Returns the next line without its line end; `None` if no complete line follows.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// Returns the reason phrase of RFC 9110 and its registry. HTTP/2 sends none, and readers must not depend on it.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        511 => "Network Authentication Required",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        Headers(fields.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect())
    }

    #[test]
    fn secrets_are_redacted_in_any_case() {
        let fields =
            headers(&[("COOKIE", "s3cret"), ("x-token", "s3cret"), ("Set-Cookie", "s3cret"), ("Accept", "*/*")]);
        let bytes = head("GET / HTTP/1.1", &fields, &["X-Token".to_owned()]);
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("s3cret"), "{text}");
        assert!(text.contains("x-token: redacted\r\n") && text.contains("Accept: */*\r\n"), "{text}");
    }

    #[test]
    fn neither_a_value_nor_a_name_can_start_another_field() {
        let fields = headers(&[("A\r\nB: c", "x\r\n\r\nHTTP/1.1 200 OK\r\nD: e"), ("", "empty"), ("n\0l", "\0")]);
        let bytes = head("GET / HTTP/1.1", &fields, &[]);
        let message = HttpMessage::parse(&bytes).unwrap();
        let names: Vec<&str> = message.headers.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["A__B__c", "_", "n_l"]);
        assert!(message.body.is_empty());
        assert!(!bytes.contains(&0));
    }

    #[test]
    fn a_header_is_parsed_as_it_was_written() {
        let value = b"caf\xe9 \xff".to_vec();
        let fields = Headers(vec![("X-Raw".into(), value.clone()), ("transfer-encoding".into(), b"chunked".to_vec())]);
        let mut block = head("HTTP/1.1 299 ", &fields, &[]);
        block.extend(b"\r\nbody\n\n");
        let message = HttpMessage::parse(&block).unwrap();
        assert_eq!((message.status, message.body), (Some(299), &b"\r\nbody\n\n"[..]));
        assert_eq!(message.headers.0[0].1, value);
        assert_eq!(message.headers.get("x-archive-orig-transfer-encoding"), Some("chunked"));
        let folded = HttpMessage::parse(b"HTTP/1.0 200 OK\nA: b\n  c\n\nx").unwrap();
        assert_eq!((folded.headers.get("a"), folded.body), (Some("b c"), &b"x"[..]));
        for wrong in [&b""[..], b"HTTP/1.1 200 OK\r\nA: b\r\n", b"<html>\n\n", b"HTTP/1.1 abc\r\n\r\n"] {
            assert_eq!(HttpMessage::parse(wrong), None);
        }
    }

    #[test]
    fn a_target_uri_has_neither_password_nor_fragment() {
        let url = Url::parse("https://user:pass@example.org:8443/a?b=c#d").unwrap();
        assert_eq!(target(&url), "https://example.org:8443/a?b=c");
    }
}
