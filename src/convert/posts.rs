//! A post of a static site: its front matter stays to the letter, its body becomes Markdown.

use crate::import::{Post, Syntax};
use crate::model::Doubt;

/// The title in a post's front matter; None when it has none. What keeps the front matter from being read is a doubt: it
/// is kept as it was all the same.
pub(super) fn title(post: &Post<'_>) -> (Option<String>, Option<Doubt>) {
    let read: Result<serde_json::Value, String> = match post.syntax {
        Syntax::Yaml => serde_saphyr::from_str(post.fields).map_err(|error| error.to_string()),
        Syntax::Json => {
            let fields = post.fields.trim();
            // Hexo leaves the braces away.
            let whole = if fields.starts_with('{') { fields.to_owned() } else { format!("{{{fields}}}") };
            serde_json::from_str(&whole).map_err(|error| error.to_string())
        }
        Syntax::Toml => return (None, None),
    };
    match read {
        Ok(fields) => (fields["title"].as_str().map(str::to_owned), None),
        Err(cause) => {
            let first = cause.lines().next().unwrap_or_default().to_owned();
            (None, Some(Doubt::new("front-matter", format!("it cannot be read, and is kept as it was: {first}"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::post;

    fn of(text: &str) -> (Option<String>, Option<Doubt>) {
        title(&post(text.as_bytes()).unwrap())
    }

    #[test]
    fn titles_are_read_in_each_syntax_and_faults_are_doubts() {
        assert_eq!(of("---\ntitle: '一: 二'\n---\nx").0.as_deref(), Some("一: 二"));
        assert_eq!(of(";;;\n\"title\": \"a\"\n;;;\nx").0.as_deref(), Some("a"));
        assert_eq!(of("---\ntags: [a]\n---\nx"), (None, None));
        let (title, doubt) = of("---\ntitle: \"a\" b: [\n---\nx");
        assert_eq!(title, None);
        assert!(doubt.unwrap().to_string().contains("kept as it was"));
    }
}
