//! Names of the columns and fields of lists of saved URLs.

/// Names of columns and fields, in lower case, without spaces and underscores. The first that is there counts.
pub(super) const URL: [&str; 7] = ["sourceurl", "url", "href", "link", "resolvedurl", "givenurl", "uri"];
pub(super) const TITLE: [&str; 4] = ["title", "name", "resolvedtitle", "giventitle"];
pub(super) const ADDED: [&str; 12] = [
    "timeadded",
    "savedat",
    "saveddate",
    "createdat",
    "created",
    "creationdate",
    "dateadded",
    "dateaddedutc",
    "addedat",
    "timestamp",
    "time",
    "added",
];
pub(super) const TAGS: [&str; 5] = ["tags", "documenttags", "labels", "tagnames", "tag"];
pub(super) const FOLDER: [&str; 6] = ["folder", "collection", "list", "status", "location", "state"];
pub(super) const DESCRIPTION: [&str; 6] = ["selection", "note", "notes", "excerpt", "summary", "description"];
pub(super) const CONTENT: [&str; 5] = ["htmlcontent", "contenthtml", "html", "content", "fulltext"];
pub(super) const AUTHORS: [&str; 4] = ["author", "authors", "publishedby", "byline"];
pub(super) const PUBLISHED: [&str; 4] = ["publisheddate", "publishedat", "datepublished", "published"];
pub(super) const SITE: [&str; 3] = ["sitename", "domainname", "domain"];
pub(super) const LANGUAGE: [&str; 2] = ["language", "lang"];

/// Keys of the arrays of entries in JSON; the array that is the whole file has none.
pub(super) const TABLES: [&str; 8] = ["", "bookmarks", "items", "articles", "links", "list", "results", "entries"];

/// Returns the character that separates the fields of a line.
pub(super) fn separator(line: &str) -> u8 {
    let count = |separator: u8| line.bytes().filter(|byte| *byte == separator).count();
    [b';', b'\t'].into_iter().find(|&other| count(other) > count(b',')).unwrap_or(b',')
}

/// Returns a name in lower case, without spaces and underscores.
pub(super) fn plain(name: &str) -> String {
    let letters = name.trim().chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\u{feff}'));
    letters.flat_map(char::to_lowercase).collect()
}
