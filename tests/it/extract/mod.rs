//! Extraction from pages with the structure of real ones.

mod chinese_and_japanese;
mod confidence;
mod fallbacks;
mod formulas_and_code;
mod large_units;
mod losses;
mod malformed;
mod notes;
mod units;

use bindery::extract::{ExtractError, Options, extract};
use bindery::model::tree::{Edge, Node, NodeId, Tree};
use bindery::model::{Article, Headers, Origin, RawPage};
use url::Url;

use crate::support::growth::assert_linear;

const NEWS: &str = include_str!("../../../examples/news.html");

/// Three paragraphs that any extractor takes for an article.
const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn raw(html: &str) -> RawPage {
    let url = Url::parse("https://news.example.cn/2024/1.html").unwrap();
    RawPage::from_bytes(html.as_bytes().to_vec(), Some(url), Origin::Replay, None)
}

fn article(html: &str) -> Article {
    extract(&raw(html), Options::default()).unwrap()
}

fn page(body: &str) -> String {
    format!("<html lang=zh-CN><head><meta charset=utf-8><title>图书馆</title></head><body>{body}</body></html>")
}

/// Returns the content as short HTML, without attributes other than `src`.
fn outline(tree: &Tree) -> String {
    let name = |id: NodeId| tree.name(id).to_owned();
    let mut out = String::new();
    for edge in tree.walk(tree.root()) {
        match edge {
            Edge::Open(id) => match tree.node(id) {
                Node::Root => {}
                Node::Text(text) => out.push_str(text.trim()),
                Node::Element(_) => match tree.attr(id, "src") {
                    Some(src) => out.push_str(&format!("<{} {src}>", name(id))),
                    None => out.push_str(&format!("<{}>", name(id))),
                },
            },
            Edge::Close(id) if tree.element(id).is_some() => out.push_str(&format!("</{}>", name(id))),
            Edge::Close(_) => {}
        }
    }
    out
}

fn text(article: &Article) -> String {
    article.content.text(article.content.root())
}

#[test]
fn a_chinese_news_page_loses_its_menus_and_keeps_every_paragraph() {
    let article = article(NEWS);
    let text = text(&article);
    for kept in [
        "三月的一个清晨",
        "上世纪八十年代",
        "订一本六百页的书",
        "1987年订的县志",
        "第一期课堂来了十一个人",
        "一块也不能错",
    ] {
        assert!(text.contains(kept), "{kept}");
    }
    for gone in ["国际", "当前位置", "责任编辑", "分享到", "相关阅读", "夜间阅览室", "版权所有", "margin"]
    {
        assert!(!text.contains(gone), "{gone}");
    }
    assert_eq!(article.warnings, []);
}

#[test]
fn captions_are_attached_to_their_images_and_bold_lines_are_headings() {
    let outline = outline(&article(NEWS).content);
    assert!(outline.contains("<figcaption>周师傅的铺子，墙上挂着四十年来用过的针</figcaption></figure>"), "{outline}");
    assert_eq!(outline.matches("<figure>").count(), 3);
    assert_eq!(outline.matches("</figcaption></figure>").count(), 3);
    assert!(outline.contains("<h2>一根线，穿过六百页</h2>"), "{outline}");
}

#[test]
fn a_short_caption_is_kept_between_paragraphs() {
    let paragraph = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>";
    let figure = |n: u8| {
        format!(
            "<div class=embedblock><figure><img src=/{n}.jpg><figcaption>Image: Example.co.jp</figcaption></figure></div>"
        )
    };
    let body = format!("{paragraph}{}{paragraph}{}{paragraph}", figure(1), figure(2));
    let article = article(&page(&body.replacen("一九五六", "一九五七", 1).replacen("两层", "三层", 2)));
    assert_eq!(text(&article).matches("Image: Example.co.jp").count(), 2, "{}", text(&article));
    assert_eq!(article.images.len(), 2);
}

#[test]
fn every_image_has_its_real_url_once() {
    let article = article(NEWS);
    let urls: Vec<&str> = article.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(
        urls,
        ["workshop", "thread", "class"].map(|name| format!("https://news.example.cn/2024/news_files/{name}.png"))
    );
    assert_eq!(article.images[0].written, "news_files/workshop.png");
}

#[test]
fn a_lazy_image_and_its_noscript_copy_are_one_image() {
    let article = article(&page(&format!(
        "<article>{TEXT}<p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-src='/a.jpg'>\
         <noscript><img src='/a.jpg'></noscript></p>{TEXT}<p><img src='/a.jpg'></p></article>"
    )));
    assert_eq!(article.images.len(), 1);
    assert_eq!(outline(&article.content).matches("<img https://news.example.cn/a.jpg>").count(), 2);
}

