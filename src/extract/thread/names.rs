//! Class names, attributes and URLs of posts and their parts in forum templates.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::extract::naming;
use crate::html::Element;

/// Class names of authors, in lower case without hyphens and underscores.
const AUTHORS: [&str; 26] = [
    "username",
    "usernametext",
    "nickname",
    "nick",
    "authorname",
    "authorlink",
    "postername",
    "postauthor",
    "commentauthor",
    "commentuser",
    "commentername",
    "hnuser",
    "fn",
    "creator",
    "uname",
    "byname",
    "membername",
    "displayname",
    "screenname",
    "pauthorname",
    "louzhu",
    "bigusername",
    "userlink",
    "messagename",
    "xw1",
    "authorinfolink",
];

/// Words in classes of elements that hold an author's name, perhaps with more.
const AUTHOR_PARTS: [&str; 14] = [
    "author",
    "user",
    "username",
    "nickname",
    "nick",
    "poster",
    "byline",
    "authi",
    "writer",
    "member",
    "commenter",
    "postedby",
    "zuozhe",
    "yonghu",
];

/// Words in classes of elements that hold a time.
const TIMES: [&str; 17] = [
    "time",
    "date",
    "datetime",
    "age",
    "ago",
    "relativetime",
    "timestamp",
    "posttime",
    "postdate",
    "postdateline",
    "pubtime",
    "pubdate",
    "posted",
    "published",
    "created",
    "timeago",
    "shijian",
];

/// Words in classes of quotations of another post.
const QUOTES: [&str; 3] = ["quote", "quotetitle", "quoteheader"];

/// Parts of profile URLs.
const PROFILES: [&str; 22] = [
    "/user/",
    "/users/",
    "/u/",
    "/member",
    "/people/",
    "/profile",
    "/~",
    "/@",
    "/author/",
    "user?id=",
    "userinfo",
    "member.php",
    "memberlist.php",
    "profile.php",
    "action=profile",
    "mod=space",
    "space-uid",
    "space.php",
    "home/main",
    "showuser",
    "user.php",
    "viewprofile",
];

/// Attributes of a post with its author.
const AUTHOR_ATTRIBUTES: [&str; 4] = ["author", "data-author", "data-username", "data-author-name"];

/// Attributes of a post with its time.
const TIME_ATTRIBUTES: [&str; 3] = ["created-timestamp", "created", "data-created"];

/// The attributes of an element that are read here, found in one pass.
#[derive(Default)]
pub struct Attributes<'a> {
    /// `itemprop`.
    pub property: &'a str,
    pub href: Option<&'a str>,
    pub rel: Option<&'a str>,
    pub title: Option<&'a str>,
    authors: [Option<&'a str>; AUTHOR_ATTRIBUTES.len()],
    times: [Option<&'a str>; TIME_ATTRIBUTES.len()],
}

impl<'a> Attributes<'a> {
    /// Reads an element's attributes.
    pub fn of(element: &'a Element) -> Self {
        let mut attributes = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "itemprop" => attributes.property = value,
                "href" => attributes.href = Some(value),
                "rel" => attributes.rel = Some(value),
                "title" => attributes.title = Some(value),
                _ if name.starts_with("data-") || matches!(name, "author" | "created" | "created-timestamp") => {
                    let place = |names: &[&str]| names.iter().position(|known| *known == name);
                    if let Some(place) = place(&AUTHOR_ATTRIBUTES) {
                        attributes.authors[place] = Some(value);
                    } else if let Some(place) = place(&TIME_ATTRIBUTES) {
                        attributes.times[place] = Some(value);
                    }
                }
                _ => {}
            }
        }
        attributes
    }

    /// Returns the value of an attribute with a post's author.
    pub fn author(&self) -> Option<&'a str> {
        let named = self.authors.iter().flatten().next().map(|name| name.trim());
        named.filter(|name| !name.is_empty() && name.chars().count() <= 60)
    }

    /// Returns the value of an attribute with a post's time.
    pub fn time(&self) -> Option<&'a str> {
        self.times.iter().flatten().next().map(|time| time.trim()).filter(|time| time.len() >= 8)
    }
}

/// Returns true for a link to a profile.
pub fn is_profile(href: &str) -> bool {
    PROFILE.as_ref().map_or_else(
        || PROFILES.iter().any(|part| href.to_ascii_lowercase().contains(part)),
        |words| words.is_match(href),
    )
}

/// Searches for all parts in one pass.
static PROFILE: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(PROFILES).ok());

/// What the classes of an element say about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Classes {
    /// It is an author's name, and nothing else.
    pub is_author: bool,
    /// It holds an author's name.
    pub holds_author: bool,
    /// It is a time.
    pub is_time: bool,
    /// It quotes another post.
    pub is_quote: bool,
}

impl Classes {
    /// Returns true when they mark an author or a time.
    pub fn says(self) -> bool {
        self.is_author || self.holds_author || self.is_time
    }

    /// Reads the classes in an attribute.
    pub fn of(value: &str) -> Self {
        let mut found = Self::default();
        if WORDS.as_ref().is_some_and(|words| !words.is_match(value)) {
            return found;
        }
        for class in value.split_ascii_whitespace().take(16) {
            let mut whole = String::with_capacity(class.len());
            naming::find_word(class, |word| {
                whole.push_str(word);
                found.holds_author |= AUTHOR_PARTS.contains(&word);
                found.is_time |= TIMES.contains(&word);
                found.is_quote |= QUOTES.contains(&word);
                None::<()>
            });
            found.is_author |= AUTHORS.contains(&whole.as_str());
        }
        found
    }
}

/// Searches for every word above in one pass: most classes have none of them.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = QUOTES.iter().chain(&TIMES).chain(&AUTHOR_PARTS).filter(|word| word.len() > 3);
    // Short words, and parts that all other author names contain.
    let others = ["age", "ago", "fn", "xw1", "creator", "name", "louzhu"];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words.chain(&others)).ok()
});

/// Returns true for an element one of whose class words is among `wanted`.
pub fn has_word(element: &Element, wanted: &[&str]) -> bool {
    let classes = element.attr("class").unwrap_or_default();
    classes.split_ascii_whitespace().take(16).any(|class| is_any(class, wanted))
}

fn is_any(class: &str, wanted: &[&str]) -> bool {
    naming::find_word(class, |word| wanted.contains(&word).then_some(())).is_some()
}
