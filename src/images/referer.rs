//! The Referer to send with the request for an image, and the alternatives for servers that block hotlinking.

use url::Url;

use crate::model::{ReferrerPolicy, without_credentials};

/// Image hosts that serve images to one site only, with that site. Subdomains are included.
const REQUIRED_REFERERS: [(&str, &str); 8] = [
    ("sinaimg.cn", "https://weibo.com/"),
    ("weibocdn.com", "https://weibo.com/"),
    ("cdnfile.sspai.com", "https://sspai.com/"),
    ("i.pximg.net", "https://www.pixiv.net/"),
    ("moyu.im", "https://i.jandan.net/"),
    ("cdninstagram.com", "https://www.instagram.com/"),
    ("qpic.cn", "https://mp.weixin.qq.com/"),
    ("zhimg.com", "https://www.zhihu.com/"),
];

/// Returns the policy for one image: its own attribute, else the page's `<meta name=referrer>`, else the header field.
/// Invalid policies are ignored. <https://www.w3.org/TR/referrer-policy/>
pub fn policy_from(attribute: Option<&str>, meta: Option<&str>, header: Option<&str>) -> ReferrerPolicy {
    let last = |list: &str| list.split(',').filter_map(policy).next_back();
    attribute.and_then(policy).or_else(|| meta.and_then(last)).or_else(|| header.and_then(last)).unwrap_or_default()
}

fn policy(word: &str) -> Option<ReferrerPolicy> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        // `never`, `default` and `always` are an older spelling that pages still use.
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

/// Returns the values to send as Referer, in the order to try; None stands for no Referer. First what the page's policy
/// says, then none, the page, the image's own origin, and the site that the host requires. Each stands once.
pub fn referers(policy: ReferrerPolicy, page: &Url, image: &Url) -> Vec<Option<Url>> {
    let page = bare(page);
    let mut values = vec![by_policy(policy, &page, image), None, Some(page), origin(image)];
    values.extend(
        REQUIRED_REFERERS.iter().filter(|(host, _)| serves(image, host)).map(|(_, referer)| Url::parse(referer).ok()),
    );
    let mut unique: Vec<Option<Url>> = Vec::new();
    for value in values {
        if !unique.contains(&value) {
            unique.push(value);
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

/// Returns the URL without fragment, user name and password, which a Referer never contains.
fn bare(url: &Url) -> Url {
    let mut bare = without_credentials(url);
    bare.set_fragment(None);
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

    fn referers_of(policy: ReferrerPolicy, page: &str, image: &str) -> Vec<String> {
        let values = referers(policy, &Url::parse(page).unwrap(), &Url::parse(image).unwrap());
        values.into_iter().map(|value| value.map_or("-".to_owned(), |url| url.to_string())).collect()
    }

    #[test]
    fn the_policy_of_the_image_overrides_that_of_the_page() {
        let policy = |attribute, meta, header| policy_from(attribute, meta, header);
        assert_eq!(policy(Some("no-referrer"), Some("unsafe-url"), None), ReferrerPolicy::NoReferrer);
        assert_eq!(policy(Some("nonsense"), Some("never"), None), ReferrerPolicy::NoReferrer);
        assert_eq!(policy(None, None, Some("x, origin, same-origin, y")), ReferrerPolicy::SameOrigin);
        assert_eq!(policy(Some(""), None, None), ReferrerPolicy::StrictOriginWhenCrossOrigin);
    }

    #[test]
    fn referers_are_tried_in_the_documented_order() {
        let page = "https://user:secret@news.example.cn/a/1.html#top";
        assert_eq!(
            referers_of(ReferrerPolicy::default(), page, "https://img.example.cn/1.jpg"),
            ["https://news.example.cn/", "-", "https://news.example.cn/a/1.html", "https://img.example.cn/"]
        );
        assert_eq!(
            referers_of(ReferrerPolicy::NoReferrer, page, "https://wx1.sinaimg.cn/1.jpg"),
            ["-", "https://news.example.cn/a/1.html", "https://wx1.sinaimg.cn/", "https://weibo.com/"]
        );
    }

    #[test]
    fn no_referer_is_sent_first_from_https_to_http() {
        assert_eq!(referers_of(ReferrerPolicy::default(), "https://a.cn/1", "http://b.cn/1.jpg")[0], "-");
        assert_eq!(referers_of(ReferrerPolicy::UnsafeUrl, "https://a.cn/1", "http://b.cn/1.jpg")[0], "https://a.cn/1");
    }
}
