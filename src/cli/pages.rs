//! The pages that a command line names: URLs, files, lists of both.

use std::io::Read;
use std::path::Path;

use url::Url;

use bindery::capture::Input;
use bindery::crawl::NamedPage;
use bindery::import;
use bindery::model::{Failure, FailureKind, Stage};

use super::error::CliError;
use super::settings::values::{did_you_mean, local_path};

/// The longest list that is read, in bytes.
const LIST_CAP: u64 = 256 * 1024 * 1024;

/// Returns every page of a command line once: those of `texts`, then those of `list`. `url` is the URL of the only page.
///
/// # Errors
/// A text is not a page. An invalid line of a list is that page's failure, and the others are visited.
pub fn named(texts: &[String], list: Option<&str>, url: Option<&Url>) -> Result<Vec<NamedPage>, CliError> {
    let mut pages = Vec::new();
    for text in texts {
        pages.push(NamedPage::Page(page(text, url).map_err(CliError::usage)?));
    }
    if let Some(list) = list {
        pages.extend(lines(&read(list)?, list));
    }
    if url.is_some() && (pages.len() != 1 || matches!(pages.first(), Some(NamedPage::Page(Input::Url(_))))) {
        return Err(CliError::usage("--url names the URL of one saved page; give one file with it"));
    }
    let mut seen = std::collections::BTreeSet::new();
    pages.retain(|named| seen.insert(format!("{named:?}")));
    if pages.is_empty() {
        return Err(CliError::usage("the list contains no page; write one URL or file per line"));
    }
    Ok(pages)
}

fn page(text: &str, url: Option<&Url>) -> Result<Input, String> {
    // A list that `convert` laid out has more than the URL on each line.
    let listed = text.starts_with('{').then(|| import::listed_url(text)).flatten();
    let text = listed.as_ref().map_or(text, |url| url.url.trim());
    let path = &local_path(text);
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Input::Url(url)),
        Ok(url) if url.scheme() == "file" && !path.exists() => {
            Err(format!("{} does not exist; check the path", path.display()))
        }
        _ if path.is_dir() => {
            Err(format!("`{text}` is a folder; name the saved pages in it, or use `bindery convert`"))
        }
        _ if path.exists() => Ok(Input::File { path: path.to_owned(), url: url.cloned() }),
        Ok(url) if text.contains("://") => {
            Err(format!("`{text}` has the scheme `{}`; bindery fetches http:// and https:// only", url.scheme()))
        }
        Err(error) if text.starts_with("http:") || text.starts_with("https:") => {
            Err(format!("`{text}` is not a web URL ({error}); check its spelling"))
        }
        _ => Err(match did_you_mean(text) {
            hint if hint.is_empty() => {
                format!("`{text}` is neither a web URL nor a file; a URL begins with https:// or http://")
            }
            hint => format!("`{text}` is neither a web URL nor a file{hint}"),
        }),
    }
}

fn read(list: &str) -> Result<String, CliError> {
    let mut text = String::new();
    let source: Box<dyn Read> =
        if list == "-" {
            Box::new(std::io::stdin().lock())
        } else {
            let file = std::fs::File::open(list);
            Box::new(file.map_err(|error| {
                CliError::usage(format!("the list {list} cannot be read: {error}; check --input-file"))
            })?)
        };
    let read = source.take(LIST_CAP).read_to_string(&mut text);
    read.map_err(|error| CliError::usage(format!("the list {list} cannot be read: {error}; it must be UTF-8 text")))?;
    Ok(text)
}

fn lines<'a>(text: &'a str, list: &'a str) -> impl Iterator<Item = NamedPage> + 'a {
    let numbered = text.trim_start_matches('\u{feff}').lines().enumerate();
    let named =
        numbered.map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    named.map(move |(number, line)| match page(listed(line), None) {
        Ok(input) => NamedPage::Page(input),
        Err(why) => {
            let message = format!("{list}, line {number}: {why}");
            NamedPage::Unreadable(Failure::new(Stage::Input, FailureKind::Url, message))
        }
    })
}

/// Returns the page of a line: a URL without the title or comment after it, a file without the comment.
fn listed(line: &str) -> &str {
    if line.starts_with('{') || Path::new(line).exists() {
        return line;
    }
    let page = import::without_comment(line);
    let is_url = page.starts_with("http://") || page.starts_with("https://");
    page.split(char::is_whitespace).next().filter(|_| is_url).unwrap_or(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_hold_comments_blank_lines_and_a_byte_order_mark() {
        let laid_out = "{\"url\":\"https://example.cn/一\",\"title\":\"题\",\"folder\":\"新闻\"}";
        let found: Vec<NamedPage> = lines(laid_out, "list.jsonl").collect();
        assert_eq!(found, [NamedPage::Page(Input::Url(Url::parse("https://example.cn/一").unwrap()))]);
        let found: Vec<NamedPage> =
            lines("\u{feff}# 列表\n\n https://example.cn/一 \r\nnonsense\n", "list.txt").collect();
        assert_eq!(found[0], NamedPage::Page(Input::Url(Url::parse("https://example.cn/一").unwrap())));
        let NamedPage::Unreadable(failure) = &found[1] else { panic!("{found:?}") };
        assert!(failure.message.starts_with("list.txt, line 4: `nonsense` is neither"), "{failure}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_invalid_page_is_refused_with_a_reason() {
        let why = |text: &str| page(text, None).unwrap_err();
        assert!(why("ftp://example.org/a").contains("http:// and https:// only"));
        assert!(why("http://").contains("not a web URL"));
        assert!(why("/tmp").contains("is a folder"));
        assert!(why("example.org/a").ends_with("; did you mean https://example.org/a?"));
        assert!(why("例子.html").contains("begins with https://"));
        assert!(why("file:///nowhere/a.html").contains("/nowhere/a.html does not exist"));
    }
}
