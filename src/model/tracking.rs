//! Parts of a URL that track its reader or hold a session and do not select a page.
//!
//! The normative lists are in `archive/README.md`; the test below compares them.

use url::Url;

/// Query parameters that track the reader. A trailing `*` matches any suffix.
pub(super) const TRACKING: [&str; 116] = [
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "__twitter_impression",
    "_bhlid",
    "_branch_match_id",
    "_branch_referrer",
    "_bta_c",
    "_bta_tid",
    "_ga",
    "_gac",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_ke",
    "_kx",
    "_openstat",
    "action_object_map",
    "action_ref_map",
    "action_type_map",
    "at_*",
    "awc",
    "bsft_*",
    "chksm",
    "cjdata",
    "cjevent",
    "ck_subscriber_id",
    "cvosrc",
    "dclid",
    "dicbo",
    "dm_i",
    "ef_id",
    "elqtrack*",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "from_source",
    "from_spmid",
    "gad_*",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hmb_campaign",
    "hmb_medium",
    "hmb_source",
    "hsa_*",
    "hsctatracking",
    "igsh",
    "igshid",
    "irclickid",
    "irgwc",
    "isappinstalled",
    "itm_*",
    "li_fat_id",
    "matomo_*",
    "mc_*",
    "mibextid",
    "mindbox-click-id",
    "mkt_tok",
    "mkwid",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "mtm_*",
    "nr_email_referer",
    "ns_*",
    "nsukey",
    "ob_click_id",
    "oly_anon_id",
    "oly_enc_id",
    "pcrid",
    "piwik_*",
    "pk_*",
    "rb_clickid",
    "rdt_cid",
    "s_cid",
    "s_kwcid",
    "sc_eh",
    "sc_uid",
    "sccid",
    "scm",
    "share_*",
    "soc_src",
    "soc_trk",
    "spm",
    "spm_id_from",
    "srsltid",
    "sudaref",
    "tblci",
    "tracking_source",
    "trkcampaign",
    "ttclid",
    "twclid",
    "unicorn_click_id",
    "utm_*",
    "vd_source",
    "vero_conv",
    "vero_id",
    "vgo_ee",
    "wbraid",
    "weibo_id",
    "wickedid",
    "wickedsource",
    "wt_mc",
    "wt_zmc",
    "xtor",
    "yclid",
    "ymclid",
    "ysclid",
];

/// Values of `from` with which messengers mark a shared link.
const SHARED_FROM: [&str; 5] = ["appmessage", "groupmessage", "message", "singlemessage", "timeline"];

/// Parameters that hold a session, whatever their value. A trailing `*` matches any suffix.
const SESSIONS: [&str; 9] =
    ["asp.net_sessionid", "aspsessionid*", "cfid", "cftoken", "jsessionid", "oscsid", "phpsessid", "xtcsid", "zenid"];

/// Parameters that hold a session if their value looks like one: on other sites they number stories or seats.
const SESSIONS_BY_VALUE: [&str; 6] = ["sess", "sessid", "session", "session_id", "sessionid", "sid"];

/// The least length of a value that looks like a session id.
const SESSION_CHARS: usize = 16;

/// Query parameters that a user names as tracking parameters, besides those of the URL key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracking(Vec<String>);

impl Tracking {
    /// Returns the parameters with these names. A trailing `*` matches any suffix; case is ignored.
    pub fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| name.trim().to_ascii_lowercase());
        Self(names.filter(|name| !matches!(name.as_str(), "" | "*")).collect())
    }

    /// Returns a URL without these parameters.
    pub fn strip(&self, url: &Url) -> Url {
        let mut stripped = url.clone();
        let Some(query) = url.query().filter(|_| !self.0.is_empty()) else { return stripped };
        let is_kept = |pair: &&str| {
            let name = name_of(pair);
            !self.0.iter().any(|listed| matches(listed, &name))
        };
        let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
        stripped.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
        stripped
    }
}

/// Returns whether a pair of a query can select a page.
pub(super) fn keeps(pair: &str) -> bool {
    let name = name_of(pair);
    let value = pair.split_once('=').map_or("", |(_, value)| value);
    let is_shared = name == "from" && SHARED_FROM.contains(&value.to_ascii_lowercase().as_str());
    !pair.is_empty() && !is_shared && !is_session(&name, value) && !TRACKING.iter().any(|listed| matches(listed, &name))
}

