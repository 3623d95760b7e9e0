//! Names of files in a Notion export: the title, then the identifier of the page.

/// What the name of a file says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotionName<'a> {
    pub title: &'a str,
    pub form: NotionForm,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotionForm {
    /// A page in Markdown.
    Markdown,
    /// The rows of a database that one of its views shows.
    View,
    /// All rows of a database.
    AllRows,
}

impl<'a> NotionName<'a> {
    /// Parses the name of a file, with or without folders; `None` for any other name.
    pub fn of(path: &'a str) -> Option<Self> {
        let file = path.rsplit(['/', '\\']).next()?;
        let (stem, form) = match file.strip_suffix(".md") {
            Some(stem) => (stem, NotionForm::Markdown),
            None => match file.strip_suffix("_all.csv") {
                Some(stem) => (stem, NotionForm::AllRows),
                None => (file.strip_suffix(".csv")?, NotionForm::View),
            },
        };
        without_id(stem).map(|title| Self { title, form })
    }
}

/// Returns a name without the identifier at its end; `None` when it has none.
pub(super) fn without_id(stem: &str) -> Option<&str> {
    let (title, id) = stem.rsplit_once(' ')?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| title.trim())
}

/// Returns true for the table of a database whose rows another file of the export has too: a page with the same name, or
/// the table of all its rows. `exists` returns true for the path of a file of the export.
pub fn is_repeated(path: &str, exists: &dyn Fn(&str) -> bool) -> bool {
    let Some(name) = NotionName::of(path).filter(|name| name.form != NotionForm::Markdown) else { return false };
    let stem = path.strip_suffix("_all.csv").or_else(|| path.strip_suffix(".csv")).unwrap_or(path);
    let others = [".html", ".md"].iter().any(|extension| exists(&format!("{stem}{extension}")));
    others || name.form == NotionForm::View && exists(&format!("{stem}_all.csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "e65ec18c87607b653d1693a4a104149a";

    #[test]
    fn a_name_is_a_title_and_an_identifier() {
        let page = format!("a/灯 塔 {ID}.md");
        assert_eq!(NotionName::of(&page), Some(NotionName { title: "灯 塔", form: NotionForm::Markdown }));
        let table = format!("船 {ID}_all.csv");
        assert_eq!(NotionName::of(&table).map(|name| name.form), Some(NotionForm::AllRows));
        assert_eq!((NotionName::of("灯.md"), NotionName::of("灯 123.csv")), (None, None));
        let view = format!("船 {ID}.csv");
        assert!(is_repeated(&view, &|path| path == table) && !is_repeated(&table, &|path| path == view));
    }
}
