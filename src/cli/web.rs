//! The network as the settings describe it.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use url::Url;

use bindery::fetch::{self, Bypass, Client, Cookie, Event, Events, FetchError, Fetcher, Proxies, Spacing, cookie_file};

use super::context::Context;
use super::error::CliError;
use super::output::Output;
use super::settings::Environment;
use super::settings::groups::Network;

/// The largest file of certificate authorities that is read, in bytes.
const AUTHORITIES_CAP: u64 = 16 << 20;

/// The pause between two requests to one host in a crawl, where none is set.
const CRAWL_DELAY: Duration = Duration::from_secs(1);

/// The pace of requests.
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
/// A header, a cookie file, a file of certificate authorities or a proxy is invalid.
pub fn fetching(network: &Network, environment: &Environment, pace: Pace) -> Result<fetch::Settings, CliError> {
    let mut headers = Vec::new();
    for header in &network.header {
        let pair = header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        // The value may be a secret: it is not repeated.
        headers.push(pair.ok_or_else(|| CliError::usage("--header needs the form `Name: value`"))?);
    }
    let default = fetch::Settings::default();
    let delay = network.delay.as_ref().map(|written| written.value);
    let timeout = network.timeout.as_ref().map_or(default.timeout, |written| written.value);
    // A user who raises the limit expects a slow server.
    let or_longer = |limit: Duration| if timeout > default.timeout { timeout } else { limit };
    Ok(fetch::Settings {
        user_agent: network.user_agent.clone().unwrap_or(default.user_agent),
        headers,
        timeout,
        connect_timeout: network.connect_timeout.as_ref().map_or(default.connect_timeout, |written| written.value),
        first_byte_timeout: or_longer(default.first_byte_timeout),
        idle_timeout: or_longer(default.idle_timeout),
        delay: delay.unwrap_or(if pace == Pace::Crawl { CRAWL_DELAY } else { Duration::ZERO }),
        spacing: if pace == Pace::Crawl { Spacing::AllRequests } else { Spacing::Pages },
        at_once: network.per_host.unwrap_or(default.at_once),
        retries: network.retries.unwrap_or(default.retries),
        cookies: network.cookie_file.as_deref().map(cookies).transpose()?.unwrap_or_default(),
        proxies: proxies(network, environment)?,
        authorities: network.ca_file.as_deref().map(authorities).transpose()?.unwrap_or_default(),
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

/// Reads a file of certificate authorities.
fn authorities(path: &Path) -> Result<Vec<u8>, CliError> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map(|file| file.take(AUTHORITIES_CAP));
    let read = file.and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| CliError::usage(format!("the CA file {shown} cannot be read: {error}; check --ca-file")))?;
    // The client reports a file without a certificate.
    if bytes.is_empty() {
        Err(CliError::usage(format!("the CA file {shown} is empty; check --ca-file")))
    } else {
        Ok(bytes)
    }
}

/// Returns the proxy of the settings, for every request; else those of the environment.
fn proxies(network: &Network, environment: &Environment) -> Result<Proxies, CliError> {
    // An empty setting turns the proxies of the environment off.
    match network.proxy.as_deref() {
        Some("") => return Ok(Proxies::default()),
        Some(text) => return proxy(text, "--proxy").map(Proxies::all),
        None => {}
    }
    // By convention the names in small letters win.
    let value = |names: [&'static str; 2]| {
        let set = names.into_iter().filter_map(|name| Some((name, environment.get(name)?.trim())));
        set.into_iter().find(|(_, value)| !value.is_empty())
    };
    let url = |names| value(names).map(|(name, text)| proxy(text, name)).transpose();
    let all = url(["all_proxy", "ALL_PROXY"])?;
    Ok(Proxies {
        http: url(["http_proxy", "HTTP_PROXY"])?.or_else(|| all.clone()),
        https: url(["https_proxy", "HTTPS_PROXY"])?.or(all),
        bypass: Bypass::parse(value(["no_proxy", "NO_PROXY"]).map(|(_, text)| text).unwrap_or_default()),
    })
}

/// Returns the URL of a proxy. As in other programs, `host:port` is an HTTP proxy, and `socks://` a SOCKS 5 proxy that
/// resolves names.
fn proxy(text: &str, name: &str) -> Result<Url, CliError> {
    let written = match text.split_once("://") {
        Some(("socks", rest)) => format!("socks5h://{rest}"),
        Some(_) => text.to_owned(),
        None => format!("http://{text}"),
    };
    let is_proxy = |url: &Url| {
        matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h")
            && url.host_str().is_some_and(|host| !host.is_empty())
    };
    // It may hold a password: it is not repeated.
    Url::parse(&written).ok().filter(is_proxy).ok_or_else(|| {
        CliError::usage(format!("{name} needs the form http://host:port, https://host:port, or socks5h://host:port"))
    })
}

/// Returns the fetcher of pages, images and lists. Received bytes are counted in `received`.
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
    Client::new(settings, context.clock.clone(), events).map_err(|error| match error {
        FetchError::Settings { .. } => CliError::usage(error),
        error => CliError::run(error),
    })
}

/// What a client was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole run.
    Run,
    /// One of several sources; the cookies may be for the others.
    Part,
}

/// Prints which of the user's cookies were not sent, after the client's last request.
pub fn say_unsent_cookies(output: &Output, fetcher: &dyn Fetcher, scope: Scope) {
    let unused = fetcher.unused_cookies().filter(|_| scope == Scope::Run);
    fetcher.withheld_cookies().into_iter().chain(unused).for_each(|sentence| output.note_once(&sentence));
}

fn listener(output: Output, received: Arc<AtomicU64>) -> Events {
    Arc::new(move |event| match event {
        Event::Received { bytes } => {
            received.fetch_add(bytes, Ordering::Relaxed);
        }
        Event::Warning(message) => output.note_once(&message),
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
        // As many as the runtime opens, and some spare ones.
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
        for socks in ["socks5://me:pass@s.test:1080", "socks5h://s.test", "socks://s.test:7890/"] {
            assert_eq!(of(&none, &[("all_proxy", socks)], "https://a.test/").as_deref(), Some("s.test"), "{socks}");
        }
        let bare = Network { proxy: Some("localhost:8080".to_owned()), ..Network::default() };
        assert_eq!(of(&bare, &set, "http://a.test/").as_deref(), Some("localhost"));
        for wrong in ["ftp://me:secret@s.test", "http://", "socks4://me:secret@s.test"] {
            let wrong = proxies(&none, &environment(&[("https_proxy", wrong)])).err().unwrap().to_string();
            assert!(wrong.starts_with("https_proxy needs the form") && !wrong.contains("secret"), "{wrong}");
        }
    }

    #[test]
    fn a_longer_timeout_also_lets_a_server_respond_later() {
        let limits = |timeout: &str| {
            let network = Network { timeout: Some(timeout.parse().unwrap()), ..Network::default() };
            let settings = fetching(&network, &Environment::new(), Pace::Named).unwrap();
            (settings.timeout.as_secs(), settings.first_byte_timeout.as_secs(), settings.idle_timeout.as_secs())
        };
        assert_eq!(limits("60s"), (60, 30, 20));
        assert_eq!(limits("120s"), (120, 30, 20));
        assert_eq!(limits("5m"), (300, 300, 300));
    }
}
