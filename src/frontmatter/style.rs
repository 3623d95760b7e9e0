//! The style of Markdown.

use std::fmt;
use std::str::FromStr;

/// The style of Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The writer.
    pub engine: Engine,
    /// The dialect.
    pub flavour: Flavour,
    /// The form of headings of levels 1 and 2.
    pub headings: Headings,
    /// The marker of bulleted lists.
    pub bullets: Bullets,
    /// Whether HTML is written for content that Markdown cannot express; otherwise only its text is.
    pub html: bool,
    /// Whether the round-trip check is made.
    pub check: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            flavour: Flavour::default(),
            headings: Headings::default(),
            bullets: Bullets::default(),
            html: true,
            check: true,
        }
    }
}

/// Defines an enum whose values have names.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$of:meta])* $value:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name { $($(#[$of])* $value),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// Returns the name that users write.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ParseStyleError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| ParseStyleError {
                    what: $what,
                    given: text.chars().take(80).collect(),
                    known: &[$($word),+],
                })
            }
        }
    };
}

/// A writer of Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// bindery's own writer, which repairs what fails the round-trip check.
    #[default]
    Bindery,
    /// The crate htmd. Its output is checked too, but not repaired.
    #[cfg(feature = "htmd")]
    Htmd,
}

impl Engine {
    /// Every engine of this build.
    pub const ALL: &[Self] = &[
        Self::Bindery,
        #[cfg(feature = "htmd")]
        Self::Htmd,
    ];

    /// Returns the name that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bindery => "bindery",
            #[cfg(feature = "htmd")]
            Self::Htmd => "htmd",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Engine {
    type Err = ParseStyleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const KNOWN: &[&str] = &[
            "bindery",
            #[cfg(feature = "htmd")]
            "htmd",
        ];
        let given = || text.chars().take(80).collect();
        let found = Self::ALL.iter().copied().find(|value| value.as_str() == text);
        found.ok_or_else(|| ParseStyleError { what: "engine", given: given(), known: KNOWN })
    }
}

words! {
    /// A dialect of Markdown.
    Flavour, "Markdown":
    /// GitHub Flavored Markdown: tables, strikethrough, task lists, footnotes.
    #[default]
    Gfm = "gfm",
    /// CommonMark without extensions.
    CommonMark = "commonmark"
}

words! {
    /// The form of headings of levels 1 and 2.
    Headings, "heading style":
    /// `# Heading`.
    #[default]
    Atx = "atx",
    /// Underlined with `=` and `-`.
    Setext = "setext"
}

words! {
    /// The marker of bulleted lists. A list directly after another one gets a different marker, to be separate.
    Bullets, "list marker":
    /// `-`.
    #[default]
    Dash = "-",
    /// `*`.
    Star = "*",
    /// `+`.
    Plus = "+"
}

/// A name is not that of a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{given}`; use one of: {}", known.join(", "))]
pub struct ParseStyleError {
    what: &'static str,
    given: String,
    known: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_the_error_for_an_unknown_one_lists_all() {
        assert!(Engine::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Flavour::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Headings::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Bullets::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        let message = "pandoc".parse::<Engine>().unwrap_err().to_string();
        assert!(message.starts_with("there is no engine `pandoc`; use one of: bindery"), "{message}");
    }
}
