//! Posts of static sites: the front matter is copied unchanged, the body becomes Markdown.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use crate::import::{ArticleInfo, Post, Syntax};
use crate::model::{
    ImageMap, ImageRef, Loss, LossKind, Metadata, PageDate, Publication, ReferrerPolicy, Sourced, Warning, WarningKind,
};

/// Returns the title in a post's front matter, and a warning with line and column if the front matter cannot be parsed;
/// it is copied unchanged anyway.
pub(super) fn title(post: &Post<'_>) -> (Option<String>, Option<Warning>) {
    match fields(post) {
        Ok(fields) => (words(&fields["title"]), None),
        Err(cause) => {
            let warning =
                Warning::new(WarningKind::FrontMatter, format!("it cannot be read, and is kept as it was: {cause}"));
            (written_title(post), Some(warning))
        }
    }
}

/// Fields of front matter that name an image, or list some; their names without hyphens and underscores.
const IMAGES: [&str; 32] = [
    "backgroundimage",
    "banner",
    "bannerimage",
    "bannerimg",
    "cover",
    "coverimage",
    "coverimg",
    "feature",
    "featuredimage",
    "featuredimagepreview",
    "featureimage",
    "headerimage",
    "headerimg",
    "headimg",
    "hero",
    "heroimage",
    "image",
    "images",
    "img",
    "indeximg",
    "ogimage",
    "ogimg",
    "photo",
    "photos",
    "picture",
    "poster",
    "socialimage",
    "teaser",
    "thumb",
    "thumbnail",
    "thumbnailimage",
    "topimg",
];

/// Returns the web images that the front matter names, by their URLs as written. An image proxy's URL has the original
/// as its alternative.
pub(super) fn images(post: &Post<'_>) -> Vec<ImageRef> {
    let mut found: Vec<ImageRef> = Vec::new();
    for url in image_urls(post.front_matter).into_iter().map(|range| &post.front_matter[range]) {
        if found.iter().all(|known| known.url != url) {
            found.push(ImageRef {
                url: url.to_owned(),
                written: url.to_owned(),
                alternatives: behind(url).into_iter().collect(),
                referrer_policy: ReferrerPolicy::default(),
            });
        }
    }
    found
}

/// Returns the original URL at the end of an image proxy's URL, plain or percent-encoded.
pub(super) fn behind(url: &str) -> Option<String> {
    let at = url.rfind("http").filter(|&at| at > 0)?;
    let is_coded = !url[at..].contains("://");
    let end = if is_coded { url[at..].find('&').map_or(url.len(), |end| at + end) } else { url.len() };
    let decoded = percent_encoding::percent_decode_str(&url[at..end]).decode_utf8().ok()?;
    let rest = if is_coded { decoded.into_owned() } else { url[at..].to_owned() };
    (rest.starts_with("http://") || rest.starts_with("https://")).then_some(rest)
}

/// Returns the front matter with its image URLs replaced by local paths and otherwise unchanged.
pub(super) fn with_images(front_matter: &str, images: &ImageMap) -> String {
    let (mut out, mut done) = (String::with_capacity(front_matter.len()), 0);
    for range in image_urls(front_matter) {
        if let Some(local) = images.get(&front_matter[range.clone()]) {
            out.push_str(&front_matter[done..range.start]);
            out.push_str(local);
            done = range.end;
        }
    }
    out + &front_matter[done..]
}

/// Returns the places of the web URLs in fields that name images, one after the other: values of their own, and of lists.
fn image_urls(front_matter: &str) -> Vec<Range<usize>> {
    let (mut found, mut start, mut in_list) = (Vec::new(), 0, false);
    for line in front_matter.split_inclusive('\n') {
        let written = line.trim_start().trim_start_matches("- ");
        let at = start + line.len() - written.len();
        start += line.len();
        let item = web_url(written);
        if let Some(item) = item.filter(|_| in_list) {
            found.push(at + item.start..at + item.end);
            continue;
        }
        let Some(sign) = written.find([':', '=']) else {
            in_list &= written.trim().is_empty() || written.starts_with(['#', '[']);
            continue;
        };
        let name = written[..sign].trim().trim_matches(['"', '\'']).replace(['-', '_'], "").to_ascii_lowercase();
        let is_image = IMAGES.contains(&name.as_str());
        let value = &written[sign + 1..];
        in_list = is_image && value.trim_end().trim_end_matches('[').trim().is_empty();
        let is_list = value.trim_start().starts_with('[');
        let mut at = at + sign + 1;
        for part in value.split_inclusive(|c| is_list && c == ',').filter(|_| is_image) {
            found.extend(web_url(part).map(|url| at + url.start..at + url.end));
            at += part.len();
        }
    }
    found
}

