//! Pages as lines of JSON, converted in parallel and answered in order, with bounded memory.

use std::io::{self, BufRead, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::import::{self, Input, ItemContent, Kind};
use crate::model::{Failure, FailureKind, Headers, ImageMap, Stage};

use super::event::without_panic;
use super::options::{Converted, Format, Options};
use super::{job, parallel, write};

/// The maximum length of a line, in bytes: that of the largest page in Base64, and of its other fields.
pub const LINE_CAP: usize = 96 << 20;

/// The number of bytes of a longer line in which its `id` is looked for.
const BEGINNING: usize = 4096;

/// How to convert a stream.
#[derive(Clone)]
pub struct Stream<'a> {
    /// How to convert each page; the URL is that of each line.
    pub options: &'a Options,
    /// The number of worker threads; None for one per core.
    pub threads: Option<NonZero<usize>>,
    /// The maximum length of a line, in bytes.
    pub line_cap: usize,
}

/// The answer to one line.
#[derive(Debug)]
pub struct Answer {
    /// The number of the line that it answers, from 1.
    pub number: u64,
    /// The answer as one line of JSON, without its end.
    pub line: String,
    /// What it says, without the text.
    pub converted: Result<Converted, Failure>,
}

/// Why a stream ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The system cannot start a thread.
    #[error("cannot start a thread: {0}; try --threads with a lower number")]
    Threads(io::Error),
    /// The input can no longer be read.
    #[error("the input cannot be read: {0}; every page before it was answered")]
    Input(io::Error),
}

/// Converts pages, one a line, and calls `on_answer` for each in the order of the lines. A line is a JSON object with the
/// page as `html` (text) or `base64` (bytes as received) and, if known, its `id`, `url` and `content_type`. Whatever is
/// wrong with a line or a page is its answer. `Break` ends the stream once the input has another line or its end.
///
/// ```
/// use std::ops::ControlFlow;
/// use bindery::convert::{LINE_CAP, Options, Stream, stream};
/// use bindery::frontmatter::Profile;
///
/// let text = "Flour, water, salt and most of a day: nothing else is needed. The dough rests in the evening, is folded four \
///     times in the night, and goes into the oven when the street wakes up. My neighbours tell the hour by its smell.";
/// let page = format!("{{\"id\": 7, \"html\": \"<article><h1>Bread</h1><p>{text}</p></article>\"}}");
/// let mut input = page.as_bytes();
/// let options = Options::new(Profile::default());
/// let mut answers = Vec::new();
/// stream(&Stream { options: &options, threads: None, line_cap: LINE_CAP }, &mut input, &mut |answer| {
///     answers.push(answer.line);
///     ControlFlow::Continue(())
/// })?;
/// let answer: serde_json::Value = serde_json::from_str(&answers[0])?;
/// assert_eq!((&answer["id"], &answer["title"]), (&7.into(), &"Bread".into()));
/// assert!(answer["markdown"].as_str().is_some_and(|markdown| markdown.ends_with(&format!("{text}\n"))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The input can no longer be read, or no thread can be started.
pub fn stream(
    stream: &Stream<'_>,
    input: &mut (dyn BufRead + Send),
    on_answer: &mut dyn FnMut(Answer) -> ControlFlow<()>,
) -> Result<(), StreamError> {
    answers(stream, input, &|page| page.convert(stream.options), on_answer)
}

/// Converts a page of a stream; the tests have others.
type Convert<'a> = &'a (dyn Fn(Page) -> Result<Converted, Failure> + Sync);

fn answers(
    stream: &Stream<'_>,
    input: &mut (dyn BufRead + Send),
    convert: Convert<'_>,
    on_answer: &mut dyn FnMut(Answer) -> ControlFlow<()>,
) -> Result<(), StreamError> {
    let threads = stream.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let produce = |queue: &parallel::Queue<(u64, Line)>| {
        for number in 1.. {
            let Some(line) = next_line(input, stream.line_cap)? else { break };
            let cost = line.cost();
            if !line.is_blank() && queue.push((number, line), cost).is_break() {
                break;
            }
        }
        Ok(())
    };
    let work = |(number, line): (u64, Line), _: usize| line.answer(number, stream, convert);
    let read = parallel::ordered(threads, produce, work, on_answer).map_err(StreamError::Threads)?;
    read.map_err(StreamError::Input)
}