#[test]
fn lines_separated_by_breaks_become_paragraphs() {
    let article = article(&page(
        "<div id=content>　　这座图书馆建于一九五六年，当时只有两层，藏书不到三万册。<br>　　七十年过去，它搬过三次家，换过五任馆长，书却越来越多。\
         <br><br>馆长说，最难的不是买书，而是让每一本书都找得到。</div>",
    ));
    assert_eq!(outline(&article.content).matches("<p>").count(), 3, "{}", outline(&article.content));
}

#[test]
fn hidden_text_is_not_in_the_article() {
    let article = article(&page(&format!(
        "<article>{TEXT}<p style='display: none'>隐藏的一段</p><p hidden>也看不见</p><script>代码()</script>\
         <template><p>模板</p></template><!-- 注释 --></article>"
    )));
    for gone in ["隐藏", "看不见", "代码", "模板", "注释"] {
        assert!(!text(&article).contains(gone), "{gone}");
    }
}

#[test]
fn an_article_that_a_script_will_show_is_read() {
    let article =
        article(&page(&format!("<div id=js_content class=rich_media_content style='visibility:hidden'>{TEXT}</div>")));
    assert!(text(&article).contains("一百二十万册"));
}

#[test]
fn lists_quotes_tables_and_code_inside_the_article_stay() {
    let article = article(&page(&format!(
        "<article>{TEXT}<ul><li>周一</li><li>周二</li></ul><blockquote><p>书是用来读的。</p></blockquote>\
         <table><tr><th>年</th><th>册</th></tr><tr><td>1956</td><td>30000</td></tr></table><pre><code>a  b</code></pre>{TEXT}</article>"
    )));
    let outline = outline(&article.content);
    for kept in [
        "<ul><li>周一</li><li>周二</li></ul>",
        "<blockquote><p>书是用来读的。</p></blockquote>",
        "<td>1956</td>",
        "<pre>a  b</pre>",
    ] {
        assert!(outline.contains(kept), "{kept} in {outline}");
    }
}

#[test]
fn everything_in_a_fragment_is_kept() {
    let html =
        "<h2>相关阅读</h2><ul><li><a href='/1'>一</a></li><li><a href='/2'>二</a></li></ul><p class=share>分享</p>";
    let article = extract(&raw(html), Options { fragment: true, trace: false, ..Options::default() }).unwrap();
    assert_eq!(outline(&article.content), "<h2>相关阅读</h2><ul><li><a>一</a></li><li><a>二</a></li></ul><p>分享</p>");
}

#[test]
fn links_become_absolute_and_links_to_missing_anchors_point_to_the_page() {
    let article = article(&page(&format!(
        "<article>{TEXT}<p>见<a href='../b.html'>另一篇</a>和<a href='#n1'>注一</a>，两处都说到了这件事情。</p></article>"
    )));
    let tree = &article.content;
    let hrefs: Vec<&str> = tree.descendants(tree.root()).filter_map(|id| tree.attr(id, "href")).collect();
    assert_eq!(hrefs, ["https://news.example.cn/b.html", "https://news.example.cn/2024/1.html#n1"]);
}

#[test]
fn a_trace_says_what_was_removed_and_why() {
    let html =
        page(&format!("<div class=content>{TEXT}<div class=share-box>分享到：<a href=#>微信</a></div>{TEXT}</div>"));
    let article = extract(&raw(&html), Options { fragment: false, trace: true, ..Options::default() }).unwrap();
    assert!(
        article.trace.iter().any(|step| !step.kept && step.what.contains("分享到") && step.reason.contains("share"))
    );
    assert!(article.trace.iter().any(|step| step.step == "block" && step.kept && step.score.is_some()));
}

const COMMENTS: &str = "<div class=comment-list><h3>读者留言</h3>\
<div class=comment-item><a href=/u/1>老周</a><p>小时候天天去那里看书，闭馆的铃声现在还记得。</p><a href=#>回复</a></div>\
<div class=comment-item><a href=/u/2>阿梅</a><p>馆里的老先生还在吗？他教会我查卡片目录。</p><a href=#>回复</a></div>\
<div class=comment-item><a href=/u/3>木木</a><p>周末再去一次，带孩子看看。</p><a href=#>回复</a></div>\
<form><label>写下你的留言</label><button>发表</button></form></div>";

#[test]
fn comments_are_removed_or_kept_at_the_end_on_request() {
    let html = page(&format!("<article><h1>图书馆</h1>{TEXT}</article>{COMMENTS}"));
    let without = text(&article(&html));
    assert!(without.contains("卡片目录一张一张") && !without.contains("闭馆的铃声"), "{without}");
    let with = extract(&raw(&html), Options { comments: true, ..Options::default() }).unwrap();
    let text = outline(&with.content);
    let comments = outline(&with.comments.expect("a tree of their own"));
    let section = comments.strip_prefix("<hr></hr><h2>评论</h2>").expect("a section under a heading");
    assert!(text.contains("卡片目录一张一张"), "{text}");
    for kept in ["老周", "闭馆的铃声", "阿梅", "查卡片目录", "带孩子看看"] {
        assert!(section.contains(kept), "{kept} is missing from {section}");
    }
    for gone in ["回复", "写下你的留言", "发表"] {
        assert!(!section.contains(gone), "{gone} is a control: {section}");
    }
}

