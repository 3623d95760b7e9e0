//! Items of a Joplin export: a title, a body, and a block of properties at the end.
//! <https://joplinapp.org/help/api/references/rest_api/>

use std::collections::HashMap;

/// The kind of an item, as its property `type_` numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Note,
    Notebook,
    Resource,
    Tag,
    /// A tag of a note.
    NoteTag,
    /// Settings, keys, earlier versions of notes and others.
    Other,
}

/// An item.
pub(super) struct JoplinItem {
    pub kind: ItemKind,
    /// Its title in one line; empty for none.
    pub title: String,
    /// The text of a note, in Markdown or HTML.
    pub body: String,
    properties: HashMap<String, String>,
}

impl JoplinItem {
    /// Parses an item; `None` for a text without the properties of one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let text = text.trim_end();
        let (head, tail) = match text.rfind("\n\n") {
            Some(at) => (&text[..at], &text[at + 2..]),
            None => ("", text),
        };
        let mut properties = HashMap::new();
        for line in tail.lines() {
            let (name, value) = line.trim().split_once(':')?;
            properties.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        let kind = match properties.get("type_")?.as_str() {
            "1" => ItemKind::Note,
            "2" => ItemKind::Notebook,
            "4" => ItemKind::Resource,
            "5" => ItemKind::Tag,
            "6" => ItemKind::NoteTag,
            number => number.parse::<u32>().ok().map(|_| ItemKind::Other)?,
        };
        properties.get("id").filter(|id| is_id(id))?;
        let (title, body) = head.split_once('\n').unwrap_or((head, ""));
        let body = body.strip_prefix('\n').unwrap_or(body);
        Some(Self { kind, title: title.trim().to_owned(), body: body.to_owned(), properties })
    }

    /// Returns a property; empty when it is not set.
    pub fn get(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", String::as_str)
    }

    /// Returns its identifier.
    pub fn id(&self) -> &str {
        self.get("id")
    }

    /// Returns true for a property that is set to 1.
    pub fn is(&self, name: &str) -> bool {
        self.get(name) == "1"
    }

    /// Returns true when a password protects it.
    pub fn is_encrypted(&self) -> bool {
        self.is("encryption_applied") || !self.get("encryption_cipher_text").is_empty()
    }
}

/// Returns true for the identifier of an item: 32 hexadecimal digits.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns true for the name of a file that may hold an item.
pub(super) fn is_item_name(path: &str) -> bool {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".md")).is_some_and(is_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0f0e0d0c0b0a09080706050403020100";

    #[test]
    fn an_item_is_a_title_a_body_and_properties() {
        let note = format!(
            "渡口\n\n一\n\na: b\n\nid: {ID}\nparent_id: \nis_todo: 1\nsource_url: https://a.example/?x=1\ntype_: 1"
        );
        let note = JoplinItem::parse(&note).unwrap();
        assert_eq!((note.kind, note.title.as_str(), note.body.as_str()), (ItemKind::Note, "渡口", "一\n\na: b"));
        assert_eq!((note.id(), note.get("source_url"), note.get("parent_id")), (ID, "https://a.example/?x=1", ""));
        assert!(note.is("is_todo") && !note.is_encrypted());
        let tag = JoplinItem::parse(&format!("id: {ID}\nnote_id: x\ntype_: 6\n")).unwrap();
        assert_eq!((tag.kind, tag.title.as_str()), (ItemKind::NoteTag, ""));
        for other in ["# 一\n\n二", "---\ntitle: a\n---\nx", "", "a\n\nid: 1\ntype_: 1", "a\n\ntype_: 1"] {
            assert!(JoplinItem::parse(other).is_none(), "{other}");
        }
    }
}