/// One line of the input, without its end.
enum Line {
    Complete(Vec<u8>),
    /// The beginning of a line that exceeds the limit.
    TooLong(Vec<u8>),
}

/// Reads the next line, of which at most `cap` bytes are held; None at the end.
fn next_line(input: &mut dyn BufRead, cap: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    (&mut *input).take(limit).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > cap {
        input.skip_until(b'\n')?;
        line.truncate(BEGINNING);
        line.shrink_to_fit();
        return Ok(Some(Line::TooLong(line)));
    } else if line.is_empty() {
        return Ok(None);
    }
    Ok(Some(Line::Complete(line)))
}

impl Line {
    /// Returns the memory that it takes, in bytes.
    fn cost(&self) -> u64 {
        match self {
            Self::Complete(bytes) | Self::TooLong(bytes) => bytes.len() as u64,
        }
    }

    fn is_blank(&self) -> bool {
        matches!(self, Self::Complete(bytes) if bytes.trim_ascii().is_empty())
    }

    /// Converts the page of the line with this number.
    fn answer(self, number: u64, stream: &Stream<'_>, convert: Convert<'_>) -> Answer {
        let (id, converted) = match self.page(number, stream.line_cap) {
            Ok((id, page)) => {
                let name = page.name.clone();
                (id, without_panic(&name, || convert(page)))
            }
            Err((id, failure)) => (id, Err(failure)),
        };
        let mut object = Map::from_iter([("id".to_owned(), id), ("line".to_owned(), number.into())]);
        let converted = match converted {
            Ok(converted) => Ok(write_fields(converted, stream.options.format, &mut object)),
            Err(failure) => {
                object.insert("error".to_owned(), json!(failure));
                Err(failure)
            }
        };
        Answer { number, line: Value::Object(object).to_string(), converted }
    }

    /// Returns the page and its `id`.
    fn page(self, number: u64, cap: usize) -> Result<(Value, Page), (Value, Failure)> {
        let bytes = match self {
            Self::TooLong(beginning) => {
                let message = format!("line {number} is longer than {cap} bytes; convert this page as a file");
                return Err((leading_id(&beginning), Failure::new(Stage::Input, FailureKind::TooLarge, message)));
            }
            Self::Complete(bytes) => bytes,
        };
        let malformed = |what: String| Failure::new(Stage::Input, FailureKind::Malformed, what);
        // The same fields in an array would be accepted otherwise.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err((Value::Null, malformed(format!("line {number} is not a JSON object; write one page a line"))));
        }
        let request: Request = serde_json::from_slice(&bytes).map_err(|error| {
            let error = error.to_string().replace(" at line 1 column ", " at byte ");
            (leading_id(&bytes), malformed(format!("line {number} cannot be read: {error}; write one page a line")))
        })?;
        drop(bytes);
        let id = request.id.clone();
        Ok((id.clone(), request.page(number).map_err(|what| (id, malformed(what)))?))
    }
}

/// Returns the `id` of a line that cannot be read, if the line begins with it.
fn leading_id(line: &[u8]) -> Value {
    let find = || {
        let rest = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"id\"")?;
        let rest = rest.trim_ascii_start().strip_prefix(b":")?;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let id = values.next()?.ok()?;
        // What ends with the line may be cut.
        (values.byte_offset() < rest.len()).then_some(id)
    };
    find().unwrap_or_default()
}

/// A line of the input.
#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    id: Value,
    url: Option<String>,
    html: Option<String>,
    base64: Option<String>,
    content_type: Option<String>,
}

