//! The markup of Evernote's notes (ENML) as HTML. <https://dev.evernote.com/doc/articles/enml.php>

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::html::elements;
use crate::html::text::collapse;
use crate::model::{Loss, LossKind};

/// Begins the `src` of an image of the note; the MD5 of its bytes follows.
pub(super) const IMAGE: &str = "enex-image/";

/// Begins the `href` of a link to another note; its title follows, percent-encoded.
pub(super) const NOTE: &str = "enex-note:";

/// A file attached to a note.
#[derive(Default)]
pub(super) struct File {
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// Its name; empty when the export does not state it.
    pub name: String,
    /// Its bytes; empty when they are damaged or too large for an image.
    pub bytes: Vec<u8>,
}

/// Returns a note as HTML, and what has no form in HTML. `file` returns an attached file by its hash; `is_note` returns true
/// for the title of a note of the export.
pub(super) fn html<'f>(
    content: &str,
    file: &dyn Fn(&str) -> Option<&'f File>,
    is_note: &dyn Fn(&str) -> bool,
) -> (String, Vec<Loss>) {
    let mut writer =
        Writer { html: String::new(), losses: Vec::new(), open: Vec::new(), links: Vec::new(), pending: None, file };
    let mut reader = Reader::from_str(content);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => writer.start(&start, Form::Open),
            Ok(Event::Empty(start)) => writer.start(&start, Form::Empty),
            Ok(Event::End(end)) => writer.end(end.name().0, is_note),
            Ok(Event::Text(text)) => writer.text(&text.into_inner()),
            Ok(Event::CData(text)) => writer.text(&text.into_inner().replace('&', "&amp;").replace('<', "&lt;")),
            Ok(Event::GeneralRef(name)) => writer.text(&format!("&{};", &*name.into_inner())),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                writer.losses.push(Loss::new(LossKind::Text, format!("the rest of the note cannot be read: {error}")));
                break;
            }
        }
    }
    (writer.html, writer.losses)
}

/// The form of a start tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Open,
    Empty,
}

/// An element that is open.
struct Element {
    name: String,
    kind: Kind,
}

/// What an open element is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Itself.
    Same,
    /// A block of code; the blocks inside it are its lines.
    Code,
    /// A line of a block of code.
    Line,
    /// A block that begins with a check box, as an item of a list.
    Task,
    /// Nothing: its text is encrypted.
    Encrypted,
}

struct Writer<'a, 'f> {
    html: String,
    losses: Vec<Loss>,
    open: Vec<Element>,
    /// Links to notes that are open: where the tag stands, and where its text begins.
    links: Vec<(usize, usize)>,
    /// The check box of an item of a list that was begun, whose text has not come yet.
    pending: Option<CheckBox>,
    file: &'a dyn Fn(&str) -> Option<&'f File>,
}

/// A check box before a task.
#[derive(Clone, Copy)]
enum CheckBox {
    Checked,
    Unchecked,
}

impl Writer<'_, '_> {
    fn is_inside(&self, kind: Kind) -> bool {
        self.open.iter().any(|element| element.kind == kind)
    }

    fn text(&mut self, text: &str) {
        if self.is_inside(Kind::Encrypted) {
            return;
        }
        if !text.trim().is_empty()
            && let Some(check_box) = self.pending.take()
        {
            self.check_box(check_box);
        }
        self.html.push_str(text);
    }

