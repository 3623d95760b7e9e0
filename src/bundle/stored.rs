//! The newest text of an article and its images, checked: what the formats for reading are made from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;

use url::Url;

use crate::archive::{Archive, Entry, Record, Snapshot};
use crate::frontmatter::{self, ProfileName};
use crate::html::resolve_link;
use crate::html::text::is_cjk;
use crate::markdown;
use crate::model::{Digest, ImageFormat};

use super::BundleError;
use super::piece::{Piece, Source};
use super::xhtml::{FormulaCount, ImageTarget, escaped, url_escaped};

/// The newest text of an article.
pub(super) struct StoredText<'e> {
    pub entry: &'e Entry,
    pub newest: &'e Snapshot,
    /// The complete file.
    pub text: String,
    /// Its saved images, by folder and name: `ab/abcd….png`.
    pub images: BTreeMap<String, StoredImage>,
}

/// An image of a text.
#[derive(Debug, Clone)]
pub(super) struct StoredImage {
    /// Its path below the archive.
    pub path: String,
    /// The URL that it came from.
    pub url: String,
    pub format: ImageFormat,
    /// None if its name is not a digest.
    digest: Option<Digest>,
}

impl StoredImage {
    /// Returns its file name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Returns its file, to be packed.
    pub fn piece(&self, archive: &Archive) -> Result<Piece, BundleError> {
        let file = archive.root().join(&self.path);
        let length = file.metadata().map_err(|error| BundleError::damaged(&self.path, error.to_string()))?.len();
        let digest = self.digest.ok_or_else(|| BundleError::damaged(&self.path, "its name is not a digest"))?;
        Ok(Piece { source: Source::File(file), length, digest })
    }

    /// Returns its bytes, which have the digest of its name.
    pub fn bytes(&self, archive: &Archive) -> Result<Vec<u8>, BundleError> {
        read_checked(archive, &self.path, self.digest)
    }
}

/// Reads a file, which must have this digest.
fn read_checked(archive: &Archive, path: &str, digest: Option<Digest>) -> Result<Vec<u8>, BundleError> {
    let bytes = fs::read(archive.root().join(path)).map_err(|error| BundleError::damaged(path, error.to_string()))?;
    let found = Digest::of(&bytes);
    match digest {
        Some(digest) if found == digest => Ok(bytes),
        Some(digest) => {
            Err(BundleError::damaged(path, format!("its digest is {found}, and its name or record has {digest}")))
        }
        None => Err(BundleError::damaged(path, "its name is not a digest")),
    }
}

impl<'e> StoredText<'e> {
    /// Reads the newest text of an article; None for an article without one.
    pub fn read(archive: &Archive, entry: &'e Entry) -> Result<Option<Self>, BundleError> {
        let Some(newest) = entry.record.newest() else { return Ok(None) };
        let path = format!("{}/{}", entry.folder, newest.file);
        let bytes = read_checked(archive, &path, Some(newest.sha256))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| BundleError::Text { path: path.clone(), cause: "it is not UTF-8".to_owned() })?;
        let images = newest.images.iter().filter_map(|image| Some((image.path.clone()?, image.url.clone())));
        let images = images.map(|(path, url)| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let (hex, extension) = name.split_once('.').unwrap_or((name, ""));
            let format = ImageFormat::from_extension(extension).unwrap_or(ImageFormat::Bin);
            let below = path.strip_prefix("images/").unwrap_or(&path).to_owned();
            (below, StoredImage { digest: hex.parse().ok(), path, url, format })
        });
        Ok(Some(Self { entry, newest, text, images: images.collect() }))
    }

    /// Returns the front matter and the body.
    pub fn parts(&self) -> (&str, &str) {
        let start = usize::try_from(self.newest.front_matter_bytes).unwrap_or_default();
        match (self.text.get(..start), self.text.get(start..)) {
            (Some(head), Some(body)) => (head, body),
            _ => ("", &self.text),
        }
    }

    /// Returns the body without the escapes that were written for a site generator.
    pub fn plain_body(&self) -> Cow<'_, str> {
        let profile: ProfileName = self.entry.record.profile.parse().unwrap_or_default();
        markdown::unescaped(self.parts().1, profile.engine())
    }

    /// Returns the image that a link target in the text names, with any prefix before its folder and name.
    pub fn image(&self, target: &str) -> Option<&StoredImage> {
        let at = next_name(target)?;
        let end = target[at..].find(['?', '#']).map_or(target.len(), |length| at + length);
        self.images.get(&target[at..end])
    }

    /// Returns the title, or the URL of an article without one.
    pub fn title(&self) -> &str {
        title_of(&self.entry.record)
    }

    /// Returns the URL of the article; None for a page without one.
    pub fn url(&self) -> Option<Url> {
        url_of(&self.entry.record)
    }

    /// Returns the language: the one that the front matter names, else what the script of the text says.
    pub fn language(&self) -> String {
        let (head, body) = self.parts();
        language(frontmatter::read_fields(head).language, body)
    }

    /// Returns the name of the article's folder.
    pub fn slug(&self) -> &str {
        self.entry.folder.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the path of the text below the archive.
    pub fn path(&self) -> String {
        format!("{}/{}", self.entry.folder, self.newest.file)
    }

    /// Returns the path of the text and the number of its formulas that stay TeX; None if all are MathML.
    pub fn tex_formulas(&self, count: FormulaCount) -> Option<(String, usize)> {
        (count.tex > 0).then(|| (self.path(), count.tex))
    }
}

