//! Colours of results on a terminal.

use std::io::IsTerminal;

use super::settings::Environment;
use super::text::printable;

/// Whether results on standard output are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Standard output is a file, a pipe, or a terminal whose user turned colours off.
    Never,
    /// Standard output is a terminal.
    Terminal,
}

/// The meaning of a piece of a result, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Words that a search matched.
    #[cfg_attr(not(feature = "store"), allow(dead_code, reason = "there is no search without the store"))]
    Match,
    /// Removed words, and damage.
    Removed,
    /// Added words, and valid links of a chain.
    Added,
    /// A finding that is not damage.
    Notice,
    /// A path or URL.
    Place,
}

impl Colour {
    /// Returns whether results are coloured: on a terminal, unless NO_COLOR is set or the terminal is a dumb one.
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
