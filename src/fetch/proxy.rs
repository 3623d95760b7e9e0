//! Proxies: which requests go through which one.

use std::net::IpAddr;

use url::{Host, Url};

/// The schemes of proxies.
pub(super) const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// The port of a SOCKS proxy whose URL has none.
const SOCKS_PORT: u16 = 1080;

/// The proxies of a client, HTTP or SOCKS 5; the default has none. A proxy resolves the names of what goes through it, unless
/// its scheme is `socks5`.
#[derive(Clone, Default)]
pub struct Proxies {
    /// The proxy of `http:` URLs.
    pub http: Option<Url>,
    /// The proxy of `https:` URLs.
    pub https: Option<Url>,
    /// Hosts that are contacted without a proxy.
    pub bypass: Bypass,
}

impl Proxies {
    /// Returns proxies that send every request through one.
    pub fn all(url: Url) -> Self {
        Self { http: Some(url.clone()), https: Some(url), bypass: Bypass::default() }
    }

    /// Returns the proxy of a URL; None when it is asked directly.
    pub fn of(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() };
        proxy.filter(|_| !self.bypass.matches(url))
    }

    /// Returns whether the host of a URL is resolved by a proxy.
    pub(super) fn resolve_host(&self, url: &Url) -> bool {
        self.of(url).is_some_and(|proxy| proxy.scheme() != "socks5")
    }

    /// Returns whether a host is one of the proxies.
    pub(super) fn includes(&self, is_host: impl Fn(&str) -> bool) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(|proxy| proxy.host_str().is_some_and(&is_host))
    }

    /// Returns each proxy.
    pub(super) fn urls(&self) -> impl Iterator<Item = &Url> {
        [&self.http, &self.https].into_iter().flatten()
    }
}

/// Returns the URL of a proxy with its port.
pub(super) fn with_port(proxy: &Url) -> Url {
    let mut proxy = proxy.clone();
    if proxy.port_or_known_default().is_none() {
        // A URL with a host can have a port.
        let _ = proxy.set_port(Some(SOCKS_PORT));
    }
    proxy
}

/// Hosts that are contacted without a proxy; the default has none.
#[derive(Debug, Clone, Default)]
pub struct Bypass {
    everything: bool,
    loopback: bool,
    /// Domains, without the leading dot, with a port where one was written.
    domains: Vec<(String, Option<u16>)>,
    networks: Vec<(IpAddr, u8)>,
}

impl Bypass {
    /// Parses the value of `NO_PROXY`: names (with all below them), IP addresses, networks such as `10.0.0.0/8`, or `*`,
    /// between commas. Loopback hosts always belong to it.
    pub fn parse(text: &str) -> Self {
        let mut bypass = Self { loopback: true, ..Self::default() };
        for entry in text.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry == "*" {
                bypass.everything = true;
            } else if let Some(network) = network(entry) {
                bypass.networks.push(network);
            } else {
                let (name, port) = match entry.rsplit_once(':') {
                    Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.parse().ok()),
                    _ => (entry, None),
                };
                let name = name.trim_start_matches("*.").trim_matches('.');
                bypass.domains.push((name.to_ascii_lowercase(), port));
            }
        }
        bypass
    }

    fn matches(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            Some(Host::Domain(name)) => return self.everything || self.matches_name(name, url.port_or_known_default()),
            None => return self.everything,
        };
        let is_loopback = self.loopback && address.is_loopback();
        let is_named = || self.matches_name(&address.to_string(), url.port_or_known_default());
        self.everything || is_loopback || is_named() || self.networks.iter().any(|network| contains(*network, address))
    }

    fn matches_name(&self, name: &str, port: Option<u16>) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let is_below =
            |domain: &str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let is_local = self.loopback && is_below("localhost");
        let fits =
            |(domain, only): &(String, Option<u16>)| is_below(domain) && only.is_none_or(|only| Some(only) == port);
        is_local || self.domains.iter().any(fits)
    }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(most), |length| length.parse().ok().filter(|length| *length <= most))?;
    Some((address, length))
}

fn contains((network, length): (IpAddr, u8), address: IpAddr) -> bool {
    // Bits of an IPv4 address stand at the high end, as those of an IPv6 address do.
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let differing = bits(network) ^ bits(address);
    network.is_ipv4() == address.is_ipv4() && differing.checked_shr(128 - u32::from(length)).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(bypass: &str) -> Proxies {
        let url = |text: &str| Some(Url::parse(text).unwrap());
        Proxies { http: url("http://p.test:1"), https: url("http://s.test:2"), bypass: Bypass::parse(bypass) }
    }

    fn of(bypass: &str, url: &str) -> Option<String> {
        proxies(bypass).of(&Url::parse(url).unwrap()).map(|proxy| proxy.host_str().unwrap().to_owned())
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        assert_eq!(of("", "http://a.test/").as_deref(), Some("p.test"));
        assert_eq!(of("", "https://a.test/").as_deref(), Some("s.test"));
        let only = Proxies { https: None, ..proxies("") };
        assert!(only.of(&Url::parse("https://a.test/").unwrap()).is_none());
    }

    #[test]
    fn hosts_of_no_proxy_are_asked_directly() {
        for (bypass, url, direct) in [
            ("a.test", "http://a.test/", true),
            ("a.test", "http://www.a.test/", true),
            (".a.test, b.test", "http://B.test/", true),
            ("*.a.test", "http://www.a.test/", true),
            ("a.test", "http://nota.test/", false),
            ("a.test:8080", "http://a.test/", false),
            ("a.test:8080", "http://a.test:8080/", true),
            ("10.0.0.0/8", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("192.0.2.7", "http://192.0.2.7/", true),
            ("192.0.2.7:8080", "http://192.0.2.7:8080/", true),
            ("192.0.2.7:8080", "http://192.0.2.7/", false),
            ("2001:db8::/32", "http://[2001:db8::1]/", true),
            ("0.0.0.0/0", "http://192.0.2.7/", true),
            ("*", "http://a.test/", true),
            ("", "http://localhost:3000/", true),
            ("", "http://127.0.0.1/", true),
            ("", "http://192.0.2.7/", false),
        ] {
            assert_eq!(of(bypass, url).is_none(), direct, "{bypass} {url}");
        }
        let all = Proxies::all(Url::parse("http://p.test").unwrap());
        assert!(all.of(&Url::parse("http://127.0.0.1/").unwrap()).is_some(), "an explicit proxy gets every request");
    }
}
