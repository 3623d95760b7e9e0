//! The address guard: no request is sent to a private address that the user did not name.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::{FetchError, Limit, host_of, shown};
use super::proxy::Proxies;

/// Returns whether an address belongs to the public internet (IANA's special-purpose registries).
///
/// For an IPv6 address that embeds an IPv4 address (mapped, NAT64), the embedded address decides.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    // Network and prefix length.
    const SPECIAL: [([u8; 4], u32); 15] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let bits = u32::from(address);
    !SPECIAL.iter().any(|(network, length)| (bits ^ u32::from_be_bytes(*network)) >> (32 - length) == 0)
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_global_v4(mapped);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    match (a, b) {
        (0x0064, 0xff9b) if [c, d, e, f] == [0; 4] => {
            let ([g1, g2], [h1, h2]) = (g.to_be_bytes(), h.to_be_bytes());
            is_global_v4(Ipv4Addr::new(g1, g2, h1, h2))
        }
        // Protocol assignments (Teredo, ORCHID), documentation, 6to4, documentation again.
        (0x2001, ..0x0200 | 0x0db8) | (0x2002, _) | (0x3fff, ..0x1000) => false,
        // Only global unicast, which excludes loopback, unique local, link-local and multicast.
        _ => a & 0xe000 == 0x2000,
    }
}

/// The result of resolving a name.
enum Resolution {
    Addresses(Vec<IpAddr>),
    /// The name does not resolve; holds the reason.
    Failed(String),
}

/// The addresses of all names. A name is resolved once in the lifetime of a client, so that a connection cannot go to
/// another address than the one that was checked.
#[derive(Clone, Default)]
pub(super) struct Guard {
    resolved: Arc<Mutex<HashMap<String, Resolution>>>,
    /// The proxies, which resolve the names of what goes through them.
    proxies: Proxies,
}

/// Which addresses a request may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public addresses only.
    Public,
    /// Private, loopback and link-local addresses too.
    Anywhere,
}

impl Guard {
    /// Returns a guard for connections through proxies. Where a proxy resolves the names, only those are refused that say
    /// themselves that they are private.
    pub fn behind(proxies: &Proxies) -> Self {
        Self { proxies: proxies.clone(), ..Self::default() }
    }

