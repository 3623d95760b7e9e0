//! The Referer an image is asked for with, and the ladder for servers that guard against hot-linking.

use url::Url;

use crate::model::ReferrerPolicy;

/// Image hosts that answer to one site only. A row holds for the host and everything below it.
const TABLE: [(&str, &str); 8] = [
    ("sinaimg.cn", "https://weibo.com/"),
    ("weibocdn.com", "https://weibo.com/"),
    ("cdnfile.sspai.com", "https://sspai.com/"),
    ("i.pximg.net", "https://www.pixiv.net/"),
    ("moyu.im", "https://i.jandan.net/"),
    ("cdninstagram.com", "https://www.instagram.com/"),
    ("qpic.cn", "https://mp.weixin.qq.com/"),
    ("zhimg.com", "https://www.zhihu.com/"),
];

/// The policy that holds for one image: its own attribute, else the page's `<meta name=referrer>`, else the header
/// field. What is no policy is passed over. <https://www.w3.org/TR/referrer-policy/>
pub fn policy_from(attribute: Option<&str>, meta: Option<&str>, header: Option<&str>) -> ReferrerPolicy {
    let last = |list: &str| list.split(',').filter_map(policy).next_back();
    attribute.and_then(policy).or_else(|| meta.and_then(last)).or_else(|| header.and_then(last)).unwrap_or_default()
}

fn policy(word: &str) -> Option<ReferrerPolicy> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        // The short words are an older spelling that pages still use.
        "no-referrer" | "never" => ReferrerPolicy::NoReferrer,
        "no-referrer-when-downgrade" => ReferrerPolicy::NoReferrerWhenDowngrade,
        "same-origin" => ReferrerPolicy::SameOrigin,
        "origin" => ReferrerPolicy::Origin,
        "strict-origin" => ReferrerPolicy::StrictOrigin,
        "origin-when-cross-origin" | "origin-when-crossorigin" => ReferrerPolicy::OriginWhenCrossOrigin,
        "strict-origin-when-cross-origin" | "default" => ReferrerPolicy::StrictOriginWhenCrossOrigin,
        "unsafe-url" | "always" => ReferrerPolicy::UnsafeUrl,
        _ => return None,
    })
}

/// What to send as Referer, in the order to try; None sends none. First what the page's policy says, then none, the
/// page, the image's own origin, and what is known of the host. Each once.
pub fn referers(policy: ReferrerPolicy, page: &Url, image: &Url) -> Vec<Option<Url>> {
    let page = bare(page);
    let mut ladder = vec![by_policy(policy, &page, image), None, Some(page), origin(image)];
    ladder.extend(TABLE.iter().filter(|(host, _)| serves(image, host)).map(|(_, referer)| Url::parse(referer).ok()));
    let mut unique: Vec<Option<Url>> = Vec::new();
    for rung in ladder {
        if !unique.contains(&rung) {
            unique.push(rung);
        }
    }
    unique
}

fn by_policy(policy: ReferrerPolicy, page: &Url, image: &Url) -> Option<Url> {
    let same = page.origin() == image.origin();
    let downgrade = page.scheme() == "https" && image.scheme() == "http";
    match policy {
        ReferrerPolicy::NoReferrer => None,
        ReferrerPolicy::UnsafeUrl => Some(page.clone()),
        ReferrerPolicy::NoReferrerWhenDowngrade => Some(page.clone()).filter(|_| !downgrade),
        ReferrerPolicy::SameOrigin => Some(page.clone()).filter(|_| same),
        ReferrerPolicy::Origin => origin(page),
        ReferrerPolicy::StrictOrigin => origin(page).filter(|_| !downgrade),
        _ if same => Some(page.clone()),
        ReferrerPolicy::OriginWhenCrossOrigin => origin(page),
        ReferrerPolicy::StrictOriginWhenCrossOrigin => origin(page).filter(|_| !downgrade),
    }
}

/// Without what a Referer never carries: fragment, user name, password.
fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_fragment(None);
    // These fail only for URLs that cannot have a user name.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare
}

fn origin(url: &Url) -> Option<Url> {
    Url::parse(&format!("{}/", url.origin().ascii_serialization())).ok()
}

fn serves(image: &Url, host: &str) -> bool {
    let found = image.host_str().unwrap_or_default();
    found.strip_suffix(host).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(policy: ReferrerPolicy, page: &str, image: &str) -> Vec<String> {
        let rungs = referers(policy, &Url::parse(page).unwrap(), &Url::parse(image).unwrap());
        rungs.into_iter().map(|rung| rung.map_or("-".to_owned(), |url| url.to_string())).collect()
    }

    #[test]
    fn the_images_own_policy_beats_the_pages() {
        let policy = |attribute, meta, header| policy_from(attribute, meta, header);
        assert_eq!(policy(Some("no-referrer"), Some("unsafe-url"), None), ReferrerPolicy::NoReferrer);
        assert_eq!(policy(Some("nonsense"), Some("never"), None), ReferrerPolicy::NoReferrer);
        assert_eq!(policy(None, None, Some("x, origin, same-origin, y")), ReferrerPolicy::SameOrigin);
        assert_eq!(policy(Some(""), None, None), ReferrerPolicy::StrictOriginWhenCrossOrigin);
    }

    #[test]
    fn the_ladder_goes_from_policy_to_none_to_page_to_the_images_own_origin() {
        let page = "https://user:secret@news.example.cn/a/1.html#top";
        assert_eq!(
            ladder(ReferrerPolicy::default(), page, "https://img.example.cn/1.jpg"),
            ["https://news.example.cn/", "-", "https://news.example.cn/a/1.html", "https://img.example.cn/"]
        );
        assert_eq!(
            ladder(ReferrerPolicy::NoReferrer, page, "https://wx1.sinaimg.cn/1.jpg"),
            ["-", "https://news.example.cn/a/1.html", "https://wx1.sinaimg.cn/", "https://weibo.com/"]
        );
    }

    #[test]
    fn a_downgrade_sends_nothing_first() {
        assert_eq!(ladder(ReferrerPolicy::default(), "https://a.cn/1", "http://b.cn/1.jpg")[0], "-");
        assert_eq!(ladder(ReferrerPolicy::UnsafeUrl, "https://a.cn/1", "http://b.cn/1.jpg")[0], "https://a.cn/1");
    }
}