    fn start(&mut self, start: &BytesStart<'_>, form: Form) {
        let name = start.name().0.to_ascii_lowercase();
        let attribute = |wanted: &str| {
            let mut found = start.html_attributes().flatten();
            found.find(|found| found.key.0.eq_ignore_ascii_case(wanted)).map(|found| found.value.to_string())
        };
        let style = attribute("style").unwrap_or_default().replace(' ', "");
        match name.as_str() {
            "en-note" => {}
            "en-media" => self.media(&attribute("hash").unwrap_or_default().to_ascii_lowercase()),
            "en-todo" => self.check_box(match attribute("checked").as_deref() {
                Some("true") => CheckBox::Checked,
                _ => CheckBox::Unchecked,
            }),
            "en-crypt" => {
                let hint = attribute("hint").map(|hint| format!(", with the hint \"{hint}\"")).unwrap_or_default();
                self.losses.push(Loss::new(LossKind::Text, format!("an encrypted passage{hint}")));
                self.html.push_str("<em>[encrypted]</em>");
                if form == Form::Open {
                    self.open.push(Element { name, kind: Kind::Encrypted });
                }
            }
            _ if self.is_inside(Kind::Code) => self.code(name, form),
            _ if style.contains("en-codeblock:true") && form == Form::Open => {
                self.html.push_str("<pre><code");
                if let Some(language) = code_language(&style) {
                    self.html.push_str(&format!(" class=\"language-{language}\""));
                }
                self.html.push('>');
                self.open.push(Element { name, kind: Kind::Code });
            }
            _ => {
                self.tag(&name, start, form);
                if style.contains("en-checked:true") {
                    self.pending = Some(CheckBox::Checked);
                } else if style.contains("en-checked:") {
                    self.pending = Some(CheckBox::Unchecked);
                }
            }
        }
    }

    /// Writes an element inside a block of code: only its line breaks count.
    fn code(&mut self, name: String, form: Form) {
        if name == "br" {
            self.html.push('\n');
        }
        if form == Form::Open {
            let kind = if elements::is_block(&name) { Kind::Line } else { Kind::Same };
            self.open.push(Element { name, kind });
        }
    }

    fn tag(&mut self, name: &str, start: &BytesStart<'_>, form: Form) {
        let at = self.html.len();
        self.html.push('<');
        self.html.push_str(name);
        let mut is_note_link = false;
        for attribute in start.html_attributes().flatten() {
            is_note_link |= name == "a" && attribute.value.starts_with("evernote:");
            self.html.push_str(&format!(" {}=\"{}\"", attribute.key.0, attribute.value.replace('"', "&quot;")));
        }
        self.html.push('>');
        if form == Form::Open {
            if is_note_link {
                self.links.push((at, self.html.len()));
            }
            self.open.push(Element { name: name.to_owned(), kind: Kind::Same });
        } else if !elements::is_void(name) {
            self.html.push_str(&format!("</{name}>"));
        }
    }

    fn media(&mut self, hash: &str) {
        match (self.file)(hash) {
            Some(file) if file.media_type.starts_with("image/") => {
                let alt = file.name.replace('&', "&amp;").replace('"', "&quot;");
                self.html.push_str(&format!("<img src=\"{IMAGE}{hash}\" alt=\"{alt}\">"));
            }
            Some(file) => {
                self.html.push_str(&format!("<em>[{}]</em>", file.name.replace('&', "&amp;").replace('<', "&lt;")))
            }
            None => self.losses.push(Loss::new(LossKind::Attachment, hash.to_owned())),
        }
    }

    /// Writes a check box. The block that it begins becomes an item of a list.
    fn check_box(&mut self, check_box: CheckBox) {
        let input = match check_box {
            CheckBox::Checked => "<input type=\"checkbox\" checked>",
            CheckBox::Unchecked => "<input type=\"checkbox\">",
        };
        let is_in_list = self.open.iter().any(|element| element.name == "li" || element.kind == Kind::Task);
        if let Some(block) =
            self.open.last_mut().filter(|element| element.kind == Kind::Same && element.name == "div" && !is_in_list)
            && let Some(at) = self.html.rfind("<div")
        {
            self.html.truncate(at);
            self.html.push_str("<ul><li>");
            block.kind = Kind::Task;
        }
        self.html.push_str(input);
    }

