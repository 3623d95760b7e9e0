//! Parsing of record headers: the version, the named fields, and the required ones among them.

use std::collections::BTreeSet;
use std::io::{BufRead, Read};

use super::error::Fault;
use super::id::RecordId;
use super::kind::RecordKind;
use super::record::IDENTICAL;
use crate::model::{Digest, Timestamp};

/// The maximum length of a header, of a record or of the HTTP message in it, in bytes.
const MAX_HEAD: usize = 1 << 20;

/// The supported versions. The earlier ones do not differ in anything that is read here.
const VERSIONS: [&str; 4] = ["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"];

/// Which files a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Only files as bindery writes them.
    Strict,
    /// Files of any program.
    Lenient,
    /// Files of any program, damaged or not, ARC among them: a wrong date or a missing id is a warning.
    Recovery,
}

impl Mode {
    pub fn is_strict(self) -> bool {
        self == Self::Strict
    }
}

/// A fault of a record's header that does not keep the record from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeadWarning {
    /// It has no id.
    NoId,
    /// It has no date, or one of which not even the day is known; [`super::Entry::date`] is the beginning of 1970.
    NoDate,
    /// Its date is not written as the format requires.
    DateForm,
    /// It has no type; the type follows from its media type.
    NoType,
}

/// The header of a record.
pub(super) struct Head {
    pub kind: RecordKind,
    pub id: RecordId,
    pub target: Option<String>,
    pub date: Timestamp,
    pub length: u64,
    pub fields: Vec<(String, String)>,
    pub warnings: Vec<HeadWarning>,
}

impl Head {
    /// Reads a header.
    pub fn read(source: &mut dyn BufRead, mode: Mode) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        let complete = read_lines(source, &mut bytes)?;
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if mode.is_strict() => return Err(Fault::malformed("the record's header is not UTF-8")),
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let (version, rest) = text.split_once('\n').unwrap_or((&text, ""));
        // A version that may be truncated is not checked.
        if complete || text.contains('\n') || !VERSIONS[0].starts_with(&text) {
            check_version(version.trim_end(), mode)?;
        }
        match complete {
            true => {}
            false if bytes.len() < MAX_HEAD => return Err(Fault::Truncated),
            false => return Err(Fault::malformed(format!("the record's header is longer than {MAX_HEAD} bytes"))),
        }
        Self::of_fields(parse_fields(rest, mode)?, mode)
    }

    fn of_fields(fields: Vec<(String, String)>, mode: Mode) -> Result<Self, Fault> {
        let strict = mode.is_strict();
        let field = |name: &'static str| value(&fields, name).ok_or(Fault::MissingField { field: name });
        let mut warnings = Vec::new();
        let recovers = mode == Mode::Recovery;
        let kind = match field("WARC-Type") {
            Err(_) if recovers => {
                warnings.push(HeadWarning::NoType);
                kind_by_media_type(&fields)
            }
            word => {
                let word = word?;
                let kind = RecordKind::of_word(word);
                if strict && (kind == RecordKind::Other || kind.word() != word) {
                    return Err(Fault::malformed(format!("bindery writes no records of type `{word}`")));
                }
                kind
            }
        };
        let id = match field("WARC-Record-ID").and_then(|id| record_id(id, mode)) {
            Err(_) if recovers => {
                warnings.push(HeadWarning::NoId);
                RecordId::foreign("")
            }
            id => id?,
        };
        let date = match field("WARC-Date").and_then(|text| date(text, mode)) {
            Err(_) if recovers => {
                let (date, warning) = recovered_date(value(&fields, "WARC-Date").unwrap_or_default());
                warnings.push(warning);
                date
            }
            date => date?,
        };
        let length = field("Content-Length")?;
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length = length.parse().ok().filter(|_| digits);
        let length = length.ok_or_else(|| Fault::malformed("Content-Length is not a number"))?;
        let target = value(&fields, "WARC-Target-URI").map(|uri| if strict { uri } else { bare(uri) }.to_owned());
        if strict {
            check_required(kind, &fields)?;
        }
        Ok(Self { kind, id, target, date, length, fields, warnings })
    }

    /// Returns whether the block is an HTTP message.
    pub fn is_http(&self) -> bool {
        let media_type = value(&self.fields, "Content-Type").unwrap_or_default();
        media_type.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("application/http"))
    }

    /// Returns the media type of a block that is not an HTTP message.
    pub fn own_media_type(&self) -> Option<String> {
        value(&self.fields, "Content-Type").filter(|_| !self.is_http()).map(str::to_owned)
    }

    /// Returns the SHA-256 that a field states; `None` if the field is absent or, in lenient mode, has another digest.
    pub fn digest(&self, name: &str, mode: Mode) -> Result<Option<Digest>, Fault> {
        let Some(text) = value(&self.fields, name) else { return Ok(None) };
        let digest = text.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        match digest {
            None if mode.is_strict() => {
                Err(Fault::malformed(format!("{name} is not `sha256:` and 64 lower-case hex digits")))
            }
            digest => Ok(digest),
        }
    }
}

