//! What posts and their parts are called in the templates of forums.

use crate::extract::cues;
use crate::html::Element;

/// Class names of who wrote something, without signs, in lower case.
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

/// Words of parts that hold such a name, perhaps with more.
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

/// Words of parts that hold a time.
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

/// Words of parts that repeat what another wrote.
const QUOTES: [&str; 3] = ["quote", "quotetitle", "quoteheader"];

/// Parts of addresses of people's pages.
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

/// Attributes of a post that name who wrote it.
const AUTHOR_ATTRIBUTES: [&str; 4] = ["author", "data-author", "data-username", "data-author-name"];

/// Attributes of a post that tell when it was written.
const TIME_ATTRIBUTES: [&str; 3] = ["created-timestamp", "created", "data-created"];

/// The value of an attribute that names who wrote a post.
pub fn author_attribute(element: &Element) -> Option<&str> {
    let named = AUTHOR_ATTRIBUTES.iter().find_map(|name| element.attr(name));
    named.map(str::trim).filter(|name| !name.is_empty() && name.chars().count() <= 60)
}

/// The value of an attribute that tells when a post was written.
pub fn time_attribute(element: &Element) -> Option<&str> {
    TIME_ATTRIBUTES.iter().find_map(|name| element.attr(name)).map(str::trim).filter(|time| time.len() >= 8)
}

/// A link that leads to the page of somebody.
pub fn is_profile(href: &str) -> bool {
    let href = href.to_ascii_lowercase();
    !href.is_empty() && PROFILES.iter().any(|part| href.contains(part))
}

/// What the classes of an element say of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Classes {
    /// Somebody's name, and nothing else.
    pub is_author: bool,
    /// A part with somebody's name in it.
    pub holds_author: bool,
    /// A time.
    pub is_time: bool,
    /// What another wrote, repeated.
    pub is_quote: bool,
}

impl Classes {
    /// Reads the classes in an attribute.
    pub fn of(value: &str) -> Self {
        let mut found = Self::default();
        for class in value.split_ascii_whitespace().take(16) {
            let words = cues::words(class);
            let is_any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
            found.is_author |= AUTHORS.contains(&words.concat().as_str());
            found.holds_author |= is_any(&AUTHOR_PARTS);
            found.is_time |= is_any(&TIMES);
            found.is_quote |= is_any(&QUOTES);
        }
        found
    }
}

/// A class one word of which is among these.
pub fn has_word(element: &Element, wanted: &[&str]) -> bool {
    let classes = element.attr("class").unwrap_or_default();
    classes.split_ascii_whitespace().take(16).any(|class| is_any(class, wanted))
}

fn is_any(class: &str, wanted: &[&str]) -> bool {
    cues::words(class).iter().any(|word| wanted.contains(&word.as_str()))
}
