//! Runs other extractors, and bindery, over the same pages, one after the other on one core, and writes what each made
//! of them as Markdown files with front matter.
//!
//! `peers PAGES OUTPUT [FOLDS MODELS]`: PAGES is a folder of `.html` files; OUTPUT gets a folder an extractor. With FOLDS
//! (a JSON object, page to fold) and MODELS (a folder with `model-0.bin`, …), bindery judges each page by the model of
//! its fold, which has not seen it.

use std::collections::BTreeMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bindery::extract::{self, Model};
use bindery::markdown;
use bindery::model::ImageMap;
use bindery::{frontmatter::Profile, html, import};

/// A page as it is given to every extractor.
struct Page {
    name: String,
    bytes: Vec<u8>,
    /// Decoded as bindery decodes it, so that no extractor is measured by its ear for charsets.
    text: String,
}

/// A Markdown file, or None where the extractor found nothing.
type Extractor<'a> = Box<dyn Fn(&Page) -> Option<String> + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (pages, output, models) = match arguments.as_slice() {
        [pages, output] => (pages, output, BTreeMap::new()),
        [pages, output, folds, models] => (pages, output, models_of_folds(folds, models)?),
        _ => return Err("usage: peers PAGES OUTPUT [FOLDS MODELS]".into()),
    };
    let pages = read(pages)?;
    // A page that one of them cannot bear is told by its absence.
    std::panic::set_hook(Box::new(|_| {}));
    let extractors: [(&str, Extractor<'_>); 4] = [
        ("bindery", Box::new(|page| bindery(page, models.get(&page.name).cloned()))),
        ("trafilatura", Box::new(trafilatura)),
        ("rs-trafilatura", Box::new(rs_trafilatura)),
        ("dom_smoothie", Box::new(dom_smoothie)),
    ];
    for (name, extractor) in extractors {
        measure(name, &pages, &output.join(name), &extractor)?;
    }
    Ok(())
}

/// Writes what one extractor makes of the pages, and prints how fast it was; writing is not counted.
fn measure(name: &str, pages: &[Page], folder: &Path, extractor: &Extractor<'_>) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut taken = Duration::ZERO;
    let mut made = 0;
    for page in pages {
        let begin = Instant::now();
        let text = catch_unwind(AssertUnwindSafe(|| extractor(page))).ok().flatten();
        taken += begin.elapsed();
        if let Some(text) = text {
            std::fs::write(folder.join(format!("{}.md", page.name)), text)?;
            made += 1;
        }
    }
    let speed = pages.len() as f64 / taken.as_secs_f64();
    println!("{name}: {made} of {} pages, {:.1} s, {speed:.0} pages/s", pages.len(), taken.as_secs_f64());
    Ok(())
}

fn read(folder: &Path) -> Result<Vec<Page>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    paths.sort();
    let page = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(path)?;
        let text = html::decode(&bytes, None, None).text.into_owned();
        Ok(Page { name, bytes, text })
    };
    paths.iter().map(page).collect()
}

fn models_of_folds(folds: &Path, models: &Path) -> Result<BTreeMap<String, Arc<Model>>, Box<dyn Error>> {
    let folds: BTreeMap<String, usize> = serde_json::from_slice(&std::fs::read(folds)?)?;
    let mut read: BTreeMap<usize, Arc<Model>> = BTreeMap::new();
    for &fold in folds.values() {
        if !read.contains_key(&fold) {
            let bytes = std::fs::read(models.join(format!("model-{fold}.bin")))?;
            read.insert(fold, Arc::new(Model::read(&bytes)?));
        }
    }
    Ok(folds.into_iter().filter_map(|(page, fold)| Some((page, read.get(&fold)?.clone()))).collect())
}

fn bindery(page: &Page, model: Option<Arc<Model>>) -> Option<String> {
    let raw = import::from_bytes(page.bytes.clone(), &page.name, None, None).ok()?;
    let article = extract::extract(&raw, extract::Options { model, ..extract::Options::default() }).ok()?;
    Some(markdown::write(&article, &ImageMap::new(), &Profile::default()).text())
}

fn trafilatura(page: &Page) -> Option<String> {
    let options = trafilatura::Options::default().with_fallback(true);
    let found = trafilatura::extract(&page.text, &options).ok()?;
    let authors: Vec<&str> = found.metadata.author.split(';').map(str::trim).collect();
    let date = found.metadata.date.map(|date| date.to_string());
    Some(file(&found.metadata.title, &authors, date.as_deref(), &found.content_html))
}

fn rs_trafilatura(page: &Page) -> Option<String> {
    let found = rs_trafilatura::extract(&page.text).ok()?;
    let author = found.metadata.author.unwrap_or_default();
    let authors: Vec<&str> = author.split(';').map(str::trim).collect();
    let date = found.metadata.date.map(|date| date.to_string());
    let content = found.content_html.unwrap_or_else(|| format!("<pre>{}</pre>", escape(&found.content_text)));
    Some(file(&found.metadata.title.unwrap_or_default(), &authors, date.as_deref(), &content))
}

fn dom_smoothie(page: &Page) -> Option<String> {
    let found = dom_smoothie::Readability::new(page.text.as_str(), None, None).ok()?.parse().ok()?;
    let author = found.byline.unwrap_or_default();
    Some(file(&found.title, &[author.as_str()], found.published_time.as_deref(), &found.content))
}

/// Front matter, and the content as one block of HTML, which Markdown takes as it is.
fn file(title: &str, authors: &[&str], published: Option<&str>, content: &str) -> String {
    let mut text = String::from("---\n");
    let mut field = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{name}: {}\n", serde_json::Value::from(value)));
        }
    };
    field("title", title);
    field("published", published.unwrap_or_default());
    field("author", &authors.join(" "));
    // A block of HTML ends at an empty line.
    let lines: Vec<&str> = content.lines().filter(|line| !line.trim().is_empty()).collect();
    format!("{text}---\n<div>{}</div>\n", lines.join("\n"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