impl Request {
    /// Returns the page; `Err` says what is wrong with the line.
    fn page(self, number: u64) -> Result<Page, String> {
        let name = match (&self.url, &self.id) {
            (Some(url), _) => url.clone(),
            (None, Value::Null) => format!("the page of line {number}"),
            (None, Value::String(id)) => format!("the page {id}"),
            (None, id) => format!("the page {id}"),
        };
        let url = match self.url.as_deref().map(Url::parse) {
            None => None,
            Some(Ok(url)) if matches!(url.scheme(), "http" | "https") => Some(url),
            Some(_) => {
                return Err(format!("line {number}: `url` is not a web URL: {name}; write https://… or omit it"));
            }
        };
        let (bytes, content_type) = match (self.html, self.base64) {
            // The text is decoded already, whatever the page itself says of its charset.
            (Some(html), None) => (html.into_bytes(), Some("text/html; charset=utf-8".to_owned())),
            (None, Some(text)) => {
                let bytes = STANDARD.decode(text.trim_ascii());
                (bytes.map_err(|error| format!("line {number}: `base64` is damaged: {error}"))?, self.content_type)
            }
            (Some(_), Some(_)) => return Err(format!("line {number} has both `html` and `base64`; write one of them")),
            (None, None) => return Err(format!("line {number} has no page; write it as `html` or `base64`")),
        };
        Ok(Page { name, bytes, url, content_type })
    }
}

/// A page of a stream.
struct Page {
    /// Its name in messages.
    name: String,
    bytes: Vec<u8>,
    url: Option<Url>,
    content_type: Option<String>,
}

impl Page {
    fn convert(self, options: &Options) -> Result<Converted, Failure> {
        let input = Input::memory(self.bytes, &self.name);
        let start = input.start().map_err(|error| write::input_failure(&error))?;
        let kind = import::named_kind(Path::new("page.html"), &start).unwrap_or(Kind::Page);
        if !kind.is_single() || kind.is_list() {
            let what = kind.description();
            let message = format!(
                "{} is not one page; it looks like this: {what}; convert it as a file with `bindery convert FILE --output DIR`",
                self.name
            );
            return Err(Failure::new(Stage::Input, FailureKind::Several, message));
        }
        let mut item = job::with_url(job::single(&input, kind, None)?, self.url.as_ref());
        if let (Some(value), ItemContent::Page(raw) | ItemContent::Body(raw, _)) =
            (self.content_type, &mut item.content)
        {
            raw.headers = Headers(vec![("Content-Type".to_owned(), value.into_bytes())]);
        }
        write::item(item, options, &mut |_| Ok(ImageMap::new()))
    }
}

