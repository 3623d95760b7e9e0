//! Fallbacks when the model selects almost no text, and known containers of articles on some sites.

use bindery::extract::{ExtractError, Options, extract};
use bindery::model::{Article, Origin, RawPage};
use url::Url;

use super::{page, text};

/// Eight different paragraphs.
const PARAGRAPHS: [&str; 8] = [
    "渡口的老船工姓吴，今年七十三岁，从十六岁起就在这条河上撑船，没有换过第二样营生。",
    "从前赶集的日子，一天要过三百多人，船板被草鞋磨得发亮，他记得每一个人欠的船钱。",
    "大桥通车以后，坐船的只剩下对岸的几个学生，还有舍不得绕路的卖菜人。",
    "镇上劝他上岸，说给他在桥头安排一个看车棚的差事，他摇摇头，说船还没有坏。",
    "去年夏天发大水，桥封了四天，他撑着船送了两趟药，一趟米，谁的钱也没有收。",
    "水退以后，有人在渡口立了一块木牌，上面写着他的名字，他嫌难看，又给拔了。",
    "他的儿子在城里开货车，每年中秋回来，陪他在船上坐一个晚上，话说得很少。",
    "船尾系着一盏马灯，天黑就点上，他说对岸看得见灯，就知道今天还能过河。",
];

fn read_from(url: &str, html: &str) -> Result<Article, ExtractError> {
    let raw = RawPage::from_bytes(html.as_bytes().to_vec(), Url::parse(url).ok(), Origin::Replay, None);
    extract(&raw, Options::default())
}

fn kinds(article: &Article) -> Vec<&str> {
    article.warnings.iter().map(|warning| warning.kind.as_str()).collect()
}

/// Returns a page that shows no text of its article, which is in structured data.
fn shell(body: &str) -> String {
    let data = serde_json::json!({ "@type": "NewsArticle", "headline": "渡口", "articleBody": body });
    page(&format!(
        "<script type='application/ld+json'>{data}</script><div id=app></div><script src=/a.js></script>\
         <script src=/b.js></script><script src=/c.js></script><footer><p>渡口周刊编辑部</p></footer>"
    ))
}