    /// Resolves the host of `url` and pins its addresses. An error if one of them is out of reach.
    pub async fn check(&self, url: &Url, reach: Reach, limit: Duration) -> Result<(), FetchError> {
        let refuse = |address: String| Err(FetchError::PrivateAddress { url: shown(url), address });
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) if reach == Reach::Public && is_local_name(name) => return refuse(host_of(url)),
            Some(Host::Domain(name)) if self.proxies.resolve_host(url) => {
                return if reach == Reach::Public && is_internal_name(name) { refuse(host_of(url)) } else { Ok(()) };
            }
            Some(Host::Domain(name)) => self.resolve(url, name, limit).await?,
            None => return Err(FetchError::Scheme { url: shown(url), scheme: url.scheme().to_owned() }),
        };
        match addresses.iter().find(|address| reach == Reach::Public && !is_global(**address)) {
            Some(private) => refuse(private.to_string()),
            None => Ok(()),
        }
    }

    async fn resolve(&self, url: &Url, name: &str, limit: Duration) -> Result<Vec<IpAddr>, FetchError> {
        let key = key(name);
        let fail = |reason: &str| FetchError::Dns { url: shown(url), host: host_of(url), reason: reason.to_owned() };
        match self.resolved.lock().get(&key) {
            Some(Resolution::Addresses(addresses)) => return Ok(addresses.clone()),
            Some(Resolution::Failed(reason)) => return Err(fail(reason)),
            None => {}
        }
        let lookup = tokio::time::timeout(limit, tokio::net::lookup_host((key.as_str(), 0))).await;
        let resolution = match lookup {
            Err(_) => return Err(FetchError::Timeout { url: shown(url), limit: Limit::Resolve, after: limit }),
            Ok(Err(error)) => Resolution::Failed(error.to_string()),
            Ok(Ok(found)) => Resolution::Addresses(found.map(|socket| socket.ip()).collect()),
        };
        let mut resolved = self.resolved.lock();
        // Of two concurrent lookups the first is kept, since its addresses may have been checked already.
        match resolved.entry(key.clone()).or_insert(resolution) {
            Resolution::Addresses(addresses) if addresses.is_empty() => Err(fail("it has no address")),
            Resolution::Addresses(addresses) => Ok(addresses.clone()),
            Resolution::Failed(reason) => Err(fail(reason)),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        if self.proxies.includes(|host| key(host) == key(name.as_str())) {
            return Box::pin(async move {
                let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
                Ok(Box::new(found.into_iter()) as Addrs)
            });
        }
        // A SOCKS proxy gets an address; one in the URL was checked as it is.
        if let Ok(address) = name.as_str().trim_matches(['[', ']']).parse::<IpAddr>() {
            return Box::pin(async move { Ok(Box::new(std::iter::once(SocketAddr::new(address, 0))) as Addrs) });
        }
        let resolved = self.resolved.lock();
        let pinned = match resolved.get(&key(name.as_str())) {
            Some(Resolution::Addresses(addresses)) => addresses.clone(),
            _ => Vec::new(),
        };
        Box::pin(async move {
            if pinned.is_empty() {
                return Err("the name was not checked before".into());
            }
            Ok(Box::new(pinned.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

fn key(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Returns whether a name always means this machine (RFC 6761).
fn is_local_name(name: &str) -> bool {
    let key = key(name);
    key == "localhost" || key.ends_with(".localhost")
}

/// Returns whether a name belongs to a private network by its form: one without a dot, or below a domain that is not in the
/// public DNS (RFC 6762 and 8375, ICANN's `internal`, and what routers use).
fn is_internal_name(name: &str) -> bool {
    const INTERNAL: [&str; 8] = ["local", "internal", "home.arpa", "lan", "intranet", "corp", "home", "private"];
    let key = key(name);
    let is_below = |domain: &&str| key.strip_suffix(*domain).is_some_and(|rest| rest.ends_with('.'));
    !key.contains('.') || INTERNAL.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn global(text: &str) -> bool {
        is_global(text.parse().unwrap())
    }

    #[test]
    fn addresses_of_the_public_internet_are_global() {
        for address in
            ["8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "198.17.0.1", "223.255.255.255"]
        {
            assert!(global(address), "{address}");
        }
        for address in
            ["2606:4700::1111", "2400:da00::6666", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
        {
            assert!(global(address), "{address}");
        }
    }

    #[test]
    fn private_and_special_ipv4_addresses_are_not_global() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.255.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!global(address), "{address}");
        }
    }

    #[test]
    fn private_and_special_ipv6_addresses_are_not_global() {
        for address in [
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!global(address), "{address}");
        }
    }

    #[test]
    fn localhost_is_local_in_every_spelling() {
        assert!(is_local_name("localhost") && is_local_name("LOCALHOST.") && is_local_name("a.localhost"));
        assert!(!is_local_name("localhost.example.org"));
    }

    #[tokio::test]
    async fn a_proxy_that_resolves_names_is_asked_for_public_ones_only() {
        let limit = Duration::from_secs(5);
        let guard = Guard::behind(&Proxies::all(Url::parse("http://192.0.2.1:8080").unwrap()));
        let url = |text: &str| Url::parse(text).unwrap();
        for private in [
            "http://intranet/",
            "http://printer.local./",
            "http://a.home.arpa/",
            "http://10.0.0.1/",
            "http://localhost/",
        ] {
            assert_eq!(
                guard.check(&url(private), Reach::Public, limit).await.unwrap_err().kind(),
                FailureKind::PrivateAddress,
                "{private}"
            );
            assert_eq!(guard.check(&url(private), Reach::Anywhere, limit).await, Ok(()), "{private}");
        }
        assert_eq!(guard.check(&url("http://no-such-host.invalid/"), Reach::Public, limit).await, Ok(()));
    }

    #[tokio::test]
    async fn names_for_a_socks5_proxy_are_resolved_and_checked_here() {
        let limit = Duration::from_secs(20);
        let guard = |proxy: &str| Guard::behind(&Proxies::all(Url::parse(proxy).unwrap()));
        let url = Url::parse("http://no-such-host.invalid/").unwrap();
        assert_eq!(guard("socks5h://192.0.2.1").check(&url, Reach::Public, limit).await, Ok(()));
        assert_ne!(guard("socks5://192.0.2.1").check(&url, Reach::Public, limit).await, Ok(()));
    }
}
