//! The forms of Ghost's editors as HTML: Lexical and Mobiledoc, with their cards.
//! <https://github.com/TryGhost/Koenig>, <https://github.com/bustle/mobiledoc-kit/blob/master/MOBILEDOC.md>

use serde_json::Value;

use super::json;

/// Levels of nested elements that are followed; deeper ones are left out.
const MAX_DEPTH: usize = 64;

/// Bits of the format of a text in Lexical, with the element of each.
const FORMATS: [(i64, &str); 6] = [(1, "strong"), (2, "em"), (4, "s"), (16, "code"), (32, "sub"), (64, "sup")];

/// Receives the name of each card that has no form in HTML.
type Lose<'a> = &'a mut dyn FnMut(&str);

/// Returns a document of Lexical as HTML; `root` is its root node.
pub(super) fn lexical(root: &Value, lose: Lose<'_>) -> String {
    let mut html = String::new();
    // Nodes to write, innermost last; a text is the end tag of one that was begun.
    let mut open: Vec<Result<(&Value, usize), String>> = children(root).rev().map(|node| Ok((node, 0))).collect();
    while let Some(next) = open.pop() {
        let (node, depth) = match next {
            Err(end) => {
                html.push_str(&end);
                continue;
            }
            Ok(node) => node,
        };
        let name = node["type"].as_str().unwrap_or_default();
        let (start, end) = match name {
            "text" | "extended-text" => {
                html.push_str(&formatted(node));
                continue;
            }
            "linebreak" => ("<br>".to_owned(), ""),
            "paragraph" => ("<p>".to_owned(), "</p>\n"),
            "heading" | "extended-heading" => {
                let tag = node["tag"]
                    .as_str()
                    .filter(|tag| matches!(*tag, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"))
                    .unwrap_or("h2");
                open.push(Err(format!("</{tag}>\n")));
                (format!("<{tag}>"), "")
            }
            "list" if node["listType"] == "number" => ("<ol>".to_owned(), "</ol>\n"),
            "list" => ("<ul>".to_owned(), "</ul>\n"),
            "listitem" => ("<li>".to_owned(), "</li>\n"),
            "quote" | "extended-quote" | "aside" => ("<blockquote>".to_owned(), "</blockquote>\n"),
            "link" => (format!("<a href=\"{}\">", attribute(&node["url"])), "</a>"),
            _ => {
                match card(name, node) {
                    Some(card) => html.push_str(&card),
                    None => lose(name),
                }
                continue;
            }
        };
        html.push_str(&start);
        if !end.is_empty() {
            open.push(Err(end.to_owned()));
        }
        if depth < MAX_DEPTH {
            open.extend(children(node).rev().map(|child| Ok((child, depth + 1))));
        } else {
            lose("nested too deep");
        }
    }
    html
}

fn children(node: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    node["children"].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn formatted(node: &Value) -> String {
    let mut text = escaped(node["text"].as_str().unwrap_or_default());
    let format = node["format"].as_i64().unwrap_or_default();
    for (bit, name) in FORMATS {
        if format & bit != 0 {
            text = format!("<{name}>{text}</{name}>");
        }
    }
    text
}

/// Returns a document of Mobiledoc as HTML.
pub(super) fn mobiledoc(document: &Value, lose: Lose<'_>) -> String {
    let mut html = String::new();
    for section in document["sections"].as_array().into_iter().flatten() {
        let tag = section[1].as_str().filter(|tag| tag.bytes().all(|byte| byte.is_ascii_alphanumeric())).unwrap_or("p");
        match section[0].as_i64() {
            Some(1) => html.push_str(&format!("<{tag}>{}</{tag}>\n", markers(document, &section[2]))),
            Some(2) => html.push_str(&format!("<img src=\"{}\">\n", attribute(&section[1]))),
            Some(3) => {
                let items = section[2].as_array().into_iter().flatten();
                let items: String = items.map(|item| format!("<li>{}</li>", markers(document, item))).collect();
                html.push_str(&format!("<{tag}>{items}</{tag}>\n"));
            }
            Some(10) => {
                let card_of = section[1].as_u64().and_then(|at| document["cards"].get(usize::try_from(at).ok()?));
                let name = card_of.and_then(|card| card[0].as_str()).unwrap_or("of an unknown kind");
                match card_of.and_then(|found| card(name, &found[1])) {
                    Some(card) => html.push_str(&card),
                    None => lose(name),
                }
            }
            _ => lose("of an unknown section"),
        }
    }
    html
}

/// Returns the markers of a section: `[kind, markups opened, markups closed, text or number of an atom]`.
fn markers(document: &Value, markers: &Value) -> String {
    let mut html = String::new();
    let mut open: Vec<String> = Vec::new();
    for marker in markers.as_array().into_iter().flatten() {
        for markup in marker[1].as_array().into_iter().flatten() {
            let found = markup.as_u64().and_then(|at| document["markups"].get(usize::try_from(at).ok()?));
            let name = found.and_then(|found| found[0].as_str()).unwrap_or("span");
            let href = found.filter(|_| name == "a").map(|found| format!(" href=\"{}\"", attribute(&found[1][1])));
            html.push_str(&format!("<{name}{}>", href.unwrap_or_default()));
            open.push(name.to_owned());
        }
        match marker[3].as_str() {
            Some(text) => html.push_str(&escaped(text)),
            // The one atom that Ghost writes is a line break.
            None => html.push_str("<br>"),
        }
        for _ in 0..marker[2].as_u64().unwrap_or_default() {
            let Some(name) = open.pop() else { break };
            html.push_str(&format!("</{name}>"));
        }
    }
    html
}

/// Returns a card as HTML; `None` for one that has no text of its own, such as a form for subscribers.
fn card(name: &str, fields: &Value) -> Option<String> {
    let caption = fields["caption"].as_str().filter(|text| !text.trim().is_empty());
    let caption = caption.map(|text| format!("<figcaption>{text}</figcaption>")).unwrap_or_default();
    let image =
        |image: &Value| format!("<img src=\"{}\" alt=\"{}\">", attribute(&image["src"]), attribute(&image["alt"]));
    let link = |url: &Value, title: &Value| {
        let title = json::text(title);
        let title = if title.is_empty() { json::text(url) } else { title };
        format!("<p><a href=\"{}\">{}</a></p>\n", attribute(url), escaped(&title))
    };
    Some(match name {
        "image" => format!("<figure>{}{caption}</figure>\n", image(fields)),
        "gallery" => {
            let images: String = fields["images"].as_array()?.iter().map(image).collect();
            format!("<figure>{images}{caption}</figure>\n")
        }
        "html" => fields["html"].as_str()?.to_owned(),
        "markdown" | "card-markdown" => markdown(fields["markdown"].as_str()?),
        "code" | "codeblock" => {
            let language = json::text(&fields["language"]);
            let class = if language.is_empty() {
                String::new()
            } else {
                format!(" class=\"language-{}\"", attribute(&fields["language"]))
            };
            format!("<pre><code{class}>{}</code></pre>\n{caption}", escaped(fields["code"].as_str()?))
        }
        "hr" | "horizontalrule" | "paywall" => "<hr>\n".to_owned(),
        "bookmark" | "embed" => {
            let url = if fields["url"].is_string() { &fields["url"] } else { &fields["metadata"]["url"] };
            link(url, &fields["metadata"]["title"])
        }
        "video" | "audio" | "file" => {
            link(&fields["src"], if fields["title"].is_string() { &fields["title"] } else { &fields["fileName"] })
        }
        "button" => link(&fields["buttonUrl"], &fields["buttonText"]),
        "callout" => format!("<blockquote>{}</blockquote>\n", fields["calloutText"].as_str()?),
        "toggle" => {
            format!("<h4>{}</h4>\n{}", fields["heading"].as_str().unwrap_or_default(), fields["content"].as_str()?)
        }
        "header" => format!("<h2>{}</h2>\n", fields["header"].as_str()?),
        _ => return None,
    })
}

/// Returns Markdown as HTML.
pub(super) fn markdown(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(text, &options)
}

/// Returns a text with `&` and `<` escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn attribute(value: &Value) -> String {
    json::text(value).replace('&', "&amp;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lexical_is_written_as_html_and_cards_without_a_form_are_named() {
        let root = json!({"children": [
            {"type": "heading", "tag": "h3", "children": [{"type": "text", "text": "灯", "format": 0}]},
            {"type": "paragraph", "children": [
                {"type": "text", "text": "a < b", "format": 3},
                {"type": "link", "url": "https://a.example/?x=1&y", "children": [{"type": "text", "text": "去", "format": 0}]}]},
            {"type": "list", "listType": "number", "children": [{"type": "listitem", "children": [{"type": "text", "text": "一"}]}]},
            {"type": "image", "src": "/1.jpg", "alt": "图", "caption": "说明"},
            {"type": "codeblock", "code": "if a < b", "language": "c"},
            {"type": "signup"}]});
        let mut lost = Vec::new();
        let html = lexical(&root, &mut |name| lost.push(name.to_owned()));
        assert_eq!(
            html,
            "<h3>灯</h3>\n<p><em><strong>a &lt; b</strong></em><a href=\"https://a.example/?x=1&amp;y\">去</a></p>\n\
             <ol><li>一</li>\n</ol>\n<figure><img src=\"/1.jpg\" alt=\"图\"><figcaption>说明</figcaption></figure>\n\
             <pre><code class=\"language-c\">if a &lt; b</code></pre>\n"
        );
        assert_eq!(lost, ["signup"]);
    }

    #[test]
    fn mobiledoc_is_written_as_html() {
        let document = json!({"markups": [["em"], ["a", ["href", "/x"]]], "cards": [["markdown", {"markdown": "**粗**"}], ["email", {}]],
            "sections": [[1, "p", [[0, [0], 1, "斜"], [0, [1], 1, "链"]]], [3, "ul", [[[0, [], 0, "一"]]]], [10, 0], [10, 1]]});
        let mut lost = Vec::new();
        let html = mobiledoc(&document, &mut |name| lost.push(name.to_owned()));
        assert_eq!(html, "<p><em>斜</em><a href=\"/x\">链</a></p>\n<ul><li>一</li></ul>\n<p><strong>粗</strong></p>\n");
        assert_eq!(lost, ["email"]);
    }
}
