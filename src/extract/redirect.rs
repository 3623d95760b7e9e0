//! Replaces links through a site's redirect page, which warns or counts, by their targets.

use percent_encoding::percent_decode_str;
use url::Url;

/// The maximum number of nested redirects.
const DEEPEST: usize = 3;

/// Host (without `www.`), beginning of the path, and the query fields that hold the target; no field when the complete query
/// is the target.
const REDIRECTORS: [(&str, &str, &[&str]); 67] = [
    ("afdian.com", "/link", &["target"]),
    ("afdian.net", "/link", &["target"]),
    ("anonym.to", "/", &[]),
    ("app.yinxiang.com", "/OutboundRedirect.action", &["dest"]),
    ("away.vk.com", "/away.php", &["to"]),
    ("c.pc.qq.com", "/", &["pfurl", "url"]),
    ("chinaz.com", "/go.shtml", &["url"]),
    ("cloud.tencent.com", "/developer/tools/blog-entry", &["target"]),
    ("developer.aliyun.com", "/redirect", &["target"]),
    ("dereferer.me", "/", &[]),
    ("docs.qq.com", "/scenario/link.html", &["url"]),
    ("douban.com", "/link2", &["url"]),
    ("douc.cc", "/link2", &["url"]),
    ("duckduckgo.com", "/l/", &["uddg"]),
    ("evernote.com", "/OutboundRedirect.action", &["dest"]),
    ("exit.sc", "/", &["url"]),
    ("facebook.com", "/flx/warn", &["u"]),
    ("facebook.com", "/l.php", &["u"]),
    ("game.bilibili.com", "/linkfilter", &["url"]),
    ("gate.sc", "/", &["url"]),
    ("getpocket.com", "/redirect", &["url"]),
    ("gitee.com", "/link", &["target"]),
    ("href.li", "/", &[]),
    ("infoq.cn", "/link", &["target"]),
    ("jianshu.com", "/go-wild", &["url"]),
    ("jump.5ch.net", "/", &[]),
    ("jump.bdimg.com", "/", &["url"]),
    ("jump2.bdimg.com", "/", &["url"]),
    ("kickstarter.com", "/redirect", &["url"]),
    ("l.facebook.com", "/", &["u"]),
    ("l.instagram.com", "/", &["u"]),
    ("l.messenger.com", "/", &["u"]),
    ("l.threads.com", "/", &["u"]),
    ("l.threads.net", "/", &["u"]),
    ("l.wl.co", "/l", &["u"]),
    ("ld246.com", "/forward", &["goto"]),
    ("leetcode.cn", "/link", &["target"]),
    ("link.csdn.net", "/", &["target"]),
    ("link.douban.com", "/", &["url", "to"]),
    ("link.jianshu.com", "/", &["t"]),
    ("link.juejin.cn", "/", &["target"]),
    ("link.juejin.im", "/", &["target"]),
    ("link.uisdc.com", "/", &["redirect"]),
    ("link.zhihu.com", "/", &["target"]),
    ("linkedin.com", "/redir/redirect", &["url"]),
    ("lm.facebook.com", "/", &["u"]),
    ("m.facebook.com", "/l.php", &["u"]),
    ("m.vk.com", "/away.php", &["to"]),
    ("mail.qq.com", "/cgi-bin/readtemplate", &["gourl", "url"]),
    ("nodeseek.com", "/jump", &["to"]),
    ("oschina.net", "/action/GoToLink", &["url"]),
    ("out.reddit.com", "/", &["url"]),
    ("pixiv.net", "/jump.php", &["url"]),
    ("pixiv.net", "/jump.php", &[]),
    ("ref.gamer.com.tw", "/redir.php", &["url"]),
    ("slack-redir.net", "/link", &["url"]),
    ("sspai.com", "/link", &["target"]),
    ("steamcommunity.com", "/linkfilter", &["url", "u"]),
    ("t.me", "/iv", &["url"]),
    ("t.umblr.com", "/redirect", &["z"]),
    ("tumblr.com", "/redirect", &["z"]),
    ("vk.com", "/away.php", &["to"]),
    ("weibo.cn", "/sinaurl", &["toasturl", "u"]),
    ("weixin110.qq.com", "/", &["url", "target"]),
    ("wx.qq.com", "/cgi-bin/mmwebwx-bin/webwxcheckurl", &["requrl"]),
    ("xie.infoq.cn", "/link", &["target"]),
    ("youtube.com", "/redirect", &["q"]),
];

