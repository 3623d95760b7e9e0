//! Known containers of articles on some sites. A row is for a large site whose class or id for the article has been stable
//! for years. Where the model selects most of the container anyway, the row only drops what is around it.

use super::scan::Scan;
use super::selection::Selection;

/// A site and its container of articles.
struct Site {
    /// Its host, or the domain of its hosts.
    host: &'static str,
    /// The class or id of the container; the first on the page counts.
    part: &'static str,
}

const SITES: [Site; 10] = [
    Site { host: "mp.weixin.qq.com", part: "js_content" },
    Site { host: "zhuanlan.zhihu.com", part: "Post-RichText" },
    Site { host: "blog.csdn.net", part: "content_views" },
    Site { host: "cnblogs.com", part: "cnblogs_post_body" },
    Site { host: "blog.sina.com.cn", part: "sina_keyword_ad_area2" },
    Site { host: "note.com", part: "note-common-styles__textnote-body" },
    Site { host: "ameblo.jp", part: "entryBody" },
    Site { host: "hatenablog.com", part: "entry-content" },
    Site { host: "blog.naver.com", part: "se-main-container" },
    Site { host: "tistory.com", part: "tt_article_useless_p_margin" },
];

/// Keeps the content of the site's container and nothing else. Does nothing for other sites, or when the container is
/// missing or empty.
pub fn apply(scan: &Scan<'_>, host: &str, selection: &mut Selection) {
    let is_of = |site: &&Site| host.strip_suffix(site.host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let Some(site) = SITES.iter().find(is_of) else { return };
    let Some(part) = (0..scan.entries.len()).find(|&at| is_called(scan, at, site.part)) else { return };
    let (from, to) = selection.containers.range(scan, part);
    let all = selection.containers.between(from, to).weight;
    if all == 0 {
        return;
    }
    let kept: u32 = (from..to).filter(|&at| selection.kept[at]).map(|at| selection.blocks[at].text.weight).sum();
    // Where most of the container is kept, the omissions in it are deliberate.
    let is_seen = kept * 2 >= all;
    for at in 0..selection.kept.len() {
        let keeps = (from..to).contains(&at) && (selection.kept[at] || !is_seen);
        if keeps != selection.kept[at] {
            selection.kept[at] = keeps;
            selection.overruled[at] = Some("the site's own part for its articles");
        }
    }
}

fn is_called(scan: &Scan<'_>, at: usize, name: &str) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let names = ["id", "class"].map(|attribute| element.attr(attribute).unwrap_or_default());
    names.iter().flat_map(|names| names.split_ascii_whitespace()).any(|called| called == name)
}
