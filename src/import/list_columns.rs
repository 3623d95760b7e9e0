//! Names of the columns and fields of lists of saved URLs.

/// Names of columns and fields, in lower case, without spaces and underscores.
pub(super) const URL: [&str; 5] = ["url", "href", "link", "resolvedurl", "givenurl"];
pub(super) const TITLE: [&str; 4] = ["title", "name", "resolvedtitle", "giventitle"];
pub(super) const ADDED: [&str; 11] = [
    "timeadded",
    "savedat",
    "saveddate",
    "createdat",
    "created",
    "dateadded",
    "dateaddedutc",
    "addedat",
    "timestamp",
    "time",
    "added",
];
pub(super) const TAGS: [&str; 4] = ["tags", "documenttags", "labels", "tagnames"];
pub(super) const FOLDER: [&str; 6] = ["folder", "collection", "list", "status", "location", "state"];
pub(super) const DESCRIPTION: [&str; 6] = ["selection", "note", "notes", "excerpt", "summary", "description"];

/// Returns a name in lower case, without spaces and underscores.
pub(super) fn plain(name: &str) -> String {
    let letters = name.trim().chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\u{feff}'));
    letters.flat_map(char::to_lowercase).collect()
}
