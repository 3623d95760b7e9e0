//! Pieces of markup that a program wrote in one known form. Markup of unknown form is parsed.

use crate::html::text::collapse;

/// Returns what stands between the tag that contains `start` and the next `end`; `None` when either is missing.
pub(super) fn between<'h>(html: &'h str, start: &str, end: &str) -> Option<&'h str> {
    let (_, rest) = html.split_once(start)?;
    let (_, inner) = rest.split_once('>')?;
    Some(inner.split_once(end)?.0)
}

/// Returns the elements of a name that have no element of that name inside, each as the rest of its start tag and its
/// inner HTML.
pub(super) fn elements<'h>(html: &'h str, name: &'h str) -> impl Iterator<Item = (&'h str, &'h str)> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    let starts: Vec<usize> = html.match_indices(&start).map(|(at, _)| at + start.len()).collect();
    starts.into_iter().filter_map(move |at| {
        let rest = html[at..].strip_prefix(['>', ' ', '\n']).map(|_| &html[at..])?;
        let (tag, inner) = rest.split_once('>')?;
        Some((tag, inner.split_once(&end)?.0))
    })
}

/// Returns the value of an attribute in double quotes, with its references replaced.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split_once('"')?.0;
    Some(if value.contains('&') { crate::html::fragment(value).root().text().collect() } else { value.to_owned() })
}

/// Returns the text of a piece of HTML.
pub(super) fn text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return collapse(html);
    }
    collapse(&crate::html::fragment(html).root().text().collect::<String>())
}
