//! Exports of Ghost in JSON, old and new, read as a stream, twice: first for the names of all posts and their tags, then for
//! the posts. <https://ghost.org/docs/migration/ghost/>

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::error::ImportError;
use super::feed_entry;
use super::input::Input;
use super::item::{ArticleInfo, Item, ItemContent, Names, Report, Sink};
use super::resources::Resources;
use super::source_url::web_url;
use super::{ghost_cards, json, json_stream};
use crate::model::{ImageRef, Loss, LossKind, Metadata, Origin, PageDate, Publication, RawPage, Sourced};

/// What stands for the site's own URL in an export.
const SITE_URL: &str = "__GHOST_URL__";

/// The table of posts and pages.
const POSTS: &str = "posts";

/// The tables that are read.
const TABLES: [&str; 6] = [POSTS, "tags", "users", "posts_tags", "posts_authors", "posts_meta"];

/// The names of all posts, by their slugs.
struct Posts(HashMap<String, PathBuf>);

impl Resources for Posts {
    fn image(&self, _: &ImageRef) -> Option<Vec<u8>> {
        None
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let path = match Url::parse(href) {
            Ok(url) => url.path().to_owned(),
            Err(_) => href.split(['?', '#']).next().unwrap_or_default().to_owned(),
        };
        let slug = path.trim_end_matches('/').rsplit('/').next()?;
        self.0.get(slug).cloned()
    }
}

/// Reads an export.
///
/// # Errors
/// It cannot be opened, or has no posts; a fault that ends it early is in the report.
pub(super) fn read(input: &Input, sink: Sink<'_>) -> Result<Report, ImportError> {
    let (mut names, mut named) = (Names::default(), Vec::new());
    let (mut slugs, mut tables) = (HashMap::new(), serde_json::Map::new());
    let mut first = |table: &str, row: Value| {
        if table == POSTS {
            let name = PathBuf::from(name(&row, &mut names));
            if let Some(slug) = row["slug"].as_str().filter(|slug| slug.len() > 1) {
                slugs.insert(slug.to_owned(), name.clone());
            }
            named.push(name);
        } else if let Value::Array(rows) = tables.entry(table).or_insert_with(|| Value::Array(Vec::new())) {
            rows.push(row);
        }
        ControlFlow::Continue(())
    };
    // A fault that ends the first pass ends the second at the same place, and is reported there.
    let ended = json_stream::visit(input.stream()?, &TABLES, &mut first);
    if named.is_empty() {
        let cause = ended.err().unwrap_or_else(|| "it has no list of posts".to_owned());
        return Err(ImportError::Damaged { name: input.name().to_owned(), cause });
    }
    let known: Arc<dyn Resources> = Arc::new(Posts(slugs));
    let terms = Terms::of(&Value::Object(tables));
    let mut report = Report::default();
    let mut at = 0;
    let mut second = |_: &str, post: Value| {
        let name = named.get(at).cloned().unwrap_or_default();
        at += 1;
        let (html, losses) = html(&post);
        if html.trim().is_empty() {
            report.leave_out("post without content");
            return ControlFlow::Continue(());
        }
        let html = html.replace(SITE_URL, "");
        let url = web_url(&json::text(&post["canonical_url"]));
        let page = RawPage::from_bytes(html.into_bytes(), url, Origin::Import(input.name().to_owned()), None);
        let info = ArticleInfo { metadata: terms.metadata(&post), ..ArticleInfo::default() };
        report.count(info.metadata.publication);
        let content = ItemContent::Body(page, Box::new(info));
        sink(Item { name, content, resources: Arc::clone(&known), losses })
    };
    let ended = json_stream::visit(input.stream()?, &[POSTS], &mut second);
    report.cut = ended.err().map(|cause| format!("after {at} posts: {cause}"));
    Ok(report)
}

/// Returns the name of a post, in the folder of its kind or its state.
fn name(post: &Value, names: &mut Names) -> String {
    let folder = match publication(post).folder() {
        Some(folder) => folder,
        None if post["type"] == "page" || post["page"] == true || post["page"] == 1 => "pages",
        None => "posts",
    };
    let (slug, title) = (json::text(&post["slug"]), json::text(&post["title"]));
    names.unique(folder, &[slug.trim_matches('-'), &title], &json::text(&post["id"]))
}

fn publication(post: &Value) -> Publication {
    match (post["status"].as_str(), post["visibility"].as_str()) {
        (Some("draft" | "scheduled"), _) => Publication::Draft,
        (_, Some("members" | "paid" | "tiers" | "filter")) => Publication::Protected,
        _ => Publication::Public,
    }
}

