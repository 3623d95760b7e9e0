//! Reads JSON-LD: finds the object that describes the article in the scripts of a page.

use serde_json::Value;

/// Maximum length of a script, in bytes: longer ones hold more than an article's facts.
const LONGEST: usize = 2 << 20;

/// Maximum number of objects read on one page.
const MOST_OBJECTS: usize = 2000;

/// What the article's object declares; empty where it declares nothing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct JsonLd {
    pub headline: Option<String>,
    pub authors: Vec<String>,
    /// Authors declared as organisations.
    pub organisations: Vec<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub publisher: Option<String>,
    pub description: Option<String>,
    pub image: Option<String>,
    pub keywords: Vec<String>,
    pub language: Option<String>,
    pub url: Option<String>,
    pub licence: Option<String>,
    /// `articleBody` as written, which can be HTML.
    pub body: Option<String>,
    /// True when the object is a text, not merely a page or a product.
    pub is_written: bool,
    /// The kinds that occur on the page, one bit each; see [`kind`].
    pub kinds: u16,
}

/// Returns the best article object of a page's scripts.
pub fn article(scripts: &[String]) -> JsonLd {
    let roots: Vec<Value> = scripts.iter().filter_map(|script| parse(script)).collect();
    let objects = objects(&roots);
    let best = objects.iter().filter_map(|object| Some((rank(object)?, *object))).min_by_key(|(rank, _)| *rank);
    let kinds = objects.iter().flat_map(|object| types(object)).fold(0, |kinds, name| kinds | kind(name));
    match best {
        Some((_, object)) => JsonLd { kinds, ..read(object, &objects) },
        // The object that Baidu asks Chinese sites for has no type.
        None if objects.iter().any(|object| is_untyped_article(object)) => {
            let object = objects.iter().find(|object| is_untyped_article(object));
            JsonLd { kinds, is_written: true, ..object.map(|object| read(object, &objects)).unwrap_or_default() }
        }
        None => JsonLd { publisher: site(&objects), kinds, ..JsonLd::default() },
    }
}

/// Returns true for an object without a type that has a title and a publication date.
fn is_untyped_article(object: &Value) -> bool {
    object["@type"].is_null() && object["title"].is_string() && object["pubDate"].is_string()
}

/// Returns the bit of a page's kind for an object's type; 0 for types that every page has.
fn kind(name: &str) -> u16 {
    match name.rsplit('/').next().unwrap_or_default() {
        "Product" | "Offer" | "ProductGroup" => 1,
        "ItemList" | "CollectionPage" | "OfferCatalog" => 2,
        "DiscussionForumPosting" | "QAPage" | "Question" | "Answer" => 4,
        "FAQPage" | "HowTo" | "Recipe" => 8,
        "Review" | "AggregateRating" => 16,
        "LocalBusiness" | "Service" | "SoftwareApplication" | "JobPosting" | "Event" => 32,
        kind if kind.ends_with("Article") || kind.ends_with("BlogPosting") => 64,
        _ => 0,
    }
}

/// Parses a script, with the comments, commas and line breaks that templates leave where JSON allows none.
fn parse(script: &str) -> Option<Value> {
    if script.len() > LONGEST {
        return None;
    }
    let text = script.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
    let text = text.trim_start_matches("//").trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
    let text = text.trim().trim_end_matches([';', '/']).trim();
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&repaired(text)).ok())
}