/// Returns a path without the sessions in it: `/a;jsessionid=1F` and `/(S(1f))/a` are `/a`.
pub(super) fn without_sessions(path: &str) -> String {
    let mut kept = String::with_capacity(path.len());
    let segments: Vec<&str> = path.split('/').collect();
    for (at, segment) in segments.iter().enumerate() {
        if is_session_segment(segment) {
            // The last segment leaves its slash, so that the path of a folder stays that of a folder.
            if at + 1 == segments.len() {
                kept.push('/');
            }
            continue;
        }
        if at > 0 {
            kept.push('/');
        }
        let mut parts = segment.split(';');
        kept.push_str(parts.next().unwrap_or_default());
        for part in parts.filter(|part| !is_session(&name_of(part), part.split_once('=').map_or("", |(_, v)| v))) {
            kept.push(';');
            kept.push_str(part);
        }
    }
    kept
}

/// Returns whether a segment of a path is the session of an ASP.NET site: `(S(…))`, `(A(…)F(…)S(…))`.
fn is_session_segment(segment: &str) -> bool {
    let Some(mut rest) = segment.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return false };
    while let Some(group) = rest.strip_prefix(|c: char| c.is_ascii_uppercase()) {
        let Some((id, after)) = group.strip_prefix('(').and_then(|group| group.split_once(')')) else { return false };
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return false;
        }
        if after.is_empty() {
            return true;
        }
        rest = after;
    }
    false
}

fn is_session(name: &str, value: &str) -> bool {
    SESSIONS.iter().any(|listed| matches(listed, name))
        || SESSIONS_BY_VALUE.contains(&name) && looks_like_session(value)
}

fn looks_like_session(value: &str) -> bool {
    value.len() >= SESSION_CHARS
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b',' | b'.'))
}

fn name_of(pair: &str) -> String {
    pair.split('=').next().unwrap_or_default().to_ascii_lowercase()
}

/// Returns whether a name in lower case is the listed one, or begins with it if that ends in `*`.
fn matches(listed: &str, name: &str) -> bool {
    match listed.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == listed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_lists_the_same_names() {
        let text = include_str!("../../archive/README.md");
        let section = &text[text.find("## 2. ").unwrap()..text.find("## 3. ").unwrap()];
        for list in [&TRACKING[..], &SHARED_FROM, &SESSIONS, &SESSIONS_BY_VALUE] {
            assert!(list.is_sorted(), "{list:?}");
            for name in list {
                assert!(section.contains(&format!("`{name}`")), "archive/README.md does not list `{name}`");
            }
        }
        let listed = section.matches('`').count() / 2;
        assert!(listed < TRACKING.len() + 80, "archive/README.md lists {listed} names");
    }

    #[test]
    fn sessions_are_known_by_their_form() {
        for (path, bare) in [
            ("/a1;jsessionid=0000001B.node1", "/a1"),
            ("/a;JSESSIONID=1/b;v=2", "/a/b;v=2"),
            ("/(S(00000000000000000000001b))/a1", "/a1"),
            ("/(A(x1)F(y2)S(z3))/", "/"),
            ("/(S(abc))", "/"),
            ("/wiki/Bread_(S(1))", "/wiki/Bread_(S(1))"),
            ("/(S)/a", "/(S)/a"),
            ("/", "/"),
        ] {
            assert_eq!(without_sessions(path), bare, "{path}");
        }
        assert!(!keeps("PHPSESSID=abc") && !keeps("sid=0123456789abcdef0123456789abcdef") && !keeps("CFID=12"));
        assert!(keeps("sid=1024") && keeps("session=morning-in-the-great-hall") && keeps("id=0123456789abcdef0123"));
    }

    #[test]
    fn a_user_can_name_further_parameters() {
        let tracking = Tracking::new(&["Partner".to_owned(), "xy_*".to_owned(), "*".to_owned()]);
        let strip = |url: &str| tracking.strip(&Url::parse(url).unwrap()).to_string();
        assert_eq!(strip("https://a.test/1?partner=x&id=2&xy_k=3#top"), "https://a.test/1?id=2#top");
        assert_eq!(strip("https://a.test/1?partner=x"), "https://a.test/1");
        assert_eq!(strip("https://a.test/1?a=1"), "https://a.test/1?a=1");
    }
}