    fn end(&mut self, name: &str, is_note: &dyn Fn(&str) -> bool) {
        let name = name.to_ascii_lowercase();
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else { return };
        while self.open.len() > at {
            let Some(element) = self.open.pop() else { break };
            match element.kind {
                Kind::Code => self.html.push_str("</code></pre>"),
                Kind::Line => self.html.push('\n'),
                Kind::Task => self.html.push_str("</li></ul>"),
                Kind::Encrypted => {}
                Kind::Same if self.is_inside(Kind::Code) => {}
                Kind::Same => {
                    self.html.push_str(&format!("</{}>", element.name));
                    if element.name == "a" {
                        self.link(is_note);
                    }
                }
            }
        }
    }

    /// Lets a link whose text is the title of a note lead to that note.
    fn link(&mut self, is_note: &dyn Fn(&str) -> bool) {
        let Some((tag, text)) = self.links.pop() else { return };
        let inner = self.html[text..].trim_end_matches("</a>").to_owned();
        let title = collapse(&crate::html::fragment(&inner).root().text().collect::<String>());
        if is_note(&title) {
            let coded = percent_encoding::utf8_percent_encode(&title, percent_encoding::NON_ALPHANUMERIC);
            let link = format!("<a href=\"{NOTE}{coded}\">{inner}</a>");
            self.html.truncate(tag);
            self.html.push_str(&link);
        }
    }
}

/// Returns the language that the style of a block of code names, in lower case; `None` for plain text, and for what cannot
/// be the name of a language.
fn code_language(style: &str) -> Option<String> {
    let (_, rest) = style.split_once("en-codeblockLanguage:")?;
    let language = rest.split(';').next()?.to_ascii_lowercase();
    let is_name = language.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.'));
    (is_name && !language.is_empty() && !matches!(language.as_str(), "plaintext" | "clike")).then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &str) -> (String, Vec<String>) {
        let (html, losses) = html(content, &|_| None, &|title| title == "旧地图");
        (html, losses.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn check_boxes_and_code_become_lists_and_blocks() {
        let (html, losses) = of("<en-note><div><en-todo checked=\"true\"/>擦灯 &amp; 上油</div><div>x</div></en-note>");
        assert_eq!(html, "<ul><li><input type=\"checkbox\" checked>擦灯 &amp; 上油</li></ul><div>x</div>");
        assert!(losses.is_empty());
        let code = "<en-note><div style=\"--en-codeblock: true;\"><div>for x in y:</div><div>    <b>print</b>(x)<br/></div></div></en-note>";
        assert_eq!(of(code).0, "<pre><code>for x in y:\n    print(x)\n\n</code></pre>");
        for (named, class) in [("python", " class=\"language-python\""), ("plaintext", ""), ("\"x", "")] {
            let style = format!("--en-codeblock:true;--en-codeblockLanguage:{named};padding: 8px");
            let html = of(&format!("<en-note><div style='{style}'><div>x</div></div></en-note>")).0;
            assert_eq!(html, format!("<pre><code{class}>x\n</code></pre>"));
        }
    }

    #[test]
    fn links_lead_to_notes_and_encrypted_text_is_named() {
        let link = "<en-note><div>见<a href=\"evernote:///view/1/\"><b>旧地图</b></a>，<a href=\"evernote:///view/2/\">别的</a></div></en-note>";
        let (html, _) = of(link);
        assert!(html.contains("<a href=\"enex-note:%E6%97%A7%E5%9C%B0%E5%9B%BE\"><b>旧地图</b></a>"), "{html}");
        assert!(html.contains("<a href=\"evernote:///view/2/\">别的</a>"), "{html}");
        let (html, losses) = of("<en-note><div>密码：<en-crypt hint=\"旧的\">aGVs</en-crypt>。</div></en-note>");
        assert_eq!(html, "<div>密码：<em>[encrypted]</em>。</div>");
        assert_eq!(losses, ["text: an encrypted passage, with the hint \"旧的\""]);
    }
}
