//! The cover: an image of the only article, else its title.

use crate::html::text::is_cjk;
use crate::model::ImageFormat;

use super::super::xhtml::escaped;

/// The number of half-width characters in a line of a typeset title.
const LINE: usize = 20;
const MAX_LINES: usize = 9;

/// Returns true for the types of images that readers show as covers.
pub(super) fn can_be(format: ImageFormat) -> bool {
    matches!(format, ImageFormat::Jpg | ImageFormat::Png)
}

/// Returns the page that shows the cover.
pub(super) fn page(image: &str, title: &str, language: &str) -> String {
    let (title, language) = (escaped(title), escaped(language));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         lang=\"{language}\" xml:lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"style.css\"/>\n</head>\n<body class=\"cover\" epub:type=\"cover\">\n\
         <p><img src=\"{image}\" alt=\"{title}\"/></p>\n</body>\n</html>\n"
    )
}

/// Returns a cover with the title, and a line below it.
pub(super) fn typeset(title: &str, below: &str) -> String {
    let lines = lines(title);
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"1200\" height=\"1600\" viewBox=\"0 0 1200 1600\">\n\
         <rect width=\"1200\" height=\"1600\" fill=\"#f4efe6\"/>\n<rect x=\"100\" y=\"180\" width=\"160\" height=\"12\" fill=\"#8a2b2b\"/>\n\
         <g font-family=\"serif\" fill=\"#222222\">\n",
    );
    for (at, line) in lines.iter().enumerate() {
        out.push_str(&format!("<text x=\"100\" y=\"{}\" font-size=\"96\">{}</text>\n", 340 + at * 130, escaped(line)));
    }
    let below: String = below.chars().take(2 * LINE).collect();
    out.push_str(&format!("<text x=\"100\" y=\"1500\" font-size=\"48\">{}</text>\n</g>\n</svg>\n", escaped(&below)));
    out
}

/// Breaks a title into lines: between words, and anywhere between Han characters and kana.
fn lines(title: &str) -> Vec<String> {
    let width = |text: &str| text.chars().map(|c| if is_cjk(c) { 2 } else { 1 }).sum::<usize>();
    let mut lines = vec![String::new()];
    for word in words(title) {
        let line = lines.last_mut().map(|line| (width(line), line.is_empty())).unwrap_or_default();
        if !line.1 && line.0 + width(word.trim_end()) > LINE {
            if lines.len() == MAX_LINES {
                lines.iter_mut().last().into_iter().for_each(|line| line.push('…'));
                break;
            }
            lines.push(String::new());
        }
        lines.iter_mut().last().into_iter().for_each(|line| line.push_str(word));
    }
    lines.iter().map(|line| line.trim().to_owned()).collect()
}

/// Returns the parts of a text between which a line may end. Long words are cut.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut begin, mut length) = (0, 0);
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let closes = "，。、；：？！）》」』”’…".contains(c);
        let may_break = before.is_some_and(|last| last == ' ' || is_cjk(last) || is_cjk(c) || length >= LINE);
        if may_break && !closes && !before.is_some_and(|last| "（《「『“‘".contains(last)) {
            words.push(&text[begin..at]);
            (begin, length) = (at, 0);
        }
        length += 1;
        before = Some(c);
    }
    words.push(&text[begin..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_broken_between_words_and_not_before_closing_punctuation() {
        assert_eq!(lines("老城最后一家装订铺，要把手艺留在网上"), ["老城最后一家装订铺，", "要把手艺留在网上"]);
        assert_eq!(lines("The last bindery of the old town"), ["The last bindery of", "the old town"]);
        assert!(lines(&"长".repeat(300)).len() == MAX_LINES && typeset("a<b", "c").contains("a&lt;b"));
    }
}