/// Returns the final target of a link; None when the link is not a redirect.
pub fn unwrapped(href: &str) -> Option<String> {
    // Most links contain none of these.
    if !href.contains('?') {
        return None;
    }
    let mut found: Option<String> = None;
    for _ in 0..DEEPEST {
        match target(found.as_deref().unwrap_or(href)) {
            Some(next) => found = Some(next),
            None => break,
        }
    }
    found
}

fn target(href: &str) -> Option<String> {
    let url = if href.starts_with("//") { Url::parse(&format!("https:{href}")) } else { Url::parse(href) }.ok()?;
    let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let fields = |keys: &[&str]| match keys {
        [] => url.query().and_then(web_url),
        keys => keys.iter().find_map(|key| {
            let mut pairs = url.query_pairs();
            pairs.find(|(name, _)| name == key).and_then(|(_, value)| web_url(&value))
        }),
    };
    let google = host.strip_prefix("google.").is_some_and(|rest| rest.len() <= 6) && url.path() == "/url";
    if google {
        return fields(&["q", "url"]);
    }
    if host.ends_with(".safelinks.protection.outlook.com") {
        return fields(&["url"]);
    }
    let here = REDIRECTORS.iter().filter(|(known, path, _)| *known == host && url.path().starts_with(path));
    here.map(|(_, _, keys)| *keys).find_map(fields)
}

/// Returns the value as an HTTP URL, decoded once more if needed; None when it is not one.
fn web_url(value: &str) -> Option<String> {
    let value = value.trim();
    let scheme =
        |text: &str, scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let coded = scheme(value, "http%3A") || scheme(value, "https%3A");
    let value = if coded { percent_decode_str(value).decode_utf8().ok()?.into_owned() } else { value.to_owned() };
    if !(scheme(&value, "http://") || scheme(&value, "https://")) {
        return None;
    }
    let url = Url::parse(&value).ok().filter(|url| url.has_host())?;
    // A valid URL stays as written.
    let plain = !value.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    Some(if plain { value } else { url.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_replaced_by_its_target() {
        let ends = "https://a.example/x?y=1";
        let coded = "https%3A%2F%2Fa.example%2Fx%3Fy%3D1";
        for start in [
            "https://link.zhihu.com/?target=",
            "http://link.zhihu.com/?target=",
            "https://www.google.com/url?sa=t&q=",
            "https://www.google.co.jp/url?rct=j&url=",
            "https://l.facebook.com/l.php?h=AT0&u=",
            "https://t.umblr.com/redirect?z=",
            "https://link.juejin.cn?target=",
            "https://jump.bdimg.com/safecheck/index?url=",
            "https://gate.sc?url=",
            "https://out.reddit.com/t3_1?url=",
            "https://steamcommunity.com/linkfilter/?url=",
            "https://www.douban.com/link2/?url=",
            "https://link.csdn.net/?target=",
            "//link.csdn.net/?target=",
            "https://link.jianshu.com?t=",
            "https://www.youtube.com/redirect?event=video&q=",
            "https://href.li/?",
            "https://eur01.safelinks.protection.outlook.com/?url=",
        ] {
            assert_eq!(unwrapped(&format!("{start}{coded}")).as_deref(), Some(ends), "{start}");
        }
        let twice =
            "https://link.zhihu.com/?target=https%3A//www.google.com/url%3Fq%3Dhttps%253A%252F%252Fa.example%252F";
        assert_eq!(unwrapped(twice).as_deref(), Some("https://a.example/"));
        let more = "https://link.zhihu.com/?target=https%253A%252F%252Fa.example%252F";
        assert_eq!(unwrapped(more).as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn only_http_targets_of_known_redirects_are_used() {
        for href in [
            "https://link.zhihu.com/?target=javascript%3Aalert(1)",
            "https://link.zhihu.com/?target=data%3Atext%2Fhtml%2Cx",
            "https://link.zhihu.com/?target=%2Fpeople%2Fx",
            "https://link.zhihu.com/",
            "https://jump.bdimg.com/safecheck/index?url=rN3wPs8te",
            "https://www.google.com/search?q=https%3A%2F%2Fa.example",
            "https://other.example/?target=https%3A%2F%2Fa.example",
            "https://google.evil.example.com/url?q=https%3A%2F%2Fa.example",
            "mailto:a@b.example?target=https%3A%2F%2Fa.example",
            "/link?target=https%3A%2F%2Fa.example",
        ] {
            assert_eq!(unwrapped(href), None, "{href}");
        }
    }
}