/// Removes trailing commas, and replaces control characters inside strings with spaces.
fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '"' if !escaped => in_string = !in_string,
            '}' | ']' if !in_string => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
            }
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// Returns every object with a type, outer ones first.
fn objects(roots: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut queue: std::collections::VecDeque<&Value> = roots.iter().collect();
    while let Some(value) = queue.pop_front() {
        match value {
            Value::Array(items) => queue.extend(items),
            Value::Object(fields) => {
                found.push(value);
                queue.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
        if found.len() >= MOST_OBJECTS {
            break;
        }
    }
    found
}

fn types(object: &Value) -> Vec<&str> {
    match &object["@type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Returns how close an object's type is to an article, the lowest first; None for other types.
fn rank(object: &Value) -> Option<usize> {
    types(object)
        .iter()
        .filter_map(|kind| match kind.rsplit('/').next().unwrap_or_default() {
            "BlogPosting" | "SocialMediaPosting" | "LiveBlogPosting" | "TechArticle" | "ScholarlyArticle"
            | "Report" => Some(0),
            kind if kind.ends_with("Article") => Some(0),
            "DiscussionForumPosting" | "QAPage" | "Recipe" | "VideoObject" | "PodcastEpisode" => Some(1),
            "WebPage" | "ItemPage" | "AboutPage" | "CreativeWork" | "Product" => Some(2),
            _ => None,
        })
        .min()
}

fn read(object: &Value, all: &[&Value]) -> JsonLd {
    let text = |name: &str| texts(&object[name]).into_iter().next();
    let (mut authors, mut organisations) = (Vec::new(), Vec::new());
    for author in list(&object["author"]).into_iter().chain(list(&object["creator"])) {
        let author = resolved(author, all);
        let names = match author {
            Value::Object(_) => person(author),
            _ => texts(author),
        };
        let is_organisation = types(author).iter().any(|kind| kind.ends_with("Organization"));
        let into = if is_organisation { &mut organisations } else { &mut authors };
        into.extend(names.into_iter().filter(|name| !into.contains(name)).collect::<Vec<_>>());
    }
    let publisher = texts(&resolved(&object["publisher"], all)["name"]).into_iter().next();
    let image = match resolved(list(&object["image"]).first().unwrap_or(&&Value::Null), all) {
        Value::String(url) => Some(url.clone()),
        image => texts(&image["url"]).into_iter().next(),
    };
    let keywords = texts(&object["keywords"]);
    JsonLd {
        headline: text("headline").or_else(|| text("name")).or_else(|| text("title")),
        authors,
        organisations,
        published: ["datePublished", "dateCreated", "uploadDate", "pubDate"].iter().find_map(|name| text(name)),
        is_written: rank(object).is_some_and(|rank| rank < 2),
        modified: text("dateModified").or_else(|| text("upDate")),
        publisher: publisher.or_else(|| site(all)),
        description: text("description"),
        image,
        keywords,
        language: text("inLanguage"),
        licence: text("license").or_else(|| texts(&resolved(&object["license"], all)["url"]).into_iter().next()),
        body: object["articleBody"].as_str().map(str::to_owned),
        kinds: 0,
        url: text("url").or_else(|| texts(&object["mainEntityOfPage"]).into_iter().next()),
    }
}

/// Returns a person's name, or its parts in the order of the script they are in.
fn person(author: &Value) -> Vec<String> {
    let names = texts(&author["name"]);
    if !names.is_empty() {
        return names;
    }
    let part = |name: &str| texts(&author[name]).into_iter().next();
    let parts = [part("givenName"), part("additionalName"), part("familyName")];
    let mut parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.iter().all(|part| super::cjk_names::has_cjk(part)) {
        parts.reverse();
    }
    let is_spaced = parts.iter().any(|part| !super::cjk_names::is_han(part));
    let name = parts.join(if is_spaced { " " } else { "" });
    Vec::from_iter(Some(name).filter(|name| !name.is_empty()))
}

fn site(all: &[&Value]) -> Option<String> {
    let site = all.iter().find(|object| types(object).contains(&"WebSite"))?;
    texts(&site["name"]).into_iter().next()
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().take(50).collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// Returns the object that `{"@id": …}` alone refers to.
fn resolved<'v>(value: &'v Value, all: &[&'v Value]) -> &'v Value {
    let Some(id) = value["@id"].as_str().filter(|_| value["name"].is_null() && value["url"].is_null()) else {
        return value;
    };
    all.iter().find(|object| object["@id"] == id && !object["name"].is_null()).unwrap_or(&value)
}

/// Returns every text in a value: the value, its items, or its `@value`. HTML is reduced to its text.
fn texts(value: &Value) -> Vec<String> {
    let items = list(value);
    let found = items.into_iter().filter_map(|item| item.as_str().or_else(|| item["@value"].as_str()));
    found.map(plain).filter(|text| !text.is_empty()).collect()
}

fn plain(text: &str) -> String {
    let text: String = text.chars().take(super::LONGEST_VALUE).collect();
    if !text.contains(['<', '&']) {
        return crate::html::text::collapse(&text);
    }
    let parsed = crate::html::fragment(&text);
    crate::html::text::collapse(&parsed.root().text().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> JsonLd {
        article(&[script.to_owned()])
    }

    #[test]
    fn the_article_is_found_at_any_place_in_the_script() {
        for script in [
            r#"{"@type":"NewsArticle","headline":"标题","author":{"@type":"Person","name":"林远"}}"#,
            r#"[{"@type":"BreadcrumbList"},{"@type":["Thing","ReportageNewsArticle"],"headline":"标题","author":["林远"]}]"#,
            r##"{"@graph":[{"@type":"WebPage","name":"页"},{"@type":"Article","headline":"标题","author":{"@id":"#p"}},{"@type":"Person","@id":"#p","name":"林远"}]}"##,
            r#"{"@type":"WebPage","name":"页","mainEntity":{"@type":"BlogPosting","headline":"标题","author":"林远"}}"#,
        ] {
            let ld = read(script);
            assert_eq!(
                (ld.headline.as_deref(), ld.authors.as_slice()),
                (Some("标题"), ["林远".to_owned()].as_slice()),
                "{script}"
            );
        }
    }

    #[test]
    fn scripts_broken_by_templates_are_repaired() {
        let script = "<!-- {\"@type\":\"Article\",\n\"headline\":\"Cats &amp; <b>dogs</b>\",\"description\":\"one\ntwo\",\"keywords\":[\"a\",\"b\",],} -->";
        let ld = read(script);
        assert_eq!(ld.headline.as_deref(), Some("Cats & dogs"));
        assert_eq!(ld.description.as_deref(), Some("one two"));
        assert_eq!(ld.keywords, ["a", "b"]);
        assert_eq!(read("{\"@type\":\"Article\", headline}"), JsonLd::default());
    }

    #[test]
    fn a_persons_name_can_be_in_parts() {
        for (parts, name) in [
            (r#""givenName":"Lena","familyName":"Voss""#, "Lena Voss"),
            (r#""givenName":"遼","familyName":"三上""#, "三上遼"),
            (r#""givenName":"ひさのり","familyName":"小暮""#, "小暮 ひさのり"),
            (r#""name":"林远","givenName":"远","familyName":"林""#, "林远"),
            (r#""familyName":"Voss""#, "Voss"),
        ] {
            let script = format!(r#"{{"@type":"Article","author":[{{"@type":"Person",{parts}}}]}}"#);
            assert_eq!(read(&script).authors, [name], "{parts}");
        }
    }

    #[test]
    fn an_object_without_a_type_is_an_article_by_its_title_and_day() {
        let ld = read(
            r#"{"@id":"https://chenzhong.cn/1","title":"老城","pubDate":"2024-03-18T09:26:00","upDate":"2024-03-19T10:00:00"}"#,
        );
        assert_eq!((ld.headline.as_deref(), ld.published.as_deref()), (Some("老城"), Some("2024-03-18T09:26:00")));
        assert!(ld.is_written);
    }

    #[test]
    fn an_organisation_is_not_a_person() {
        let ld = read(
            r#"{"@type":"Article","author":{"@type":"Organization","name":"晨钟网"},"publisher":{"name":"晨钟网"}}"#,
        );
        assert!(ld.authors.is_empty());
        assert_eq!((ld.organisations, ld.publisher.as_deref()), (vec!["晨钟网".to_owned()], Some("晨钟网")));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert_eq!(read(&"[".repeat(100_000)), JsonLd::default());
        assert_eq!(read(&format!("[{}]", "{},".repeat(10_000))), JsonLd::default());
    }
}