#[test]
fn editors_insertions_between_paragraphs_are_removed() {
    let (first, rest) = TEXT.split_once("</p>").unwrap();
    let inserted = "<p><strong>延伸阅读</strong></p><p><a href=/a/1.html>另一座图书馆的故事</a></p>\
        <p><a href=/a/2.html>五位馆长的回忆</a></p>";
    let pages = "<p class=page><a href=1_1.html>上一页</a> <a href=1_1.html>1</a> 2 <a href=1_3.html>下一页</a></p>";
    let html = page(&format!("<div class=article-content>{first}</p>{inserted}{rest}{pages}<p>（完）</p></div>"));
    let text = text(&article(&html));
    for kept in ["一九五六年", "七十年过去", "卡片目录"] {
        assert!(text.contains(kept), "{kept} is missing from {text}");
    }
    for gone in ["延伸阅读", "另一座图书馆", "五位馆长的回忆", "下一页"] {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
}

#[test]
fn a_paragraph_with_a_hidden_copy_appears_once() {
    let copy = TEXT.split_once("</p>").unwrap().0;
    let html = page(&format!("<article><h1>图书馆</h1>{TEXT}<div style='display:none'>{copy}</p></div></article>"));
    assert_eq!(text(&article(&html)).matches("一九五六年").count(), 1);
}

#[test]
fn a_page_of_four_times_the_blocks_takes_about_four_times_as_long() {
    let work = |count: usize| {
        let blocks: String = (0..count).map(|n| format!("<p>Line {n} of a very long page.</p>")).collect();
        let raw = raw(&page(&blocks));
        move || assert!(extract(&raw, Options::default()).is_ok())
    };
    assert_linear(work(5_000), work(20_000));
}

#[test]
fn one_paragraph_only_links_and_only_scripts_have_a_result() {
    let one = article(&page(&format!("<p>{}</p>", "一个很长的段落，没有尽头。".repeat(20_000))));
    assert!(text(&one).chars().count() >= 260_000);
    let links: String = (0..5_000).map(|n| format!("<li><a href=/{n}>Item number {n}</a></li>")).collect();
    for html in [links, "<script>var a = 1;</script>".repeat(5_000)] {
        let found = extract(&raw(&page(&html)), Options::default());
        assert!(matches!(found, Err(ExtractError::NoArticle { .. })), "{found:?}");
    }
}

#[test]
fn an_error_says_what_the_input_is_instead_of_an_article() {
    let fail = |html: &str| extract(&raw(html), Options::default()).unwrap_err();
    assert_eq!(fail(" \n"), ExtractError::Empty);
    assert!(fail("%PDF-1.4 …").to_string().starts_with("a PDF file is not an article page"));
    assert!(
        fail("<html><body><div id=app></div><script>start()</script>")
            .to_string()
            .contains("no text (it may be filled in by scripts)")
    );
    let links = "<li><a href='/1'>今天的第一条新闻标题在这里</a></li>".repeat(30);
    assert!(fail(&page(&format!("<ul>{links}</ul>"))).to_string().contains("a list of links"));
    let mut image = raw("\u{fffd}");
    image.headers = Headers(vec![("Content-Type".to_owned(), b"image/x-own".to_vec())]);
    assert!(matches!(extract(&image, Options::default()).unwrap_err(), ExtractError::NotAPage { .. }));
}

#[test]
fn a_page_without_a_charset_is_read_with_a_warning() {
    let (bytes, ..) = encoding_rs::GBK.encode(NEWS);
    let html = bytes.into_owned();
    let unlabelled = String::from_utf8_lossy(b"<meta charset=\"utf-8\">").into_owned();
    let at = html.windows(unlabelled.len()).position(|window| window == unlabelled.as_bytes()).unwrap();
    let html = [&html[..at], &html[at + unlabelled.len()..]].concat();
    let article = extract(&RawPage::from_bytes(html, None, Origin::Replay, None), Options::default()).unwrap();
    assert!(text(&article).contains("数字的书，也要有人装订"));
    assert_eq!((article.charset.name.as_str(), article.charset.source.as_str()), ("gb18030", "detected"));
    assert_eq!(article.warnings[0].kind.as_str(), "charset");
}

#[test]
fn a_deeply_nested_page_uses_no_stack_and_loses_no_text() {
    let deep = page(&format!("{}<article>{TEXT}</article>", "<div><span><b>".repeat(30_000)));
    assert!(text(&article(&deep)).contains("卡片目录"));
    let unclosed = (0..1000)
        .map(|n| format!("<p>第{n}段话，说的是同一件事情，只是换了一种说法，也换了一个数字。"))
        .collect::<String>();
    let unclosed = page(&format!("<article>{TEXT}{unclosed}</article>"));
    assert_eq!(outline(&article(&unclosed).content).matches("<p>").count(), 1003);
}
