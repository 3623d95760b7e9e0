//! The network as the settings describe it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use url::Url;

use bindery::fetch::{self, Bypass, Client, Cookie, Event, Events, Fetcher, Proxies, cookie_file};

use super::context::Context;
use super::error::CliError;
use super::output::Output;
use super::settings::Environment;
use super::settings::groups::Network;

/// The pause between two requests to one host in a crawl, where none is set.
const CRAWL_DELAY: Duration = Duration::from_secs(1);

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Pages that a user named: no pause unless one is set, images at once.
    Named,
    /// A crawl: a pause between all requests to one host.
    Crawl,
}

/// Returns the client's settings.
///
/// # Errors
/// A header, a cookie file or a proxy is invalid.
pub fn fetching(network: &Network, environment: &Environment, pace: Pace) -> Result<fetch::Settings, CliError> {
    let mut headers = Vec::new();
    for header in &network.header {
        let pair = header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        // The value may be a secret: it is not repeated.
        headers.push(pair.ok_or_else(|| CliError::usage("--header needs the form `Name: value`"))?);
    }
    let default = fetch::Settings::default();
    let delay = network.delay.as_ref().map(|written| written.value);
    Ok(fetch::Settings {
        user_agent: network.user_agent.clone().unwrap_or(default.user_agent),
        headers,
        timeout: network.timeout.as_ref().map_or(default.timeout, |written| written.value),
        delay: delay.unwrap_or(if pace == Pace::Crawl { CRAWL_DELAY } else { Duration::ZERO }),
        even_pace: pace == Pace::Crawl,
        at_once: network.per_host.unwrap_or(default.at_once),
        retries: network.retries.unwrap_or(default.retries),
        cookies: network.cookie_file.as_deref().map(cookies).transpose()?.unwrap_or_default(),
        proxies: proxies(network, environment)?,
        allow_private: network.allow_private,
        ..fetch::Settings::default()
    })
}

/// Reads a cookie file.
fn cookies(path: &Path) -> Result<Vec<Cookie>, CliError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        CliError::usage(format!("the cookie file {shown} cannot be read: {error}; check --cookie-file"))
    })?;
    cookie_file(&text).map_err(|error| CliError::usage(format!("the cookie file {shown}: {error}")))
}

/// Returns the proxy of the settings, for every request; else those of the environment.
fn proxies(network: &Network, environment: &Environment) -> Result<Proxies, CliError> {
    // An empty setting turns the proxies of the environment off.
    match network.proxy.as_deref() {
        Some("") => return Ok(Proxies::default()),
        Some(text) => return proxy(text, "the proxy").map(Proxies::all),
        None => {}
    }
    // By convention the names in small letters win.
    let value = |names: [&'static str; 2]| {
        let set = names.into_iter().filter_map(|name| Some((name, environment.get(name)?.trim())));
        set.into_iter().find(|(_, value)| !value.is_empty())
    };
    let url = |names| value(names).map(|(name, text)| proxy(&with_scheme(text), name)).transpose();
    let all = url(["all_proxy", "ALL_PROXY"])?;
    Ok(Proxies {
        http: url(["http_proxy", "HTTP_PROXY"])?.or_else(|| all.clone()),
        https: url(["https_proxy", "HTTPS_PROXY"])?.or(all),
        bypass: Bypass::parse(value(["no_proxy", "NO_PROXY"]).map(|(_, text)| text).unwrap_or_default()),
    })
}

/// Other programs take `host:port` for a proxy, too.
fn with_scheme(text: &str) -> String {
    if text.contains("://") { text.to_owned() } else { format!("http://{text}") }
}

fn proxy(text: &str, name: &str) -> Result<Url, CliError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    // It may hold a password: it is not repeated.
    url.ok_or_else(|| CliError::usage(format!("{name} needs the form http://host:port")))
}

/// Returns what pages, images and lists are fetched with. Received bytes are counted in `received`.
pub fn fetcher(
    context: &Context<'_>,
    settings: fetch::Settings,
    received: &Arc<AtomicU64>,
) -> Result<Arc<dyn Fetcher>, CliError> {
    Ok(Arc::new(client(context, settings, received)?))
}

/// Returns a client that counts received bytes in `received`.
pub fn client(context: &Context<'_>, settings: fetch::Settings, received: &Arc<AtomicU64>) -> Result<Client, CliError> {
    let events = listener(context.output.clone(), Arc::clone(received));
    Client::new(settings, context.clock.clone(), events).map_err(CliError::run)
}

fn listener(output: Output, received: Arc<AtomicU64>) -> Events {
    Arc::new(move |event| match event {
        Event::Received { bytes } => {
            received.fetch_add(bytes, Ordering::Relaxed);
        }
        Event::Warning(message) => output.note(&message),
        Event::Retry { url, reason, wait, attempt } => {
            output.detail(&format!("{url}: {reason}; attempt {} in {:.1} s", attempt + 1, wait.as_secs_f64()));
        }
    })
}

/// Returns a runtime of two threads.
///
/// # Errors
/// The system opens no more files; tokio would panic.
pub fn runtime() -> Result<Runtime, CliError> {
    let fail = |error: std::io::Error| CliError::run(format!("the network runtime cannot start: {error}"));
    #[cfg(unix)]
    {
        // As many as it opens for itself, and some to work with.
        let spare = (0..4).map(|_| std::os::unix::net::UnixStream::pair());
        spare.collect::<std::io::Result<Vec<_>>>().map_err(fail)?;
    }
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &[(&str, &str)]) -> Environment {
        set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn of(network: &Network, set: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = proxies(network, &environment(set)).unwrap();
        proxies.of(&Url::parse(url).unwrap()).map(|proxy| proxy.host_str().unwrap().to_owned())
    }

    #[test]
    fn the_proxy_of_the_settings_comes_before_those_of_the_environment() {
        let set = [("HTTP_PROXY", "http://upper.test:1"), ("http_proxy", "lower.test:2"), ("NO_PROXY", "direct.test")];
        let none = Network::default();
        assert_eq!(of(&none, &set, "http://a.test/").as_deref(), Some("lower.test"));
        assert_eq!(of(&none, &set, "https://a.test/"), None);
        assert_eq!(of(&none, &set, "http://www.direct.test/"), None);
        assert_eq!(of(&none, &[("ALL_PROXY", "http://all.test")], "https://a.test/").as_deref(), Some("all.test"));
        let own = Network { proxy: Some("http://own.test:3".to_owned()), ..Network::default() };
        assert_eq!(of(&own, &set, "http://direct.test/").as_deref(), Some("own.test"));
        let off = Network { proxy: Some(String::new()), ..Network::default() };
        assert_eq!(of(&off, &set, "http://a.test/"), None);
        let wrong = proxies(&none, &environment(&[("https_proxy", "socks5://me:secret@s.test")])).err().unwrap();
        assert!(wrong.to_string().starts_with("https_proxy needs the form") && !wrong.to_string().contains("secret"));
    }
}
