//! Markdown that bindery wrote as HTML, for feeds and books.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};

use super::formula;

/// Returns Markdown as HTML. `image` gives the URL of an image's target; an image without one is replaced by its
/// alternative text.
pub fn render(markdown: &str, image: &dyn Fn(&str) -> Option<String>) -> String {
    let arena = Arena::new();
    let options = options();
    let root = parse_document(&arena, markdown, &options);
    for node in root.descendants() {
        let mut data = node.data_mut();
        match &mut data.value {
            NodeValue::Image(link) => match image(&link.url) {
                Some(url) => link.url = url,
                None => data.value = NodeValue::Emph,
            },
            NodeValue::HtmlInline(html) if acts(html) => html.clear(),
            NodeValue::HtmlBlock(block) if acts(&block.literal) => block.literal.clear(),
            _ => {}
        }
    }
    let mut html = String::new();
    // Writing into a string cannot fail.
    let _ = format_html(root, &options, &mut html);
    html
}

/// Returns Markdown as HTML with everything that its text may hold, for [`crate::html`] to parse: HTML in it is not changed,
/// notes and callouts are as comrak writes them, and formulas have the attribute `data-math-style`.
pub fn rendered(markdown: &str) -> String {
    let arena = Arena::new();
    let mut options = options();
    options.extension.math_dollars = true;
    options.extension.math_code = true;
    options.extension.alerts = true;
    let mut root = parse_document(&arena, markdown, &options);
    // In a text with formulas, every other dollar sign is escaped, so that one that is certain vouches for all. Without it,
    // sums of money between two dollar signs show that there are no formulas.
    let dollars = |node: &AstNode<'_>| match &node.data().value {
        NodeValue::Math(math) if math.dollar_math => Some(math.literal.clone()),
        _ => None,
    };
    let found: Vec<String> = root.descendants().filter_map(dollars).collect();
    if !found.iter().any(|text| formula::has_command(text)) && !found.iter().all(|text| formula::is_tex(text)) {
        options.extension.math_dollars = false;
        root = parse_document(&arena, markdown, &options);
    }
    let mut html = String::new();
    // Writing into a string cannot fail.
    let _ = format_html(root, &options, &mut html);
    html
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    // The inline HTML is bindery's own, which does not act.
    options.render.r#unsafe = true;
    options
}

/// Returns whether HTML runs scripts, which only a text that somebody edited has.
fn acts(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    ["<script", "javascript:", "<style", "<object"].iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_get_their_urls_and_nothing_acts() {
        let text = "# 题\n\n**一**<sub>2</sub> ![图](../a.png) ![](../b.png)\n\n<script>x</script>\n";
        let html = render(text, &|path| path.ends_with("a.png").then(|| "https://example.org/a.png".to_owned()));
        assert!(html.contains("<h1>题</h1>") && html.contains("<strong>一</strong><sub>2</sub>"), "{html}");
        assert!(html.contains("<img src=\"https://example.org/a.png\" alt=\"图\""), "{html}");
        assert!(!html.contains("b.png") && !html.contains("<script"), "{html}");
    }
}
