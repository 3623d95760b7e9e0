//! Recognises user pages, posts, logos and links to the front page by elements' names and URLs.

use crate::html::ElementRef;

/// Returns true for the URL of a user page, by the name of a folder in it.
pub fn is_user(href: &str) -> bool {
    let path = href.split_once("://").map_or(href, |(_, rest)| rest);
    let is_form =
        || ["login", "signin", "sign_in", "register", "signup", "settings"].iter().any(|word| path.contains(word));
    let mut folders = path.split('/');
    let is_named = folders.any(|folder| {
        folder.starts_with('@')
            || matches!(folder, "u" | "user" | "users" | "people" | "author" | "authors" | "profile" | "space")
    });
    is_named && !is_form()
}

/// Returns true for the id of a post: `p2270718`, `post_1324873`, `pid12`, `msg-77`.
pub fn is_post(id: &str) -> bool {
    let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let name = name.trim_end_matches(['-', '_']);
    id.ends_with(|c: char| c.is_ascii_digit()) && ["p", "post", "pid", "msg", "message"].contains(&name)
}

/// Returns true for a heading that links to the front page.
pub fn leads_home(heading: ElementRef<'_>) -> bool {
    let inner = heading.descendants().skip(1).take(6).filter_map(ElementRef::wrap);
    let around = heading.ancestors().take(2).filter_map(ElementRef::wrap);
    inner.chain(around).filter(|element| element.value().name() == "a").filter_map(|link| link.attr("href")).any(
        |href| {
            let host = href.split_once("://").map(|(_, rest)| rest);
            href == "/"
                || host.is_some_and(|rest| rest.trim_end_matches('/').chars().all(|c| c != '/' && c != '?' && c != '#'))
        },
    )
}

/// Returns true for a heading whose class or id, or that of its parent, says that it is a logo or the site's name.
pub fn is_logo(heading: ElementRef<'_>) -> bool {
    let around = heading.ancestors().take(2).filter_map(ElementRef::wrap);
    std::iter::once(heading).chain(around).any(|element| {
        let names = [element.attr("class"), element.attr("id")].into_iter().flatten();
        let mut names = names.flat_map(str::split_whitespace).map(str::to_ascii_lowercase);
        names.any(|name| LOGOS.contains(&name.as_str()))
    })
}

/// Classes and ids of parts with a site's name.
const LOGOS: [&str; 8] =
    ["logo", "site-logo", "header-logo", "header__logo", "site-title", "site-name", "sitename", "site_title"];
