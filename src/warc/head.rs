//! Heads of records as they are read: the version, the named fields, and what must be among them.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};

use super::error::Fault;
use super::id::RecordId;
use super::record::{IDENTICAL, RecordKind};
use crate::model::{Digest, Timestamp};

/// The longest head, of a record or of the HTTP message in it, in bytes.
const MAX_HEAD: usize = 1 << 20;

/// Earlier versions that differ in nothing that is read here.
const VERSIONS: [&str; 4] = ["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"];

/// A record's head.
pub(super) struct Head {
    pub kind: RecordKind,
    pub id: RecordId,
    pub target: Option<String>,
    pub date: Timestamp,
    pub length: u64,
    pub fields: Vec<(String, String)>,
}

impl Head {
    /// Reads a head. `strict`: one that bindery wrote.
    pub fn read(source: &mut dyn BufRead, strict: bool) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        let whole = read_lines(source, &mut bytes)?;
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if strict => return Err(Fault::malformed("the record's head is not UTF-8")),
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let (version, rest) = text.split_once('\n').unwrap_or((&text, ""));
        // Of a version that was cut short nothing can be said.
        if whole || text.contains('\n') || !VERSIONS[0].starts_with(&text) {
            check_version(version.trim_end(), strict)?;
        }
        match whole {
            true => {}
            false if bytes.len() < MAX_HEAD => return Err(Fault::Truncated),
            false => return Err(Fault::malformed(format!("the record's head has more than {MAX_HEAD} bytes"))),
        }
        Self::of_fields(parse_fields(rest, strict)?, strict)
    }

    fn of_fields(fields: Vec<(String, String)>, strict: bool) -> Result<Self, Fault> {
        let field = |name: &'static str| value(&fields, name).ok_or(Fault::MissingField { field: name });
        let word = field("WARC-Type")?;
        let kind = RecordKind::of_word(word);
        if strict && (kind == RecordKind::Other || kind.word() != word) {
            return Err(Fault::malformed(format!("a record of type `{word}` is none that bindery writes")));
        }
        let id = record_id(field("WARC-Record-ID")?, strict)?;
        let date = date(field("WARC-Date")?, strict)?;
        let length = field("Content-Length")?;
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|_| digits);
        let length = length.ok_or_else(|| Fault::malformed("Content-Length is no number of bytes"))?;
        let target = value(&fields, "WARC-Target-URI").map(|uri| if strict { uri } else { bare(uri) }.to_owned());
        if strict {
            check_required(kind, &fields)?;
        }
        Ok(Self { kind, id, target, date, length, fields })
    }

    /// Whether the block is an HTTP message.
    pub fn is_http(&self) -> bool {
        let media_type = value(&self.fields, "Content-Type").unwrap_or_default();
        media_type.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("application/http"))
    }

    /// The media type of a block that is no HTTP message.
    pub fn own_media_type(&self) -> Option<String> {
        value(&self.fields, "Content-Type").filter(|_| !self.is_http()).map(str::to_owned)
    }

    /// The SHA-256 that a field states; None when the field is absent or states another digest. `strict`: an error when
    /// it is there and no SHA-256.
    pub fn digest(&self, name: &str, strict: bool) -> Result<Option<Digest>, Fault> {
        let Some(text) = value(&self.fields, name) else { return Ok(None) };
        let digest = text.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        match digest {
            None if strict => Err(Fault::malformed(format!("{name} is not `sha256:` and 64 lower-case hex digits"))),
            digest => Ok(digest),
        }
    }
}

/// The first value of a field (any case).
pub(super) fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads lines up to and including the first empty one; false when the source ends, or [`MAX_HEAD`] is reached, before.
pub(super) fn read_lines(source: &mut dyn BufRead, into: &mut Vec<u8>) -> Result<bool, Fault> {
    loop {
        let start = into.len();
        let room = (MAX_HEAD - start) as u64;
        let read = (&mut *source).take(room).read_until(b'\n', into).map_err(Fault::of_io)?;
        match &into[start..] {
            b"\r\n" | b"\n" => return Ok(true),
            line if read == 0 || line.last() != Some(&b'\n') => return Ok(false),
            _ => {}
        }
    }
}