/// Returns the text of a post as HTML: as exported, or converted from the form of the editor.
fn html(post: &Value) -> (String, Vec<Loss>) {
    let field = |name: &str| post[name].as_str().filter(|text| !text.trim().is_empty());
    let parsed = |name: &str| field(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut losses = Vec::new();
    if let Some(html) = field("html") {
        return (html.to_owned(), losses);
    }
    let mut lose = |what: &str| losses.push(Loss::new(LossKind::LeftOut, format!("card {what}")));
    let html = match (parsed("lexical"), parsed("mobiledoc")) {
        (Some(lexical), _) => ghost_cards::lexical(&lexical["root"], &mut lose),
        (None, Some(mobiledoc)) => ghost_cards::mobiledoc(&mobiledoc, &mut lose),
        (None, None) => field("markdown").map(ghost_cards::markdown).unwrap_or_default(),
    };
    if html.trim().is_empty() {
        let lines = field("plaintext").unwrap_or_default().split("\n\n").filter(|text| !text.trim().is_empty());
        return (lines.map(|text| format!("<p>{}</p>", ghost_cards::escaped(text))).collect(), losses);
    }
    (html, losses)
}

/// Tags and authors of all posts, by the identifiers of posts.
struct Terms {
    tags: HashMap<String, Vec<String>>,
    authors: HashMap<String, Vec<String>>,
    users: HashMap<String, String>,
    excerpts: HashMap<String, String>,
}

impl Terms {
    fn of(data: &Value) -> Self {
        let rows = |name: &str| data[name].as_array().map(Vec::as_slice).unwrap_or_default();
        let names = |table: &str| -> HashMap<String, String> {
            rows(table).iter().map(|row| (json::text(&row["id"]), json::text(&row["name"]))).collect()
        };
        let joined = |table: &str, key: &str, names: &HashMap<String, String>| {
            let mut links: Vec<&Value> = rows(table).iter().collect();
            links.sort_by_key(|link| link["sort_order"].as_i64().unwrap_or_default());
            let mut found: HashMap<String, Vec<String>> = HashMap::new();
            for link in links {
                if let Some(name) = names.get(&json::text(&link[key])).filter(|name| !name.is_empty()) {
                    found.entry(json::text(&link["post_id"])).or_default().push(name.clone());
                }
            }
            found
        };
        let users = names("users");
        // Tags that begin with `#` are internal.
        let tags = names("tags").into_iter().filter(|(_, name)| !name.starts_with('#')).collect();
        let excerpts =
            rows("posts_meta").iter().map(|row| (json::text(&row["post_id"]), json::text(&row["meta_description"])));
        Self {
            tags: joined("posts_tags", "tag_id", &tags),
            authors: joined("posts_authors", "author_id", &users),
            excerpts: excerpts.filter(|(_, text)| !text.is_empty()).collect(),
            users,
        }
    }

    fn metadata(&self, post: &Value) -> Metadata {
        let id = json::text(&post["id"]);
        let sourced = |value: String| (!value.is_empty()).then(|| Sourced::new(value, "ghost"));
        let listed = |values: Option<Vec<String>>| {
            values.filter(|values| !values.is_empty()).map(|values| Sourced::new(values, "ghost"))
        };
        let author = || self.users.get(&json::text(&post["author_id"])).cloned().map(|name| vec![name]);
        let excerpt = json::text(&post["custom_excerpt"]);
        let excerpt = if excerpt.is_empty() { self.excerpts.get(&id).cloned().unwrap_or_default() } else { excerpt };
        Metadata {
            title: sourced(json::text(&post["title"])),
            authors: listed(self.authors.get(&id).cloned().or_else(author)),
            published: date(&post["published_at"])
                .or_else(|| date(&post["created_at"]))
                .map(|date| Sourced::new(date, "ghost")),
            modified: date(&post["updated_at"]).map(|date| Sourced::new(date, "ghost")),
            description: sourced(excerpt),
            lead_image: sourced(json::text(&post["feature_image"]).replace(SITE_URL, "")),
            tags: listed(self.tags.get(&id).cloned()),
            publication: publication(post),
            // A site may have other routes; this is the one that every new site has.
            permalink: Some(json::text(&post["slug"]))
                .filter(|slug| !slug.is_empty())
                .map(|slug| Sourced::new(format!("/{slug}/"), "ghost")),
            ..Metadata::default()
        }
    }
}

/// Parses a time: RFC 3339, `2023-01-14 08:00:00`, or milliseconds since 1970, as old exports write it.
fn date(value: &Value) -> Option<PageDate> {
    match value {
        Value::Number(number) => {
            let time = jiff::Timestamp::from_millisecond(number.as_i64()?).ok()?;
            feed_entry::date(&time.to_string())
        }
        Value::String(text) if text.len() == 19 => feed_entry::date(&format!("{}Z", text.replacen(' ', "T", 1))),
        Value::String(text) => feed_entry::date(text),
        _ => None,
    }
}
