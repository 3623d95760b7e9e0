//! Markdown of exports as HTML.

/// Returns Markdown as HTML, with the extensions that programs for notes have: a line break
/// inside a paragraph is one.
pub(super) fn html(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options.extension.math_dollars = true;
    options.extension.highlight = true;
    options.extension.cjk_friendly_emphasis = true;
    options.render.hardbreaks = true;
    options.render.r#unsafe = true;
    comrak::markdown_to_html(text, &options)
}

/// Returns a text with `&` and `<` escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
