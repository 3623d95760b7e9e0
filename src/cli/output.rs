//! The only place that writes to the terminal: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use bindery::model::Step;

use super::progress::Progress;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Quiet,
    Normal,
    Verbose,
}

/// Where results and messages go.
#[derive(Clone)]
pub struct Output {
    json: bool,
    level: Level,
    progress: Progress,
}

impl Output {
    /// `progress` asks for bars; they are shown on a terminal only.
    pub fn new(json: bool, level: Level, progress: bool) -> Self {
        let shown = progress && level > Level::Quiet && io::stderr().is_terminal();
        Self { json, level, progress: Progress::new(shown) }
    }

    /// True when results are JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// True when every detail is wanted.
    pub fn is_verbose(&self) -> bool {
        self.level == Level::Verbose
    }

    /// The progress bars.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// One result: `event` with `--json`, else `line` without control characters.
    pub fn result(&self, event: &Value, line: &str) -> io::Result<()> {
        if self.json { self.line(&json(event)) } else { self.line(&printable(line)) }
    }

    /// One page's failure: an event with `--json`, and always a sentence on standard error.
    pub fn failure(&self, event: &Value, sentence: &str) -> io::Result<()> {
        if self.json {
            self.line(&json(event))?;
        }
        self.problem(sentence);
        Ok(())
    }

    /// The last line of a run: an event with `--json`, else a sentence on standard error.
    pub fn summary(&self, event: &Value, sentence: &str) -> io::Result<()> {
        self.progress.clear();
        if self.json {
            self.line(&json(event))?;
        }
        self.note(sentence);
        Ok(())
    }

    /// Text as it is, on standard output.
    pub fn raw(&self, text: &str) -> io::Result<()> {
        self.progress.suspend(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    /// Something worth knowing that is no result.
    pub fn note(&self, message: &str) {
        if self.level >= Level::Normal {
            self.message(message);
        }
    }

    /// A detail.
    pub fn detail(&self, message: &str) {
        if self.is_verbose() {
            self.message(message);
        }
    }

    /// Something that went wrong; said even when quiet.
    pub fn problem(&self, message: &str) {
        self.message(message);
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.raw(&format!("{text}\n"))
    }

    fn message(&self, message: &str) {
        // Nobody is left to hear that standard error is gone.
        self.progress.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{}", printable(message));
        });
    }
}

/// One decision of an extraction, for people.
pub fn step_line(step: &Step) -> String {
    let sign = if step.kept { '+' } else { '-' };
    let score = step.score.map(|score| format!(" [{score:.0}]")).unwrap_or_default();
    format!("{sign} {:<12} {}: {}{score}", step.step, step.what, step.reason)
}

/// An event as one line. JSON lets the controls above ASCII stand as they are, and terminals obey them: they are escaped.
fn json(event: &Value) -> String {
    let mut out = String::new();
    for c in event.to_string().chars() {
        match c {
            // They stand in strings only, where an escape says the same.
            '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// Text from pages may hold escape sequences; on a terminal they would be commands.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            // Bidi overrides turn around what stands after them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
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
        assert_eq!(printable("a\u{1b}[31mb\u{9b}c\u{202e}d\t标题"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\t标题");
    }
}
