//! What posts and their parts are called in the templates of forums.

use crate::extract::cues;
use crate::html::Element;

/// Class names of who wrote something, without signs, in lower case.
pub const AUTHORS: [&str; 26] = [
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
pub const AUTHOR_PARTS: [&str; 14] = [
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
pub const TIMES: [&str; 17] = [
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

/// A class of that name, whatever signs stand between its words.
pub fn has_name(element: &Element, names: &[&str]) -> bool {
    let classes = element.attr("class").unwrap_or_default();
    classes.split_ascii_whitespace().take(16).any(|class| {
        let bare: String = class.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        names.contains(&bare.as_str())
    })
}

/// A class or id one word of which is among these.
pub fn has_word(element: &Element, wanted: &[&str]) -> bool {
    let classes = element.attr("class").unwrap_or_default();
    classes.split_ascii_whitespace().take(16).any(|class| is_any(class, wanted))
}

fn is_any(class: &str, wanted: &[&str]) -> bool {
    cues::words(class).iter().any(|word| wanted.contains(&word.as_str()))
}
