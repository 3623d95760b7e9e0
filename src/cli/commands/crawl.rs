//! `bindery crawl`.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use url::Url;

use bindery::crawl::seeds::{self, Item};
use bindery::crawl::{Plan, Scope};
use bindery::fetch::{Cookie, cookie_file};
use bindery::model::{Digest, Origin, RawPage, Timestamp};

use crate::cli::args::{self, Crawl};
use crate::cli::{CliError, Context, Ending};

use super::archive;
use super::crawling::{self, Job};
use super::when;

/// The pause between two requests to one host when nobody says another.
pub const DELAY: Duration = Duration::from_secs(1);

/// The largest file with seeds in it, in bytes.
const SEED_FILE_CAP: u64 = 256 << 20;

/// Crawls what the flags say.
pub fn run(context: &Context<'_>, args: &Crawl) -> Result<Ending, CliError> {
    let now = (context.clock)();
    let mut fetching = archive::fetching(context)?;
    fetching.even_pace = true;
    if context.settings.is_default("delay") {
        fetching.delay = DELAY;
    }
    // Failures are visited again by the crawl itself, while other hosts go on.
    let retries = std::mem::take(&mut fetching.retries);
    if let Some(path) = &args.cookie_file {
        fetching.cookies = cookies(path)?;
    }
    fetching.proxy = args.proxy.as_deref().map(proxy).transpose()?;
    let seeds = seeds(&args.seeds, now)?;
    fetching.at_once = args.per_host.unwrap_or(fetching.at_once);
    let plan = Plan { retries, at_once: fetching.at_once, ..plan(&args.scope, seeds, now)? };
    let job = Job {
        name: name(args, &plan),
        command: "crawl",
        source: None,
        plan,
        fetching,
        profile: context.profile()?,
        captures: context.settings.text("captures").unwrap_or_default().parse().map_err(CliError::usage)?,
    };
    crawling::run(context, job, &archive::stop_on_signal())
}

/// What the seeds of a crawl are.
pub struct Seeds {
    /// URLs to begin with.
    pub urls: Vec<Url>,
    /// Pages that files on disk name.
    pub pages: Vec<Item>,
}

fn plan(scope: &args::Scope, seeds: Seeds, now: Timestamp) -> Result<Plan, CliError> {
    let within = scope.within.parse().map_err(CliError::usage)?;
    Ok(Plan {
        seeds: seeds.urls,
        pages: seeds.pages,
        scope: Scope::new(within, &scope.include, &scope.exclude).map_err(CliError::usage)?,
        depth: scope.depth,
        max_pages: scope.max_pages,
        max_bytes: scope.max_bytes.as_deref().map(size).transpose()?,
        since: scope.since.as_deref().map(|text| when::since(text, now)).transpose()?,
        feeds: scope.feeds,
        retries: 0,
        at_once: NonZeroUsize::MIN,
    })
}

/// The same seeds and scope are the same crawl.
fn name(args: &Crawl, plan: &Plan) -> String {
    let mut seeds = args.seeds.clone();
    seeds.sort();
    let scope = format!("{seeds:?}{:?}", args.scope);
    format!("crawl:{}:{}", plan.seeds.len() + plan.pages.len(), &Digest::of(scope.as_bytes()).hex()[..32])
}

/// URLs, and files that name some.
pub fn seeds(written: &[String], now: Timestamp) -> Result<Seeds, CliError> {
    let mut seeds = Seeds { urls: Vec::new(), pages: Vec::new() };
    for text in written {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => seeds.urls.push(url),
            _ if Path::new(text).is_file() => file(Path::new(text), now, &mut seeds)?,
            _ => {
                return Err(CliError::usage(format!(
                    "`{text}` is neither a web url nor a file; give a URL that begins with http:// or https://, \
                     or a file with a list, OPML or bookmarks"
                )));
            }
        }
    }
    Ok(seeds)
}

fn file(path: &Path, now: Timestamp, seeds: &mut Seeds) -> Result<(), CliError> {
    let shown = path.display();
    let fail = |error: std::io::Error| CliError::usage(format!("{shown} cannot be read: {error}"));
    if path.metadata().map_err(fail)?.len() > SEED_FILE_CAP {
        return Err(CliError::usage(format!("{shown} is larger than {SEED_FILE_CAP} bytes; split it")));
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    let raw = RawPage::from_bytes(bytes, None, Origin::File(path.to_owned()), Some(now));
    let contents = seeds::read(&raw, now, u64::MAX).ok_or_else(|| {
        CliError::usage(format!("{shown} is no list of URLs, OPML, bookmarks, feed or sitemap; give one of these"))
    })?;
    if contents.pages.is_empty() && contents.lists.is_empty() {
        return Err(CliError::usage(format!("{shown} contains no web URL")));
    }
    seeds.pages.extend(contents.pages);
    seeds.urls.extend(contents.lists);
    Ok(())
}

/// The cookies in a file.
pub fn cookies(path: &Path) -> Result<Vec<Cookie>, CliError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::usage(format!("the cookie file {shown} cannot be read: {error}")))?;
    cookie_file(&text).map_err(|error| CliError::usage(format!("the cookie file {shown}: {error}")))
}

/// The URL of a proxy.
pub fn proxy(text: &str) -> Result<Url, CliError> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some()).ok_or_else(
        || {
            // It may hold a password: it is not repeated.
            CliError::usage("the proxy needs the form http://host:port")
        },
    )
}

/// `500MB`, `2GB`, `1000`; powers of ten, as disks are sold.
pub fn size(text: &str) -> Result<u64, CliError> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = match text[digits..].trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1.0,
        "K" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        _ => f64::NAN,
    };
    let bytes = text[..digits].parse::<f64>().unwrap_or(f64::NAN) * unit;
    if bytes.is_finite() && bytes < 1e18 {
        // Cut to whole bytes.
        return Ok(bytes as u64);
    }
    Err(CliError::usage(format!("`{text}` is no size such as 500MB or 2GB")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(size("500MB").unwrap(), 500_000_000);
        assert_eq!(size("1.5 g").unwrap(), 1_500_000_000);
        assert_eq!(size("42").unwrap(), 42);
        assert!(size("much").is_err() && size("-1").is_err() && size("5 parsecs").is_err());
    }
}