/// Returns the URL of an article; None for a page without one.
pub(crate) fn url_of(record: &Record) -> Option<Url> {
    Url::parse(&record.url).ok().filter(Url::has_host)
}

/// Returns the language of a text: the one that its front matter names, else what its script says.
pub(crate) fn language(named: Option<String>, body: &str) -> String {
    named.filter(|named| is_language(named)).unwrap_or_else(|| language_of(body).to_owned())
}

/// Returns the title of an article, or the URL of one without a title.
pub(crate) fn title_of(record: &Record) -> &str {
    if record.title.trim().is_empty() { &record.url } else { &record.title }
}

/// Returns the day of publication, else that of the capture.
pub(super) fn day_of(record: &Record) -> String {
    match (&record.published, record.newest()) {
        (Some(date), _) => date.day().to_string(),
        (None, Some(newest)) => newest.captured.to_string().chars().take(10).collect(),
        (None, None) => String::new(),
    }
}

/// Returns where an article is from: the source of `bindery.toml` that captured it, else the site, else the host.
pub(crate) fn origin_of(record: &Record) -> String {
    let newest = record.newest().map(|newest| &newest.other);
    let field = |name: &str| newest.and_then(|other| other.get(name)).or_else(|| record.other.get(name));
    let source = field("source").or_else(|| field("sources").and_then(|all| all.get(0)));
    let source = source.and_then(|name| name.as_str()).map(str::to_owned);
    let host = || Url::parse(&record.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    source.or_else(|| record.site.clone()).filter(|name| !name.trim().is_empty()).unwrap_or_else(host)
}

/// Returns the head of an article: its title, byline, day and URL.
pub(crate) fn header(record: &Record) -> String {
    let mut byline: Vec<String> = record.authors.iter().map(|author| escaped(author)).collect();
    byline.extend(record.site.iter().map(|site| escaped(site)));
    byline.push(day_of(record));
    let source = url_of(record).filter(|url| matches!(url.scheme(), "http" | "https")).map(|url| {
        let url = escaped(&url_escaped(url.as_str()));
        format!("<p class=\"source\"><a href=\"{url}\">{url}</a></p>\n")
    });
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"byline\">{}</p>\n{}</header>\n",
        escaped(title_of(record)),
        byline.join(" · "),
        source.unwrap_or_default()
    )
}

/// Returns a link to a page or a mailbox, absolute; None for any other.
pub(crate) fn web_link(href: &str, base: Option<&Url>) -> Option<Url> {
    resolve_link(href, base).filter(|url| match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => url.path().contains('@'),
        _ => false,
    })
}

/// Returns the target of an image that is not shown: its URL on the web.
pub(crate) fn linked(src: &str, base: Option<&Url>) -> ImageTarget {
    let url = resolve_link(src, base).filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map_or(ImageTarget::Text, |url| ImageTarget::Linked(url_escaped(url.as_str())))
}

/// Returns where the next `<2 hex>/<64 hex>`, the folder and name of an image, begins; None if there is none.
pub(super) fn next_name(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'/', bytes).filter_map(|slash| slash.checked_sub(2)).find(|at| {
        let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digest = bytes.get(at + 3..at + 67);
        digest.is_some_and(|digest| digest.iter().all(hex) && digest[..2] == bytes[*at..at + 2])
    })
}

/// Returns true for a language tag that XML and readers accept.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts
        .next()
        .is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
    first && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns the language that the script of a text says; `en` for alphabets.
fn language_of(text: &str) -> &'static str {
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    let kana = count(|c| matches!(c, '\u{3041}'..='\u{30ff}'));
    let hangul = count(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let han = count(is_cjk).saturating_sub(kana);
    let letters = count(char::is_alphabetic).max(1);
    if hangul * 5 > letters {
        "ko"
    } else if kana * 20 > letters {
        "ja"
    } else if han * 5 > letters {
        "zh"
    } else {
        "en"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_language_has_that_of_its_script() {
        for (text, expected) in [
            ("这座石桥建于明代。", "zh"),
            ("この橋は古い。", "ja"),
            ("다리가 오래되었다.", "ko"),
            ("An old bridge.", "en"),
        ] {
            assert_eq!(language_of(text), expected);
        }
        assert!(is_language("zh-CN") && is_language("zh-Hant-TW") && !is_language("zh_CN") && !is_language("x"));
    }
}
