//! Hints: what an element may be, by a quick search of its classes and attributes.
//!
//! A page has thousands of elements, and few of them are code, formulas, callouts, cards or players. One search over an
//! element's classes shows which of these it may be, and only then is the element examined. A hint alone decides nothing.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// A set of hints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints(u16);

impl Hints {
    /// A code block without `pre`, or a part of one.
    pub const CODE: Self = Self(1);
    /// Inside code or beside it.
    pub const NEAR_CODE: Self = Self(2);
    pub const FORMULA: Self = Self(4);
    pub const CALLOUT: Self = Self(8);
    /// A card that is a link.
    pub const CARD: Self = Self(16);
    /// An embedded post of a social network.
    pub const POST: Self = Self(32);
    /// A player that a script fills in.
    pub const PLAYER: Self = Self(64);
    /// A background image.
    pub const BACKGROUND: Self = Self(128);
    /// An account's name, or a date.
    pub const ACCOUNT: Self = Self(256);
    /// The date of the last change.
    pub const UPDATED: Self = Self(512);
    /// Line numbers, copy buttons and labels beside code.
    pub const ORNAMENT: Self = Self(1024);
    /// A list of tabs.
    pub const TABS: Self = Self(2048);
    /// An item with a type in its microdata.
    pub const TYPED: Self = Self(8192);
    /// An element with an author or a date.
    pub const SIGNED: Self = Self(16384);
    /// Text for screen readers.
    pub const READ_OUT: Self = Self(4096);

    /// Returns the hints of the words in a class attribute.
    pub fn of_class(class: &str) -> Self {
        let Some(words) = &*WORDS else { return Self(u16::MAX) };
        let found = words.find_overlapping_iter(class);
        let hints = found.fold(Self::default(), |hints, one| hints.and(HINTED[one.pattern().as_usize()].1));
        // Too short to be searched inside words.
        let is_tex = class.split_ascii_whitespace().any(|word| word == "tex");
        if is_tex { hints.and(Self::FORMULA) } else { hints }
    }

    /// Returns the hints of an attribute's name.
    pub fn of_attribute(name: &str) -> Self {
        let Some(name) = name.strip_prefix("data-") else {
            return match name {
                "itemtype" => Self::TYPED,
                "rel" | "title" | "author" | "created" | "created-timestamp" => Self::SIGNED,
                _ => Self::default(),
            };
        };
        match name {
            "tex" | "latex" | "formula" | "expr" | "katex" | "latex-source" | "math-tex" | "math-style" => {
                return Self::FORMULA;
            }
            "slate-type" => return Self::CODE,
            "callout" => return Self::CALLOUT,
            "author" | "username" | "author-name" | "created" => return Self::SIGNED,
            _ => {}
        }
        if name.starts_with("bg") || name.contains("background") || matches!(name, "lazy-bg" | "image-src") {
            return Self::BACKGROUND.and(Self::PLAYER);
        }
        let is_service = ["yt", "youtube", "vimeo", "bvid"].iter().any(|service| name.starts_with(service));
        let leads = ["id", "url", "src", "href", "embed", "video"].iter().any(|end| name.ends_with(end));
        if is_service || leads { Self::PLAYER } else { Self::default() }
    }

    /// Returns the hints of a style.
    pub fn of_style(style: &str) -> Self {
        let style = style.to_ascii_lowercase();
        let code = if style.contains("monospace") { Self::CODE } else { Self::default() };
        if style.contains("url(") { code.and(Self::BACKGROUND) } else { code }
    }

    /// Returns the union of two sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true when the sets have a hint in common.
    pub fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 != 0
    }
}

