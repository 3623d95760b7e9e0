//! The only module that writes to the terminal: results to standard output, everything else to standard error.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;

use bindery::model::Step;

use super::colour::Colour;
use super::progress::{Progress, Visibility};
use super::text::printable;

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Quiet,
    Normal,
    Verbose,
}

/// The maximum number of messages that are remembered. A program that runs for months starts anew then.
const REMEMBERED: usize = 10_000;

/// Where results and messages go.
#[derive(Clone)]
pub struct Output {
    form: Form,
    level: Level,
    progress: Progress,
    colour: Colour,
    /// The messages that were printed before.
    said: Arc<Mutex<HashSet<String>>>,
}

impl Output {
    /// Returns an output. Progress bars are shown on a terminal only; `colour` is what standard output supports.
    pub fn new(form: Form, level: Level, progress: Visibility, colour: Colour) -> Self {
        let progress = if level > Level::Quiet { progress } else { Visibility::Hidden };
        Self { form, level, progress: Progress::new(progress), colour, said: Arc::default() }
    }

    /// Returns whether results may have colours.
    pub fn colour(&self) -> Colour {
        self.colour
    }

    /// Returns whether results are JSON.
    pub fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    /// Returns whether every detail is printed.
    pub fn is_verbose(&self) -> bool {
        self.level == Level::Verbose
    }

    /// Returns the progress bars.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Prints one result of a command that shows something: `event` with `--json`, else `line` without control
    /// characters.
    pub fn result(&self, event: &Value, line: &str) -> io::Result<()> {
        if self.is_json() { self.line(&json(event)) } else { self.line(&printable(line)) }
    }

    /// Prints one result as [`Output::result`] does; the caller made every text in `line` printable and added colours.
    pub fn coloured(&self, event: &Value, line: &str) -> io::Result<()> {
        if self.is_json() { self.line(&json(event)) } else { self.line(line) }
    }

    /// Prints a result for each thing as [`Output::result`] does, in one piece.
    pub fn results<T>(&self, things: &[T], event: impl Fn(&T) -> Value, line: impl Fn(&T) -> String) -> io::Result<()> {
        let mut out = String::new();
        for thing in things {
            out.push_str(&if self.is_json() { json(&event(thing)) } else { printable(&line(thing)) });
            out.push('\n');
        }
        self.raw(&out)
    }

    /// Prints what a run has done with one thing; nothing for people when quiet.
    pub fn done(&self, event: &Value, line: &str) -> io::Result<()> {
        if self.is_json() || self.level > Level::Quiet { self.result(event, line) } else { Ok(()) }
    }

    /// Prints one page's failure: an event with `--json`, and always a sentence on standard error.
    pub fn failure(&self, event: &Value, sentence: &str) -> io::Result<()> {
        if self.is_json() {
            self.line(&json(event))?;
        }
        self.problem(sentence);
        Ok(())
    }

    /// Prints something that is neither a result nor an error, such as a skipped page: an event with `--json`, and a sentence
    /// on standard error unless quiet.
    pub fn aside(&self, event: &Value, sentence: &str) -> io::Result<()> {
        if self.is_json() {
            self.line(&json(event))?;
        }
        self.note(sentence);
        Ok(())
    }

    /// Prints the last line of a run: an event with `--json`, else a sentence on standard error.
    pub fn summary(&self, event: &Value, sentence: &str) -> io::Result<()> {
        self.progress.clear();
        self.aside(event, sentence)
    }

    /// Prints text as it is, on standard output.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        self.progress.suspend(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    /// Prints something worth knowing that is not a result.
    pub fn note(&self, message: &str) {
        if self.level >= Level::Normal {
            self.message(message);
        }
    }

    /// Prints something worth knowing unless it was printed before; then it is a detail.
    pub fn note_once(&self, message: &str) {
        if self.is_first(message) { self.note(message) } else { self.detail(message) }
    }

    /// Returns whether something is said for the first time.
    pub fn is_first(&self, what: &str) -> bool {
        let mut said = self.said.lock();
        if said.len() >= REMEMBERED {
            said.clear();
        }
        said.insert(what.to_owned())
    }

    /// Prints one page's result that is like another's before: an event with `--json`, and a detail.
    pub fn repeated(&self, event: &Value, sentence: &str) -> io::Result<()> {
        if self.is_json() {
            self.line(&json(event))?;
        }
        self.detail(sentence);
        Ok(())
    }

    /// Prints a detail.
    pub fn detail(&self, message: &str) {
        if self.is_verbose() {
            self.message(message);
        }
    }

    /// Prints something that went wrong, even when quiet.
    pub fn problem(&self, message: &str) {
        self.message(message);
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.raw(&format!("{text}\n"))
    }

    fn message(&self, message: &str) {
        // There is no place to report that standard error is closed.
        self.progress.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{}", printable(message));
        });
    }
}

/// Returns one decision of an extraction as a line.
pub fn step_line(step: &Step) -> String {
    let sign = if step.kept { '+' } else { '-' };
    let score = step.score.map(|score| format!(" [{score:.0}]")).unwrap_or_default();
    format!("{sign} {:<12} {}: {}{score}", step.step, step.what, step.reason)
}

/// Returns an event as one line. JSON allows control characters above ASCII, and terminals obey them: they are escaped.
fn json(event: &Value) -> String {
    let mut out = String::new();
    for c in event.to_string().chars() {
        match c {
            // They occur in strings only, where an escape means the same.
            '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_command_the_terminal() {
        let event = serde_json::json!({ "title": "a\u{1b}[31mb\u{9b}c\u{202e}d\u{7f}标题" });
        let line = json(&event);
        assert_eq!(line, r#"{"title":"a\u001b[31mb\u009bc\u202ed\u007f标题"}"#);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), event);
    }
}