fn check_version(line: &str, strict: bool) -> Result<(), Fault> {
    let Some(number) = line.strip_prefix("WARC/") else {
        return Err(Fault::malformed("there is no WARC record"));
    };
    if line == VERSIONS[0] || !strict && VERSIONS.contains(&line) {
        return Ok(());
    }
    let parts = number.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parts {
        Some(version) if version > (1u32, 1u32) => Err(Fault::NewerVersion { version: format!("WARC/{number}") }),
        _ => Err(Fault::malformed(format!(
            "`{}` is no version of the format",
            line.chars().take(40).collect::<String>()
        ))),
    }
}

fn parse_fields(text: &str, strict: bool) -> Result<Vec<(String, String)>, Fault> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut names = BTreeSet::new();
    for line in text.split_inclusive('\n') {
        let inner = match line.strip_suffix("\r\n") {
            Some(inner) => inner,
            None if strict => return Err(Fault::malformed("a line of the record's head does not end in CR LF")),
            None => line.trim_end_matches('\n'),
        };
        if inner.is_empty() {
            break;
        }
        if let (false, true, Some((_, value))) = (strict, inner.starts_with([' ', '\t']), fields.last_mut()) {
            value.push(' ');
            value.push_str(inner.trim());
            continue;
        }
        let Some((name, value)) = inner.split_once(':') else {
            return Err(Fault::malformed("a line of the record's head is no field"));
        };
        let name = name.trim();
        if strict && !names.insert(name.to_ascii_lowercase()) && name != "WARC-Concurrent-To" {
            return Err(Fault::malformed(format!("the record has {name} twice")));
        }
        fields.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(fields)
}

fn check_required(kind: RecordKind, fields: &[(String, String)]) -> Result<(), Fault> {
    let mut required = vec!["Content-Type", "WARC-Block-Digest"];
    if kind != RecordKind::Warcinfo {
        required.push("WARC-Target-URI");
    }
    if matches!(kind, RecordKind::Response | RecordKind::Resource) {
        required.push("WARC-Payload-Digest");
    }
    if kind == RecordKind::Revisit {
        required.extend(["WARC-Profile", "WARC-Refers-To"]);
        if value(fields, "WARC-Profile") == Some(IDENTICAL) {
            required.push("WARC-Payload-Digest");
        }
    }
    match required.into_iter().find(|name| value(fields, name).is_none()) {
        Some(field) => Err(Fault::MissingField { field }),
        None => Ok(()),
    }
}

/// A URI without the angle brackets that earlier versions had around every one.
fn bare(uri: &str) -> &str {
    uri.strip_prefix('<').and_then(|uri| uri.strip_suffix('>')).unwrap_or(uri)
}

/// An id; others than ours may be any URI, and some are written without brackets.
pub(super) fn record_id(text: &str, strict: bool) -> Result<RecordId, Fault> {
    let inner = text.strip_prefix('<').and_then(|uri| uri.strip_suffix('>'));
    match (inner.and_then(|uri| uri.parse().ok()), strict) {
        (Some(id), _) => Ok(id),
        (None, false) if !bare(text).is_empty() => Ok(RecordId::foreign(bare(text))),
        _ => Err(Fault::malformed(format!("`{}` is no record id", text.chars().take(80).collect::<String>()))),
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`; elsewhere any instant of RFC 3339, or a day, month or year, which begins it.
fn date(text: &str, strict: bool) -> Result<Timestamp, Fault> {
    let parsed: Option<Timestamp> = text.parse().ok();
    let parsed = match parsed {
        Some(date) if strict => Some(date).filter(|date| date.to_string() == text),
        None if !strict => match text.len() {
            4 => format!("{text}-01-01T00:00:00Z").parse().ok(),
            7 => format!("{text}-01T00:00:00Z").parse().ok(),
            10 => format!("{text}T00:00:00Z").parse().ok(),
            _ => None,
        },
        parsed => parsed,
    };
    let shown = || text.chars().take(40).collect::<String>();
    parsed.ok_or_else(|| Fault::malformed(format!("WARC-Date `{}` is no instant", shown())))
}