/// Moves a result into the object that answers its line. Returns it without the text.
fn write_fields(mut converted: Converted, format: Format, object: &mut Map<String, Value>) -> Converted {
    object.append(&mut converted.fields);
    object.insert("title".to_owned(), json!(converted.title));
    object.insert("confidence".to_owned(), converted.confidence.into());
    object.insert("warnings".to_owned(), json!(converted.warnings));
    object.insert("losses".to_owned(), json!(converted.losses));
    let mut text = std::mem::take(&mut converted.text);
    match format {
        Format::Markdown | Format::Json => {
            let body = text.split_off(converted.front_matter);
            object.insert("front_matter".to_owned(), text.into());
            object.insert("markdown".to_owned(), body.into());
        }
        Format::Html => drop(object.insert("html".to_owned(), text.into())),
        Format::Text => drop(object.insert("text".to_owned(), text.into())),
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontmatter::Profile;

    fn of(lines: &[u8], line_cap: usize, convert: Option<Convert<'_>>) -> Vec<Value> {
        let options = Options::new(Profile::default());
        let settings = Stream { options: &options, threads: NonZero::new(3), line_cap };
        let mut found = Vec::new();
        let mut take = |answer: Answer| {
            found.push(serde_json::from_str(&answer.line).unwrap());
            ControlFlow::Continue(())
        };
        let real = |page: Page| page.convert(&options);
        answers(&settings, &mut &lines[..], convert.unwrap_or(&real), &mut take).unwrap();
        found
    }

    fn message(answer: &Value) -> &str {
        answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{answer}"))
    }

    #[test]
    fn a_line_that_cannot_be_read_is_answered_with_its_number_and_the_stream_goes_on() {
        let page =
            r#"{"id":"last","html":"<article><h1>尾</h1><p>铺子在南门外，开了四十年，师傅姓林。</p></article>"}"#;
        let lines = [
            "<p>no JSON",
            r#"{"id": 2, "html": 5}"#,
            "",
            r#"[4, null, "<p>x"]"#,
            r#"{"id": {"a": 5}}"#,
            r#"{"id": 6, "base64": "a-b"}"#,
            r#"{"id": 7, "html": "<p>x", "url": "ftp://x/"}"#,
            r#"{"id": 8, "html": "", "base64": ""}"#,
            r#"{"id": 9, "html": " "}"#,
            page,
            r#"{"id": 11, "html": "cut"#,
        ];
        let found = of(lines.join("\n").as_bytes(), LINE_CAP, None);
        let numbers: Vec<_> = found.iter().map(|answer| answer["line"].as_u64().unwrap()).collect();
        assert_eq!(numbers, [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
        let ids: Vec<_> = found.iter().map(|answer| answer["id"].to_string()).collect();
        assert_eq!(ids, ["null", "2", "null", r#"{"a":5}"#, "6", "7", "8", "9", "\"last\"", "11"]);
        let expected = [
            "line 1 is not a JSON object",
            "line 2 cannot be read: invalid type: integer `5`, expected a string at byte 19",
            "line 4 is not a JSON object",
            "line 5 has no page",
            "line 6: `base64` is damaged",
            "line 7: `url` is not a web URL: ftp://x/",
            "line 8 has both",
            "the page 9 is empty",
        ];
        for (answer, expected) in found.iter().zip(expected) {
            assert!(message(answer).starts_with(expected), "{answer}");
        }
        assert!(found[8]["markdown"].as_str().unwrap().contains("四十年"), "{}", found[8]);
        assert!(message(&found[9]).starts_with("line 11 cannot be read: EOF"), "{}", found[9]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_not_held_and_fails_alone() {
        let long = format!(r#"{{"id": 1, "html": "{}"}}"#, "x".repeat(10_000));
        let lines = format!("{long}\n{{\"id\": 2, \"html\": \" \"}}\n{long}");
        let found = of(lines.as_bytes(), 500, None);
        assert_eq!(found.len(), 3);
        for at in [0, 2] {
            assert_eq!((&found[at]["id"], &found[at]["error"]["kind"]), (&1.into(), &"too-large".into()));
            assert!(message(&found[at]).contains("longer than 500 bytes"));
        }
        assert_eq!(found[1]["error"]["kind"], "empty");
        let whole = of(&br#"{"id": 1, "html": " "}"#[..], 22, None);
        assert_eq!(whole[0]["error"]["kind"], "empty", "a line of exactly the limit is read");
    }

    #[test]
    fn a_panic_is_the_answer_of_its_page() {
        let lines: String = (0..50).map(|n| format!("{{\"id\": {n}, \"html\": \"{n}\"}}\n")).collect();
        let convert = |page: Page| match page.bytes == b"7" {
            true => panic!("seven"),
            false => Ok(Converted::default()),
        };
        let found = of(lines.as_bytes(), LINE_CAP, Some(&convert));
        assert_eq!(found.len(), 50);
        assert!(message(&found[7]).starts_with("the page 7: internal error while converting it: seven"));
        assert_eq!(found.iter().filter(|answer| answer.get("error").is_some()).count(), 1);
    }

    #[test]
    fn a_text_is_decoded_already_and_bytes_are_decoded_as_received() {
        let text = "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的。";
        let page = format!("<meta charset=gbk><article><h1>铺子</h1><p>{text}</p></article>");
        let (bytes, ..) =
            encoding_rs::SHIFT_JIS.encode("<article><h1>店</h1><p>町はずれの小さな製本所を訪ねた。</p></article>");
        let lines = [
            json!({ "html": page }),
            json!({ "base64": STANDARD.encode(&bytes), "content_type": "text/html; charset=shift_jis" }),
            json!({ "base64": STANDARD.encode("%PDF-1.7") }),
            json!({ "html": "<rss version=\"2.0\"><channel><title>a</title></channel></rss>" }),
        ];
        let found = of(lines.map(|line| line.to_string()).join("\n").as_bytes(), LINE_CAP, None);
        assert_eq!(found[0]["markdown"], format!("{text}\n"));
        assert_eq!(found[1]["markdown"], "町はずれの小さな製本所を訪ねた。\n");
        assert_eq!(found[1]["charset"]["source"], "http");
        assert!(message(&found[2]).contains("a PDF file"), "{}", found[2]);
        assert!(message(&found[3]).contains("is not one page"), "{}", found[3]);
    }
}
