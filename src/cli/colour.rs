//! Colours of results on a terminal.

use std::io::IsTerminal;

use super::settings::Environment;
use super::text::printable;

/// Whether standard output takes colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It is a file, a pipe, or a terminal whose user wants none.
    Never,
    /// It is a terminal.
    Terminal,
}

/// What a piece of a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Words that were looked for.
    #[cfg_attr(not(feature = "store"), allow(dead_code, reason = "there is no search without the store"))]
    Match,
    /// Words that were removed, and what is wrong.
    Removed,
    /// Words that were added, and what is right.
    Added,
    /// What is worth a look.
    Notice,
    /// Where something is.
    Place,
}

impl Colour {
    /// Returns what standard output takes: colours on a terminal, unless NO_COLOR is set or the terminal is a dumb one.
    /// <https://no-color.org>
    pub fn of(environment: &Environment) -> Self {
        let is_set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
        let is_dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
        match std::io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb {
            true => Self::Terminal,
            false => Self::Never,
        }
    }

    /// Returns a text without control characters, in the colour of its role.
    pub fn paint(self, role: Role, text: &str) -> String {
        let code = match (self, role) {
            _ if text.is_empty() => return String::new(),
            (Self::Never, _) => return printable(text),
            (_, Role::Match) => "1;31",
            (_, Role::Removed) => "31",
            (_, Role::Added) => "32",
            (_, Role::Notice) => "33",
            (_, Role::Place) => "2",
        };
        format!("\u{1b}[{code}m{}\u{1b}[0m", printable(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_gets_colours_and_no_text_can_command_it() {
        assert_eq!(Colour::Never.paint(Role::Match, "a\u{1b}[0m书"), "a\u{fffd}[0m书");
        assert_eq!(Colour::Terminal.paint(Role::Match, "a\u{1b}书"), "\u{1b}[1;31ma\u{fffd}书\u{1b}[0m");
        assert_eq!(Colour::Terminal.paint(Role::Added, ""), "");
    }
}
