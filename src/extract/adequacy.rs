//! How far the result can be trusted: named doubts, and one number.

use super::judge::Judged;
use super::scan::Scan;
use crate::model::Doubt;

/// An article of less text (130 Han characters, 400 letters) is doubted.
const THIN: usize = 400;

/// A short text is judged by the words in it; longer ones may speak of anything.
const SHORT: usize = 1500;

/// Below this expectation the choice itself is doubted.
const UNSURE: f64 = 0.6;

/// A kind of doubt, what it costs, what a reader is told, and what walls of that kind say, in lower case.
type Wall = (&'static str, &'static str, &'static [&'static str]);

/// What stands on a page in the place of its article.
const WALLS: [Wall; 4] = [
    (
        "paywall",
        "the page asks for a subscription; the rest may stand behind it",
        &[
            "subscribe to continue",
            "subscribe to read",
            "already a subscriber",
            "subscribers only",
            "to continue reading",
            "abonnenten lesen",
            "réservé aux abonnés",
            "solo para suscriptores",
            "付费阅读",
            "订阅后继续阅读",
            "会员专享",
            "有料会員",
            "会員限定",
            "구독자 전용",
        ],
    ),
    (
        "login",
        "the page asks for a login; the rest may stand behind it",
        &[
            "log in to continue",
            "sign in to continue",
            "please log in",
            "please sign in",
            "you must be logged in",
            "bitte melden sie sich an",
            "connectez-vous pour",
            "请登录后",
            "登录后查看",
            "请先登录",
            "ログインしてください",
            "로그인이 필요",
        ],
    ),
    (
        "consent-wall",
        "the page shows a question about cookies; answer it in a browser and save the page",
        &[
            "accept all cookies",
            "we value your privacy",
            "manage your consent",
            "cookies akzeptieren",
            "accepter les cookies",
            "aceptar cookies",
            "accetta i cookie",
        ],
    ),
    (
        "error-page",
        "the page looks like the server's message that there is none",
        &[
            "page not found",
            "404 not found",
            "access denied",
            "are you a robot",
            "verify you are human",
            "checking your browser",
            "enable javascript and cookies",
            "seite nicht gefunden",
            "page introuvable",
            "页面不存在",
            "您访问的页面",
            "找不到页面",
            "ページが見つかりません",
            "페이지를 찾을 수 없습니다",
        ],
    ),
];

/// What speaks against an extracted article. `weight` is that of its text.
pub fn doubts(scan: &Scan<'_>, judged: &Judged, weight: usize) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if weight < THIN {
        doubts.push(Doubt::new("thin", "the article holds little text; look whether the page shows more in a browser"));
    }
    let page = scan.text(0).weight;
    // Walls are short: they stand beside a short article, or near its end.
    let seen: String = judged
        .blocks
        .iter()
        .filter(|block| block.text.weight < 300)
        .map(|block| block.words(scan).to_lowercase() + "\n")
        .collect();
    for (kind, detail, phrases) in WALLS {
        if weight < SHORT && phrases.iter().any(|phrase| seen.contains(phrase)) {
            doubts.push(Doubt::new(kind, detail));
        }
    }
    if weight < THIN && page < 2 * THIN && holds_scripts(scan) {
        doubts.push(Doubt::new("app-shell", "scripts fill this page in; save it from a browser"));
    }
    let linked = linked_share(judged);
    if linked > 0.5 {
        doubts.push(Doubt::new("listing", "most of the text is links: it looks like a list of articles"));
    }
    if has_next_page(scan) {
        doubts.push(Doubt::new(
            "pagination",
            "the page says that the article goes on on another page, which was not read",
        ));
    }
    if judged.expected < UNSURE {
        doubts.push(Doubt::new("unsure", "it is not clear which parts of the page are the article"));
    }
    doubts
}

/// One number for all: the expectation of the choice, less for each doubt about the page.
pub fn score(judged: &Judged, doubts: &[Doubt]) -> f64 {
    let factor: f64 = doubts
        .iter()
        .map(|doubt| match doubt.kind.as_str() {
            "error-page" | "app-shell" | "consent-wall" => 0.3,
            "paywall" | "login" | "listing" => 0.5,
            "thin" => 0.7,
            "pagination" => 0.8,
            _ => 1.0,
        })
        .product();
    (judged.expected * factor * 1000.0).round() / 1000.0
}

fn linked_share(judged: &Judged) -> f64 {
    let kept = || judged.blocks.iter().zip(&judged.kept).filter(|(_, kept)| **kept).map(|(block, _)| block.text);
    let all: u32 = kept().map(|text| text.weight).sum();
    let linked: u32 = kept().map(|text| text.linked).sum();
    f64::from(linked) / f64::from(all.max(1))
}

fn holds_scripts(scan: &Scan<'_>) -> bool {
    (0..scan.entries.len()).filter(|&at| scan.name(at) == "script").take(3).count() == 3
}

/// `rel=next` on a link, which lists have as well, with a page number in an article's own address scheme.
fn has_next_page(scan: &Scan<'_>) -> bool {
    (0..scan.entries.len()).any(|at| {
        scan.name(at) == "a"
            && scan.element(at).is_some_and(|link| {
                link.attr("rel").is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case("next")))
                    && link.attr("href").is_some_and(|href| {
                        let end =
                            href.trim_end_matches('/').rsplit(['/', '?', '&', '_', '=']).next().unwrap_or_default();
                        matches!(end.split('.').next().unwrap_or_default(), "2" | "3")
                    })
            })
    })
}