/// Returns the first value of a field (any case).
pub(super) fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads lines up to and including the first empty one; returns false if the source ends or [`MAX_HEAD`] is reached
/// before it.
pub(super) fn read_lines(source: &mut dyn BufRead, into: &mut Vec<u8>) -> Result<bool, Fault> {
    loop {
        let start = into.len();
        let limit = (MAX_HEAD - start) as u64;
        let read = (&mut *source).take(limit).read_until(b'\n', into).map_err(Fault::of_io)?;
        match &into[start..] {
            b"\r\n" | b"\n" => return Ok(true),
            line if read == 0 || line.last() != Some(&b'\n') => return Ok(false),
            _ => {}
        }
    }
}

fn check_version(line: &str, mode: Mode) -> Result<(), Fault> {
    let Some(number) = line.strip_prefix("WARC/") else {
        return Err(Fault::malformed("no WARC record begins here"));
    };
    if line == VERSIONS[0] || !mode.is_strict() && VERSIONS.contains(&line) {
        return Ok(());
    }
    let parts = number.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parts {
        Some(version) if version > (1u32, 1u32) => Err(Fault::NewerVersion { version: format!("WARC/{number}") }),
        _ => Err(Fault::malformed(format!(
            "`{}` is not a valid WARC version",
            line.chars().take(40).collect::<String>()
        ))),
    }
}

fn parse_fields(text: &str, mode: Mode) -> Result<Vec<(String, String)>, Fault> {
    let strict = mode.is_strict();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut names = BTreeSet::new();
    for line in text.split_inclusive('\n') {
        let inner = match line.strip_suffix("\r\n") {
            Some(inner) => inner,
            None if strict => return Err(Fault::malformed("a line of the record's header does not end in CR LF")),
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
            return Err(Fault::malformed("a line of the record's header is not a field"));
        };
        let name = name.trim();
        if strict && !names.insert(name.to_ascii_lowercase()) && name != "WARC-Concurrent-To" {
            return Err(Fault::malformed(format!("the record has the field {name} twice")));
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

/// Returns a URI without the angle brackets that earlier versions require around every URI.
fn bare(uri: &str) -> &str {
    uri.strip_prefix('<').and_then(|uri| uri.strip_suffix('>')).unwrap_or(uri)
}

/// Parses a record id. The ids of other programs may be any URI, and some are written without brackets.
pub(super) fn record_id(text: &str, mode: Mode) -> Result<RecordId, Fault> {
    let inner = text.strip_prefix('<').and_then(|uri| uri.strip_suffix('>'));
    match (inner.and_then(|uri| uri.parse().ok()), mode) {
        (Some(id), _) => Ok(id),
        (None, Mode::Lenient | Mode::Recovery) if !bare(text).is_empty() => Ok(RecordId::foreign(bare(text))),
        _ => Err(Fault::malformed(format!("`{}` is not a valid record id", text.chars().take(80).collect::<String>()))),
    }
}

/// Returns the type of a record that does not state one.
fn kind_by_media_type(fields: &[(String, String)]) -> RecordKind {
    let media_type = value(fields, "Content-Type").unwrap_or_default().to_ascii_lowercase();
    match media_type.as_str() {
        "application/warc-fields" => RecordKind::Warcinfo,
        http if http.starts_with("application/http") && http.contains("request") => RecordKind::Request,
        http if http.starts_with("application/http") => RecordKind::Response,
        _ => RecordKind::Other,
    }
}

/// Returns the date that a text means whose form is wrong, such as `20120304050607`, `2012-03-04 05:06:07` or one with an
/// impossible time; the beginning of 1970 if it means none.
pub(super) fn recovered_date(text: &str) -> (Timestamp, HeadWarning) {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    let clock = |text: &str| text.parse::<Timestamp>().ok().filter(|_| digits.len() >= 8);
    let part = |from: usize, to: usize| digits.get(from..to);
    let day = part(0, 8).map(|_| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..8]));
    let time = match (part(8, 10), part(10, 12), part(12, 14)) {
        (Some(hour), Some(minute), second) => format!("{hour}:{minute}:{}", second.unwrap_or("00")),
        _ => "00:00:00".to_owned(),
    };
    let read = day.and_then(|day| clock(&format!("{day}T{time}Z")).or_else(|| clock(&format!("{day}T00:00:00Z"))));
    match read {
        Some(date) => (date, HeadWarning::DateForm),
        None => (Timestamp::new(jiff::Timestamp::UNIX_EPOCH), HeadWarning::NoDate),
    }
}

/// Parses `YYYY-MM-DDThh:mm:ssZ`; in lenient mode also any RFC 3339 instant, or a day, month or year, which stands for
/// its beginning.
fn date(text: &str, mode: Mode) -> Result<Timestamp, Fault> {
    let strict = mode.is_strict();
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
    parsed.ok_or_else(|| Fault::malformed(format!("WARC-Date `{}` is not a valid date", shown())))
}