/// Returns the place of a web URL that is all of a value, with or without quotes, brackets and a comma.
fn web_url(value: &str) -> Option<Range<usize>> {
    let inner = value.trim().trim_start_matches('[').trim_end_matches([',', ']']).trim().trim_matches(['"', '\'']);
    let is_web = inner.starts_with("http://") || inner.starts_with("https://");
    let start = value.find(inner).filter(|_| is_web && !inner.contains([' ', '"', '\'', ',']))?;
    Some(start..start + inner.len())
}

/// Returns who may read a post, as its front matter says it to site generators.
pub(super) fn publication(post: &Post<'_>) -> Publication {
    let fields = fields(post).unwrap_or_default();
    let is_hidden = fields["draft"] == true || fields["published"] == false || fields["publish"] == false;
    if is_hidden { Publication::Draft } else { Publication::Public }
}

/// Returns the metadata in the front matter of a post.
pub(super) fn info(post: &Post<'_>) -> ArticleInfo {
    let (fields, title) = match fields(post) {
        Ok(fields) => {
            let title = words(&fields["title"]);
            (fields, title)
        }
        Err(_) => (Value::default(), written_title(post)),
    };
    let all = |names: [&str; 2]| -> Vec<String> {
        let found = names.iter().flat_map(|name| listed(&fields[*name]));
        let mut list: Vec<String> = Vec::new();
        found.for_each(|name| {
            if !list.contains(&name) {
                list.push(name)
            }
        });
        list
    };
    let sourced = |list: Vec<String>| (!list.is_empty()).then(|| Sourced::new(list, "front-matter"));
    let date = |name: &str| date(fields[name].as_str()?).map(|date| Sourced::new(date, "front-matter"));
    let metadata = Metadata {
        title: title.map(|title| Sourced::new(title, "front-matter")),
        authors: sourced(all(["author", "authors"])),
        published: date("date").or_else(|| date("published")),
        modified: date("updated").or_else(|| date("lastmod")),
        description: words(&fields["description"]).map(|text| Sourced::new(text, "front-matter")),
        tags: sourced(all(["tag", "tags"])),
        ..Metadata::default()
    };
    ArticleInfo { metadata, categories: all(["category", "categories"]), ..ArticleInfo::default() }
}

/// Parses a date: RFC 2822, RFC 3339, or a day; a time without an offset is dropped.
fn date(text: &str) -> Option<PageDate> {
    let text = text.trim();
    let mail = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok();
    let mail = mail.map(|zoned| PageDate::Time { local: zoned.datetime(), offset: zoned.offset(), assumed: false });
    // Without an offset only the day is certain.
    let written = || {
        let internet = text.replacen(' ', "T", 1).replace(" +", "+").replace(" -", "-");
        internet.parse::<jiff::Timestamp>().ok().and_then(|_| internet.parse().ok())
    };
    mail.or_else(written).or_else(|| text.get(..10)?.parse().ok().map(PageDate::Day))
}

/// Parses the front matter; `Err` says what is wrong, and where.
fn fields(post: &Post<'_>) -> Result<Value, String> {
    // Front matter begins with a fence line, unless it is a JSON object.
    let fence = usize::from(!post.fields.trim_start().starts_with('{') || post.front_matter.starts_with(';'));
    let fence = fence + post.skipped;
    match post.syntax {
        Syntax::Yaml => serde_saphyr::from_str(post.fields).map_err(|error| {
            let at = error.location().map(|at| (at.line() as usize, at.column() as usize));
            fault(at, fence, &error.to_string())
        }),
        Syntax::Json => {
            let fields = post.fields.trim();
            // Hexo omits the braces.
            let bare = !fields.starts_with('{');
            let whole = if bare { format!("{{{fields}}}") } else { fields.to_owned() };
            serde_json::from_str(&whole).map_err(|error| {
                let before = usize::from(bare && error.line() == 1);
                fault(Some((error.line(), error.column().saturating_sub(before))), fence, &error.to_string())
            })
        }
        Syntax::Toml => toml::from_str::<Value>(post.fields).map_err(|error| {
            let at = error.span().map(|span| place(post.fields, span.start));
            fault(at, fence, error.message())
        }),
    }
}

/// Returns the strings of a list and of lists inside it; Hexo writes several chains of categories so.
fn listed(value: &Value) -> Vec<String> {
    let flat = |value: &Value| match value {
        Value::Array(inner) => inner.iter().filter_map(words).collect(),
        value => words(value).into_iter().collect::<Vec<_>>(),
    };
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => flat(value),
    }
}

