//! The style of the Markdown below the front matter.

use std::fmt;
use std::str::FromStr;

/// Which Markdown is written, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// What writes it.
    pub engine: Engine,
    /// Which dialect.
    pub flavour: Flavour,
    /// How headings of the first two levels look.
    pub headings: Headings,
    /// The marker of bulleted lists.
    pub bullets: Bullets,
    /// False: no HTML is written; what Markdown has no form for keeps its text only.
    pub html: bool,
    /// False: nobody looks whether the Markdown renders back to the article.
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

/// A closed set of words, each the name of a value.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$of:meta])* $value:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name { $($(#[$of])* $value),+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// The word users write.
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

/// What turns an article into Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// bindery's own writer, which repairs what does not render back.
    #[default]
    Bindery,
    /// htmd, for those who want its habits; its text is compared with the article too, and not repaired.
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

    /// The word users write.
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
    /// GitHub's: tables, strikethrough, task lists, footnotes.
    #[default]
    Gfm = "gfm",
    /// Nothing beyond CommonMark.
    CommonMark = "commonmark"
}

words! {
    /// How headings of the first two levels look.
    Headings, "heading style":
    /// `# Heading`.
    #[default]
    Atx = "atx",
    /// Underlined with `=` and `-`.
    Setext = "setext"
}

words! {
    /// The marker of bulleted lists. A list right after another gets a different one, as it must.
    Bullets, "list marker":
    /// `-`.
    #[default]
    Dash = "-",
    /// `*`.
    Star = "*",
    /// `+`.
    Plus = "+"
}

/// A word that names none of the values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{given}`; write one of: {}", known.join(", "))]
pub struct ParseStyleError {
    what: &'static str,
    given: String,
    known: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_a_wrong_one_is_answered_with_the_right_ones() {
        assert!(Engine::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Flavour::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Headings::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        assert!(Bullets::ALL.iter().all(|value| value.to_string().parse() == Ok(*value)));
        let message = "pandoc".parse::<Engine>().unwrap_err().to_string();
        assert!(message.starts_with("there is no engine `pandoc`; write one of: bindery"), "{message}");
    }
}
