//! What is found on a page, and its form in Python.

use bindery::extract::ExtractError;
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::tree::{NodeId, Tree};
use bindery::model::{Article, ImageMap, Metadata, RawPage};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use serde_json::{Value, json};

use crate::errors::{self, Problem};
use crate::settings::{self, Form, Missing, Parts, Plan, Shape};

/// The elements that are formatting and nothing else.
const FORMATTING: [&str; 11] = ["strong", "b", "em", "i", "del", "s", "ins", "mark", "u", "small", "q"];

/// The result for one page.
pub enum Found {
    /// The text alone.
    Text(String),
    /// The fields of a `Document`.
    Document(Box<Value>),
}

/// Returns the fields of a page of which only the metadata is wanted.
pub fn metadata(raw: &RawPage, metadata: Metadata, plan: &Plan) -> Found {
    let url = raw.url.as_ref().map(ToString::to_string);
    Found::Document(Box::new(fields(&metadata, url, plan)))
}

/// Returns what is wanted of an article.
pub fn written(mut article: Article, plan: &Plan) -> Result<Found, Problem> {
    check(&article, plan)?;
    prune(&mut article, plan.parts);
    if let Some(authors) = &mut article.metadata.authors {
        authors.value.retain(|author| !is_listed(author, &plan.author_blacklist));
    }
    if article.metadata.authors.as_ref().is_some_and(|authors| authors.value.is_empty()) {
        article.metadata.authors = None;
    }
    if plan.shape == Shape::Text && plan.form != Form::Json {
        return Ok(Found::Text(text(&article, plan).0));
    }
    let comments = article.comments.take().map(|comments| {
        let alone = Article { content: comments, ..article.clone() };
        text(&alone, &Plan { front_matter: false, ..plan.clone() }).0
    });
    let mut fields = fields(&article.metadata, article.url.as_ref().map(ToString::to_string), plan);
    let (text, round_trip) = text(&article, plan);
    fields["text"] = text.into();
    fields["comments"] = comments.into();
    fields["images"] = article.images.iter().map(|image| image.url.as_str()).collect::<Vec<_>>().into();
    fields["charset"] = article.charset.name.clone().into();
    fields["confidence"] = article.confidence.into();
    fields["warnings"] = article.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    fields["losses"] = article.losses.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    fields["differences"] = round_trip.into();
    Ok(match plan.shape {
        Shape::Text => Found::Text(fields.to_string()),
        Shape::Document => Found::Document(Box::new(fields)),
    })
}

/// Refuses an article that the caller does not want.
fn check(article: &Article, plan: &Plan) -> Result<(), Problem> {
    let refuse = |why: String| Err(Problem::NoArticle(ExtractError::NoArticle { why }));
    let metadata = &article.metadata;
    let own = [article.url.as_ref(), metadata.canonical.as_ref().map(|url| &url.value)];
    if let Some(url) = own.into_iter().flatten().find(|url| is_listed(url.as_str(), &plan.url_blacklist)) {
        return refuse(format!("{url} is in url_blacklist"));
    }
    let language = metadata.language.as_ref().map(|language| language.value.as_str());
    if let (Some(wanted), Some(found)) = (&plan.language, language)
        && settings::primary(found) != *wanted
    {
        return refuse(format!("its language is {found}, and {wanted} is wanted"));
    }
    let has_url = own.iter().any(Option::is_some);
    if plan.complete_metadata && !(has_url && metadata.title.is_some() && metadata.published.is_some()) {
        return refuse("its title, date or URL is missing".to_owned());
    }
    Ok(())
}

fn is_listed(text: &str, list: &[String]) -> bool {
    list.iter().any(|listed| listed == text)
}

/// Removes the parts that are not wanted.
fn prune(article: &mut Article, parts: Parts) {
    if !parts.images {
        article.drop_images(|_| true);
    }
    for tree in article.trees_mut() {
        if !parts.tables {
            matching(tree, |tree, id| tree.name(id) == "table").into_iter().for_each(|id| tree.detach(id));
        }
        let is_unwrapped = |tree: &Tree, id: NodeId| match tree.name(id) {
            "a" => !parts.links && tree.attr(id, "href").is_some(),
            name => !parts.formatting && FORMATTING.contains(&name),
        };
        matching(tree, is_unwrapped).into_iter().for_each(|id| tree.unwrap(id));
    }
}