/// Returns a string or number as text; None if it is empty or anything else.
fn words(title: &Value) -> Option<String> {
    let title = match title {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(title).filter(|title| !title.trim().is_empty())
}

/// Formats a parser's error with its position in the file.
fn fault(at: Option<(usize, usize)>, fence: usize, cause: &str) -> String {
    let cause = cause.lines().next().unwrap_or_default();
    let cause = cause.split(" at line ").next().unwrap_or_default().trim_start_matches("error: ");
    // The parser's own position counts from the start of the front matter.
    let cause = cause.strip_prefix("line ").and_then(|rest| Some(rest.split_once(": ")?.1)).unwrap_or(cause);
    match at {
        Some((line, column)) => format!("line {}, column {column}: {cause}", line + fence),
        None => cause.to_owned(),
    }
}

/// Returns line and column of a byte, counted from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..(0..=byte.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Finds the title in front matter that cannot be parsed.
fn written_title(post: &Post<'_>) -> Option<String> {
    let line =
        post.fields.lines().find_map(|line| line.strip_prefix("title:").or_else(|| line.strip_prefix("title =")))?;
    Some(line.trim().trim_matches(['"', '\'']).trim().to_owned()).filter(|title| !title.is_empty())
}

/// Returns the template tags in a body as losses: they stay as they are, and only their engine can expand them.
pub(super) fn template_tags(body: &str) -> Vec<Loss> {
    let names = body.match_indices("{%").filter_map(|(at, _)| {
        let rest = body[at + 2..].trim_start_matches('-').trim_start();
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        (!name.is_empty() && !name.starts_with("end")).then_some(name)
    });
    names.collect::<BTreeSet<_>>().into_iter().map(|name| Loss::new(LossKind::TemplateTag, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::post;

    fn of(text: &str) -> (Option<String>, Option<Warning>) {
        title(&post(text.as_bytes()).unwrap())
    }

    #[test]
    fn titles_are_read_in_each_syntax_and_faults_are_warnings() {
        assert_eq!(of("---\ntitle: '一: 二'\n---\nx").0.as_deref(), Some("一: 二"));
        assert_eq!(of(";;;\n\"title\": \"a\"\n;;;\nx").0.as_deref(), Some("a"));
        assert_eq!(of("+++\ntitle = \"题\"\ndate = 2021-06-17\n+++\nx").0.as_deref(), Some("题"));
        assert_eq!(of("---\ntitle: null\n---\nx"), (None, None));
        let faults =
            [(";;;\n\"a\": 1,\n\"b\": }\n;;;\nx", "line 3, column 6"), ("+++\na = 1\nb = [\n+++\nx", "line 3,")];
        for (text, place) in faults {
            let warning = of(text).1.unwrap().to_string();
            assert!(warning.contains(place), "{warning}");
        }
        assert_eq!(of("---\ntags: [a]\n---\nx"), (None, None));
        let (title, warning) = of("---\ntitle: \"a\" b: [\n---\nx");
        assert_eq!(title.as_deref(), Some("a\" b: ["));
        let warning = warning.unwrap().to_string();
        assert!(warning.contains("kept as it was: line 2, column "), "{warning}");
    }

    #[test]
    fn images_of_the_front_matter_are_named_and_the_rest_stays_to_the_letter() {
        let text = "---\ntitle: 'https://a.cn/'\nheadimg:   \"https://p.cn/?u=https://a.cn/1.png\"  # 头图\n\
            thumbnail: https://p.cn/?u=https://a.cn/1.png\r\ncover: ''\nimage: /b.png\n---\n<p>x";
        let post = post(text.as_bytes()).unwrap();
        let found = images(&post);
        assert_eq!(found.len(), 1, "what a comment follows is left alone");
        assert_eq!(found[0].alternatives, ["https://a.cn/1.png"]);
        assert_eq!(
            behind("https://p.cn/?u=https%3A%2F%2Fa.cn%2F1.png%3Fx&w=3").as_deref(),
            Some("https://a.cn/1.png?x")
        );
        assert_eq!(behind("https://a.cn/http.png"), None);
        let listed = "---\nimages:\n  - https://a.cn/1.png\n  - \"https://a.cn/2.png\"\ntags:\n  - https://a.cn/t\nphotos: [https://a.cn/3.png, 'https://a.cn/4.png']\n\
            Cover_Image: https://a.cn/5.png\nlinks:\n  image: https://a.cn/6.png\n---\n";
        let urls: Vec<_> = image_urls(listed).into_iter().map(|range| &listed[range]).collect();
        assert_eq!(urls, ["1", "2", "3", "4", "5", "6"].map(|nth| format!("https://a.cn/{nth}.png")));
        let toml = "+++\nimages = [\n  \"https://a.cn/1.png\",\n]\ntitle = \"https://a.cn/t\"\n+++\n";
        assert_eq!(image_urls(toml).len(), 1);
        let images = ImageMap::from([(found[0].url.clone(), "images/1.png".to_owned())]);
        let expected =
            post.front_matter.replace("thumbnail: https://p.cn/?u=https://a.cn/1.png", "thumbnail: images/1.png");
        assert_eq!(with_images(post.front_matter, &images), expected);
    }

    #[test]
    fn tags_of_template_engines_are_losses() {
        let losses = template_tags("a {% highlight ruby %}x{% endhighlight %} {%- include b -%} {% 100 {{ x }}");
        let names: Vec<_> = losses.into_iter().map(|loss| loss.detail).collect();
        assert_eq!(names, ["100", "highlight", "include"]);
    }
}