/// Parts of class names with their hints. Sites write names in lower case, with or without hyphens, so a name that a hyphen
/// may divide is listed by one of its halves.
const HINTED: [(&str, Hints); 91] = [
    ("code", Hints::CODE),
    ("highlight", Hints::CODE),
    ("hljs", Hints::CODE),
    ("shiki", Hints::CODE),
    ("prism", Hints::CODE),
    ("snippet", Hints::CODE),
    ("lang", Hints::CODE),
    ("prettyprint", Hints::CODE),
    ("mermaid", Hints::CODE),
    ("gist-meta", Hints::CODE),
    ("crayon", Hints::CODE),
    ("monaco", Hints::CODE),
    ("view-line", Hints::CODE),
    ("enlighter", Hints::CODE),
    ("linenum", Hints::CODE),
    ("line-num", Hints::CODE),
    ("line_num", Hints::CODE),
    ("numbering", Hints::CODE),
    ("math", Hints::FORMULA),
    ("mjx", Hints::FORMULA),
    ("katex", Hints::FORMULA),
    ("latex", Hints::FORMULA),
    ("mwe-", Hints::FORMULA),
    ("equation", Hints::FORMULA),
    ("arithmatex", Hints::FORMULA),
    ("box", Hints::CARD),
    ("-box", Hints::CALLOUT),
    ("infobox", Hints::CALLOUT),
    ("important", Hints::CALLOUT),
    ("admonition", Hints::CALLOUT),
    ("callout", Hints::CALLOUT),
    ("alert", Hints::CALLOUT),
    ("notice", Hints::CALLOUT),
    ("note", Hints::CALLOUT),
    ("hint", Hints::CALLOUT),
    ("msg", Hints::CALLOUT),
    ("panel", Hints::CALLOUT),
    ("aside", Hints::CALLOUT),
    ("custom-block", Hints::CALLOUT),
    ("information-macro", Hints::CALLOUT),
    ("tip", Hints::CALLOUT),
    ("warn", Hints::CALLOUT),
    ("caution", Hints::CALLOUT),
    ("card", Hints(Hints::CARD.0 | Hints::POST.0)),
    ("bookmark", Hints::CARD),
    ("preview", Hints::CARD),
    ("external", Hints::CARD),
    ("unfurl", Hints::CARD),
    ("embed", Hints(Hints::CARD.0 | Hints::POST.0)),
    ("wp-block-embed__wrapper", Hints::PLAYER),
    ("twitter", Hints::POST),
    ("instagram", Hints::POST),
    ("tiktok", Hints::POST),
    ("reddit", Hints::POST),
    ("bluesky", Hints::POST),
    ("mastodon", Hints::POST),
    ("text-post-media", Hints::POST),
    ("imgur", Hints::POST),
    ("fb-", Hints::POST),
    ("codepen", Hints::POST),
    ("nick", Hints::ACCOUNT),
    ("account", Hints::ACCOUNT),
    ("wemedia", Hints::ACCOUNT),
    ("uname", Hints::ACCOUNT),
    ("user-", Hints::ACCOUNT),
    ("publish", Hints::ACCOUNT),
    ("updated", Hints::UPDATED),
    ("line", Hints::ORNAMENT),
    ("ln", Hints::ORNAMENT),
    ("gl", Hints::ORNAMENT),
    ("normal", Hints::ORNAMENT),
    ("gutter", Hints::ORNAMENT),
    ("crayon", Hints::ORNAMENT),
    ("numbering", Hints::ORNAMENT),
    ("lang", Hints::ORNAMENT),
    ("toolbar", Hints::ORNAMENT),
    ("hljs", Hints::ORNAMENT),
    ("copy", Hints::ORNAMENT),
    ("clipboard", Hints::ORNAMENT),
    ("code", Hints::ORNAMENT),
    ("tab", Hints::TABS),
    ("a11y", Hints::READ_OUT),
    ("access", Hints::READ_OUT),
    ("assistive", Hints::READ_OUT),
    ("hidden", Hints::READ_OUT),
    ("hide", Hints::READ_OUT),
    ("invisible", Hints::READ_OUT),
    ("screen", Hints::READ_OUT),
    ("sr", Hints::READ_OUT),
    ("voice", Hints::READ_OUT),
    ("wcag", Hints::READ_OUT),
];

/// The search for all of them at once; None when it cannot be built, and then an element may be anything.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
    builder.build(HINTED.map(|(part, _)| part)).ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_gives_hints() {
        for (class, hint) in [
            ("Code-Block", Hints::CODE),
            ("katex", Hints::FORMULA),
            ("note tex", Hints::FORMULA),
            ("arithmatex", Hints::FORMULA),
            ("bs-callout", Hints::CALLOUT),
            ("kg-bookmark-card", Hints::CARD),
            ("twitter-tweet", Hints::POST),
            ("nav-tabs", Hints::TABS),
            ("sr-only", Hints::READ_OUT),
        ] {
            assert!(Hints::of_class(class).has(hint), "{class}");
        }
        assert_eq!(Hints::of_class("entry wide"), Hints::default());
    }

    #[test]
    fn an_attributes_name_gives_a_hint() {
        assert!(Hints::of_attribute("data-katex").has(Hints::FORMULA));
        assert!(Hints::of_attribute("data-youtube-id").has(Hints::PLAYER));
        assert!(Hints::of_style("font-family: Monospace").has(Hints::CODE));
        assert_eq!(Hints::of_attribute("data-state"), Hints::default());
    }
}