fn matching(tree: &Tree, matches: impl Fn(&Tree, NodeId) -> bool) -> Vec<NodeId> {
    tree.descendants(tree.root()).filter(|&id| matches(tree, id)).collect()
}

/// Returns the text in the form that is wanted, and where the Markdown differs from the article.
fn text(article: &Article, plan: &Plan) -> (String, Vec<String>) {
    let images = ImageMap::new();
    let front_matter = plan.front_matter && plan.shape == Shape::Text && plan.form != Form::Json;
    match plan.form {
        Form::Html => (markdown::html(&article.with_comments(), &images), Vec::new()),
        Form::Text | Form::Json if !front_matter => (markdown::text(&article.with_comments()), Vec::new()),
        Form::Text | Form::Json | Form::Markdown => {
            let profile = Profile { front_matter, ..Profile::default() };
            let document = markdown::write(article, &images, &profile);
            let differences = document.round_trip.iter().map(ToString::to_string).collect();
            match plan.form {
                Form::Markdown => (document.text(), differences),
                _ => (document.front_matter + &markdown::text(&article.with_comments()), Vec::new()),
            }
        }
    }
}

/// Returns the metadata under the names that trafilatura gives it, and under names of its own what has no such name.
fn fields(metadata: &Metadata, url: Option<String>, plan: &Plan) -> Value {
    let canonical = metadata.canonical.as_ref().map(|found| found.value.to_string());
    let url = url.or_else(|| canonical.clone());
    let hostname = url.as_deref().and_then(|url| url::Url::parse(url).ok()?.host_str().map(str::to_owned));
    let text = |found: &Option<bindery::model::Sourced<String>>| found.as_ref().map(|found| found.value.clone());
    let authors = metadata.authors.as_ref().map(|authors| authors.value.clone()).unwrap_or_default();
    let date = |found: &Option<bindery::model::Sourced<bindery::model::PageDate>>| {
        found.as_ref().map(|found| (found.value.day().to_string(), found.value.to_string()))
    };
    let (day, published) = date(&metadata.published).unzip();
    json!({
        "title": text(&metadata.title),
        "author": (!authors.is_empty()).then(|| authors.join("; ")),
        "authors": authors,
        "url": url,
        "canonical": canonical,
        "hostname": hostname,
        "description": text(&metadata.description),
        "sitename": text(&metadata.site),
        "date": day,
        "published": published,
        "modified": date(&metadata.modified).map(|(_, modified)| modified),
        "tags": metadata.tags.as_ref().map(|tags| tags.value.clone()).unwrap_or_default(),
        "id": plan.record_id,
        "license": text(&metadata.rights),
        "language": text(&metadata.language),
        "image": text(&metadata.lead_image),
    })
}

/// Returns the object of a result. A page without an article is `None` or a problem, as the caller wants it.
pub fn outcome(
    py: Python<'_>,
    result: Result<Found, Problem>,
    missing: Missing,
) -> PyResult<Result<Py<PyAny>, Problem>> {
    Ok(match result {
        Ok(Found::Text(text)) => Ok(text.into_pyobject(py)?.into_any().unbind()),
        Ok(Found::Document(fields)) => Ok(document(py, &fields)?),
        Err(Problem::NoArticle(_)) if missing == Missing::None => Ok(py.None()),
        Err(problem) => Err(problem),
    })
}

fn document(py: Python<'_>, fields: &Value) -> PyResult<Py<PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = errors::class(py, &CLASS, ("bindery._document", "Document"))?;
    let arguments = PyDict::new(py);
    for (name, value) in fields.as_object().into_iter().flatten() {
        arguments.set_item(name, object(py, value)?)?;
    }
    Ok(class.call((), Some(&arguments))?.unbind())
}

/// Returns a value of JSON without objects in it as an object of Python; a list is a tuple.
fn object(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
    Ok(match value {
        Value::String(text) => text.into_pyobject(py)?.into_any().unbind(),
        Value::Number(number) => number.as_f64().into_pyobject(py)?.into_any().unbind(),
        Value::Array(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            pyo3::types::PyTuple::new(py, texts)?.into_any().unbind()
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => py.None(),
    })
}
