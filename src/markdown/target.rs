//! Link targets in the form in which they are compared: what changes from visit to visit without leading elsewhere is left
//! out.

use url::Url;

use crate::model::{Digest, UrlKey};

/// Names of query parameters, in lower case, that hold a token, a signature, a session, a time or a random number. A
/// trailing `*` matches any suffix.
const TOKENS: [&str; 84] = [
    "_",
    "_dc",
    "_t",
    "_token",
    "_ts",
    "access_token",
    "access-token",
    "accesstoken",
    "aspsessionid*",
    "auth",
    "auth_key",
    "auth_token",
    "authenticity_token",
    "authkey",
    "awsaccesskeyid",
    "cache",
    "cachebust",
    "cachebuster",
    "cb",
    "cfid",
    "cftoken",
    "csrf",
    "csrf_token",
    "csrftoken",
    "exp",
    "expire",
    "expires",
    "expires_in",
    "expiry",
    "googleaccessid",
    "hdnea",
    "hdnts",
    "hmac",
    "jsessionid",
    "key-pair-id",
    "no_cache",
    "nocache",
    "nonce",
    "ossaccesskeyid",
    "phpsessid",
    "policy",
    "q-ak",
    "q-header-list",
    "q-key-time",
    "q-sign-algorithm",
    "q-sign-time",
    "q-signature",
    "q-url-param-list",
    "rand",
    "random",
    "request_id",
    "requestid",
    "rnd",
    "security-token",
    "sess",
    "session",
    "session_id",
    "session_token",
    "sessionid",
    "sid",
    "sig",
    "sign",
    "signature",
    "skoid",
    "sktid",
    "time",
    "timestamp",
    "tk",
    "tkn",
    "token",
    "tokenid",
    "trace_id",
    "traceid",
    "ts",
    "verify",
    "visit",
    "visit_id",
    "visitor_id",
    "wssecret",
    "wstime",
    "x-amz-*",
    "x-cos-*",
    "x-goog-*",
    "x-oss-*",
];

/// Names that hold a token only if the value looks like one: at least ten digits, or at least sixteen letters and digits.
const PERHAPS_TOKENS: [&str; 12] = ["c", "e", "h", "hash", "k", "key", "nc", "r", "s", "st", "t", "u"];

/// Returns a link target in the form in which it is compared. For a web URL that is its key, without path parameters and
/// query parameters that hold tokens, sessions or times; for a place in the same page it is `#`; for a `data:` URL it is
/// `data:sha256:` and the digest of the URL.
pub fn steady_target(target: &str) -> String {
    if target.starts_with('#') {
        return "#".to_owned();
    }
    if target.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        return format!("data:sha256:{}", Digest::of(target.as_bytes()));
    }
    let Ok(mut url) = Url::parse(target) else { return target.to_owned() };
    if !matches!(url.scheme(), "http" | "https") {
        return target.to_owned();
    }
    let segments = url.path().split('/').map(|segment| segment.split(';').next().unwrap_or_default());
    let path = segments.collect::<Vec<_>>().join("/");
    url.set_path(&path);
    let query =
        url.query().unwrap_or_default().split('&').filter(|pair| !holds_token(pair)).collect::<Vec<_>>().join("&");
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    UrlKey::of(&url).to_string()
}

/// Returns whether a pair of a query holds a token, a session, a time or a random number.
fn holds_token(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let is_listed = TOKENS.iter().any(|listed| match listed.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *listed,
    });
    is_listed || PERHAPS_TOKENS.contains(&name.as_str()) && looks_like_token(value)
}

fn looks_like_token(value: &str) -> bool {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    is_number && value.len() >= 10 || is_word && has_digit && value.len() >= 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_sessions_and_times_are_left_out_of_a_target() {
        for target in [
            "https://example.org/report.pdf?id=7",
            "http://www.example.org/report.pdf?id=7&token=2f00d&expires=1700000002",
            "https://example.org/report.pdf;jsessionid=A2F0E9?id=7&utm_source=x",
            "https://example.org/report.pdf?id=7&X-Amz-Signature=ab&X-Amz-Date=20261130T000000Z#page=2",
            "https://example.org/report.pdf?id=7&t=1700000002",
        ] {
            assert_eq!(steady_target(target), "example.org/report.pdf?id=7", "{target}");
        }
    }

    #[test]
    fn what_selects_another_page_stays_in_a_target() {
        let differ = |one: &str, other: &str| assert_ne!(steady_target(one), steady_target(other));
        differ("https://example.org/report-1.pdf", "https://example.org/report-2.pdf");
        differ("https://example.org/watch?v=abc", "https://example.org/watch?v=abd");
        differ("https://example.org/a?t=1", "https://example.org/a?t=2");
        differ("mailto:a@example.org", "mailto:b@example.org");
        assert_eq!(steady_target("#fn-17"), steady_target("#fn-27"));
        assert_eq!(steady_target("图/一.png"), "图/一.png");
    }
}