#[test]
fn text_in_structured_data_replaces_the_missing_text_of_a_javascript_page() {
    let article = read_from("https://example.cn/1.html", &shell(&PARAGRAPHS.join("\n\n"))).unwrap();
    assert_eq!(text(&article).matches('。').count(), 8, "{}", text(&article));
    let tree = &article.content;
    assert_eq!(tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").count(), 8);
    assert!(kinds(&article).contains(&"second-choice"), "{:?}", article.warnings);
}

#[test]
fn structured_data_may_hold_html() {
    let body: String = PARAGRAPHS.iter().map(|text| format!("<p>{text}</p>")).collect();
    let body = body + "<p>他说：<strong>船还在</strong>，1 &lt; 2。<a href='javascript:a()' onclick='a()'>看</a></p>";
    let article = read_from("https://example.cn/1.html", &shell(&body)).unwrap();
    let tree = &article.content;
    assert_eq!(tree.descendants(tree.root()).filter(|&id| tree.name(id) == "p").count(), 9);
    assert!(text(&article).contains("船还在，1 < 2。"), "{}", text(&article));
    assert!(tree.descendants(tree.root()).all(|id| tree.attr(id, "href").is_none()), "{}", text(&article));
}

/// Returns a page without its text, whose description is the beginning of the text.
fn described(description: &str, further: &str) -> String {
    format!(
        "<html lang=zh><head><title>渡口 - 渡口周刊</title><meta property='og:title' content='渡口'>\
         <meta name=description content='渡口的老船工姓吴。'><meta property='og:description' content='{description}'>{further}</head><body><div id=splash></div>\
         <a href='/login'>登录</a><script src=/a.js></script></body></html>"
    )
}

#[test]
fn a_long_excerpt_of_a_javascript_page_is_kept_with_warnings() {
    let dated = "<meta property='article:published_time' content='2024-03-18T08:00:00+08:00'>";
    let excerpt = PARAGRAPHS[..3].concat();
    let article = read_from("https://example.cn/t/1", &described(&excerpt, dated)).unwrap();
    assert_eq!(text(&article).trim(), excerpt);
    assert_eq!(kinds(&article), ["app-shell", "thin"], "{:?}", article.warnings);
    assert!(article.confidence < 0.3, "{}", article.confidence);
    assert_eq!(
        article.metadata.published.map(|date| date.value.to_string()).as_deref(),
        Some("2024-03-18T08:00:00+08:00")
    );
    // A line for search engines is no excerpt, and what is not said to be an article has none.
    for (description, further) in [(PARAGRAPHS[0], dated), (excerpt.as_str(), "")] {
        let error = read_from("https://example.cn/t/1", &described(description, further)).unwrap_err();
        assert!(matches!(error, ExtractError::NoArticle { .. }), "{error}");
    }
}

#[test]
fn a_page_that_shows_more_than_its_description_is_not_replaced_by_it() {
    let dated = "<meta property='article:published_time' content='2024-03-18T08:00:00+08:00'>";
    let menu = PARAGRAPHS.map(|text| format!("<li><a href=/a>{text}</a></li>")).concat();
    let html =
        described(&PARAGRAPHS[..3].concat(), dated).replace("<div id=splash></div>", &format!("<ul>{menu}</ul>"));
    let error = read_from("https://example.cn/t/1", &html).unwrap_err();
    assert!(matches!(error, ExtractError::NoArticle { .. }), "{error}");
}

#[test]
fn a_teaser_in_structured_data_is_not_an_article() {
    let shown: String = PARAGRAPHS.iter().map(|text| format!("<p>{text}</p>")).collect();
    let data = serde_json::json!({ "@type": "NewsArticle", "headline": "渡口", "articleBody": "一句话的提要。" });
    let html =
        page(&format!("<script type='application/ld+json'>{data}</script><article><h1>渡口</h1>{shown}</article>"));
    let article = read_from("https://example.cn/1.html", &html).unwrap();
    assert_eq!(text(&article).matches('。').count(), 8, "{}", text(&article));
    assert!(!kinds(&article).contains(&"second-choice"), "{:?}", article.warnings);
}

#[test]
fn a_known_sites_container_is_the_article() {
    let lines: String = PARAGRAPHS.iter().map(|text| format!("<section><span>{text}</span></section>")).collect();
    let html = page(&format!(
        "<div id=img-content><h1>渡口</h1><div id=meta_content>渡口周刊</div>\
         <div id=js_content style='visibility: hidden'>{lines}</div>\
         <div class=rich><p>{}</p><p>{}</p></div></div>",
        "喜欢这篇文章的人，多半也喜欢我们下周要登的另一篇，写的是山里的一座水磨坊，请不要错过。",
        "转给身边的朋友吧，让更多的人看见这条河，看见这盏灯，看见这位撑了一辈子船的老人。",
    ));
    let article = read_from("https://mp.weixin.qq.com/s/abc", &html).unwrap();
    assert_eq!(text(&article).matches('。').count(), 8, "{}", text(&article));
    assert!(!text(&article).contains("水磨坊"), "{}", text(&article));
}

#[test]
fn each_site_of_the_table_has_its_container_and_other_sites_do_not() {
    let lines = |all: &[&str]| all.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
    let (first, second) = (lines(&PARAGRAPHS[..4]), lines(&PARAGRAPHS[4..]));
    for (host, part) in [
        ("mp.weixin.qq.com", "id=js_content"),
        ("zhuanlan.zhihu.com", "class='RichText Post-RichText'"),
        ("blog.csdn.net", "id=content_views"),
        ("www.cnblogs.com", "id=cnblogs_post_body"),
        ("blog.sina.com.cn", "id=sina_keyword_ad_area2"),
        ("note.com", "class=note-common-styles__textnote-body"),
        ("ameblo.jp", "id=entryBody"),
        ("chuanfu.hatenablog.com", "class='entry-content hatenablog-entry'"),
        ("blog.naver.com", "class=se-main-container"),
        ("chuanfu.tistory.com", "class='tt_article_useless_p_margin contents_style'"),
    ] {
        let html = page(&format!("<main><h1>渡口</h1><div>{first}</div><div {part}>{second}</div></main>"));
        for (url, sentences) in [(format!("https://{host}.example/1"), 8), (format!("https://{host}/1"), 4)] {
            let article = read_from(&url, &html).unwrap();
            assert_eq!(text(&article).matches('。').count(), sentences, "{url}: {}", text(&article));
        }
    }
}

#[test]
fn a_host_that_only_ends_in_the_same_letters_is_another_site() {
    let lines = |all: &[&str]| all.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
    let (first, second) = (lines(&PARAGRAPHS[..4]), lines(&PARAGRAPHS[4..]));
    let html = page(&format!("<main><h1>渡口</h1><div>{first}</div><div id=entryBody>{second}</div></main>"));
    let article = read_from("https://notameblo.jp/1", &html).unwrap();
    assert_eq!(text(&article).matches('。').count(), 8, "{}", text(&article));
}

#[test]
fn titles_that_appear_twice_after_the_text_are_cards_of_other_pages() {
    let lines: String = PARAGRAPHS.iter().map(|text| format!("<p>{text}</p>")).collect();
    let card = |title: &str| format!("<div class=item><img src=/a.jpg><h2 class=t>{title}</h2></div>");
    let cards = [
        "一张旧船票牵出的往事：八十年前，他们从这个渡口出发，再也没有回来，如今孙辈沿着河岸，一个码头一个码头地找，找了整整二十六年，终于在县志里读到了祖父的名字！",
        "水磨坊还在转：山里最后一位磨匠说，只要溪水不断，他就不会停下来，机器磨的面他吃不惯，附近三个村子的人也吃不惯，所以每到腊月，门口照样排着长队！",
    ];
    let cards: String = cards.map(card).concat();
    let html = page(&format!("<main><h1>渡口</h1>{lines}<div>{cards}</div></main><div>{cards}</div>"));
    let article = read_from("https://example.cn/1.html", &html).unwrap();
    assert!(!text(&article).contains("旧船票"), "{}", text(&article));
    assert_eq!(text(&article).matches('。').count(), 8, "{}", text(&article));
}
