//! Conventions of Chinese and Japanese pages, and how they appear in the Markdown.

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::{ImageMap, WarningKind};

use super::{TEXT, article, page, raw, text};

fn written(body: &str) -> String {
    let article = extract(&raw(&page(body)), Options::default()).unwrap();
    markdown::write(&article, &ImageMap::new(), &Profile { front_matter: false, ..Profile::default() }).body
}

/// Ten different sentences, each long enough to be a paragraph.
const SENTENCES: [&str; 8] = [
    "清晨五点，豆腐坊的灯先亮起来，热气从门缝里一股一股地往外冒。",
    "老板姓陈，今年六十一岁，做豆腐的手艺是从岳父那里学来的。",
    "黄豆要泡十二个小时，水温不能高，也不能低，他用手背去试。",
    "石磨是祖上传下来的，换过三次木柄，磨盘却一直没有换过。",
    "点卤的时候谁也不许说话，连孩子也知道要站到院子里去等。",
    "第一板豆腐从来不卖，切成小块，送给巷子里的六户老人。",
    "去年有人出高价要买他的配方，他笑着说，配方就是早起。",
    "天大亮的时候，豆腐卖完了，他把门板一块一块地装回去。",
];

#[test]
fn the_indent_of_two_wide_spaces_is_layout() {
    let body: String = SENTENCES.iter().map(|text| format!("<p>\u{3000}\u{3000}{text}</p>")).collect();
    let written = written(&format!("<div class=article>{body}</div>"));
    assert!(!written.contains('\u{3000}'), "{written}");
    assert_eq!(written.trim().split("\n\n").count(), SENTENCES.len(), "{written}");
}

#[test]
fn a_bold_line_of_its_own_is_a_heading_and_bold_words_in_a_sentence_are_not() {
    let part = |title: &str, text: &[&str]| {
        let text: String = text.iter().map(|text| format!("<p>{text}</p>")).collect();
        format!("<p><strong>{title}</strong></p>{text}")
    };
    let body =
        part("一、泡豆", &SENTENCES[..3]) + &part("二、磨浆", &SENTENCES[3..6]) + &part("三、收摊", &SENTENCES[6..]);
    let written = written(&format!(
        "<div class=article>{body}<p>他说：<strong>豆腐</strong>要趁热吃，凉了就只能炖汤，味道差得远。</p></div>"
    ));
    for heading in ["一、泡豆", "二、磨浆", "三、收摊"] {
        assert!(written.lines().any(|line| line.starts_with('#') && line.ends_with(heading)), "{heading}: {written}");
    }
    assert!(written.contains("他说：**豆腐**要趁热吃"), "{written}");
}

#[test]
fn lines_separated_by_breaks_become_paragraphs() {
    let body = SENTENCES.join("<br>\u{3000}\u{3000}");
    let written = written(&format!("<div id=content>\u{3000}\u{3000}{body}</div>"));
    assert_eq!(written.trim().split("\n\n").count(), SENTENCES.len(), "{written}");
}

#[test]
fn captions_in_grey_small_or_centred_lines_are_kept_with_their_image() {
    for caption in [
        "<p style='text-align:center;color:#888;font-size:12px'>陈师傅在石磨旁边</p>",
        "<p style='text-align:center'><span style='font-size:12px;color:rgb(136,136,136)'>▲陈师傅在石磨旁边</span></p>",
        "<p>图为陈师傅在石磨旁边</p>",
    ] {
        let (first, rest) = SENTENCES.split_at(3);
        let text = |part: &[&str]| part.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
        let body = format!("{}<p style='text-align:center'><img src=/mo.jpg></p>{caption}{}", text(first), text(rest));
        let article = extract(&raw(&page(&format!("<div class=article>{body}</div>"))), Options::default()).unwrap();
        let outline = super::outline(&article.content);
        let figure =
            outline.split("<figure>").nth(1).and_then(|rest| rest.split("</figure>").next()).unwrap_or_default();
        assert!(figure.contains("mo.jpg") && figure.contains("陈师傅在石磨旁边</figcaption>"), "{caption}: {outline}");
    }
}

#[test]
fn an_alternative_text_that_repeats_the_title_is_not_a_caption() {
    let body: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let written = written(&format!("<h1>图书馆</h1><div class=article><p><img src=/a.jpg alt=图书馆></p>{body}</div>"));
    assert!(written.contains("a.jpg"), "{written}");
    assert!(!written.lines().any(|line| line.trim_matches(['*', '_']) == "图书馆"), "{written}");
}

#[test]
fn nested_sections_with_lazy_images_are_one_text() {
    let section = |text: &str| {
        format!(
            "<section style='margin:0 8px'><section><section><p><span style='font-size:15px'>{text}</span></p></section></section></section>"
        )
    };
    let image =
        "<section><img class=rich_pages data-src='https://mmbiz.example.cn/640?wx_fmt=jpeg' data-w=1080></section>";
    let body: String = SENTENCES.iter().map(|text| section(text)).collect();
    let written = written(&format!(
        "<div class=rich_media_content id=js_content style='visibility:hidden'><section>{image}{body}</section></div>"
    ));
    assert_eq!(written.matches("](https://mmbiz.example.cn/640?wx_fmt=jpeg)").count(), 1, "{written}");
    for text in SENTENCES {
        assert_eq!(written.matches(text).count(), 1, "{written}");
    }
}

#[test]
fn insertions_between_the_paragraphs_are_removed() {
    let text = |part: &[&str]| part.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
    let (first, rest) = SENTENCES.split_at(4);
    let links = "<div class=related><p>延伸閱讀：</p><ul><li><a href=/1>夜市裡的理髮店關了門</a></li><li><a href=/2>山城的第一班公車</a></li></ul></div>";
    let written = written(&format!(
        "<div class=article-body>{}{links}{}<p class=editor>（责任编辑：周宁）</p></div>",
        text(first),
        text(rest)
    ));
    for gone in ["延伸閱讀", "理髮店", "第一班公車", "责任编辑"] {
        assert!(!written.contains(gone), "{gone}: {written}");
    }
    for text in SENTENCES {
        assert!(written.contains(text), "{text}: {written}");
    }
}

#[test]
fn the_editors_last_lines_are_removed_with_all_that_follows() {
    let body: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let written = written(&format!(
        "<div class=article>{body}<p>巷口的孩子<br>还在等第一板豆腐<br>编辑|周宁<br>校对|沈禾<br>扫描下方二维码看更多<br>\
         1、回复【豆腐】查看地址<br>看都看完了，点一下再走</p><p>本文未经授权，不得转载。</p></div>"
    ));
    for gone in ["周宁", "沈禾", "二维码", "回复", "再走"] {
        assert!(!written.contains(gone), "{gone}: {written}");
    }
    assert!(written.contains("还在等第一板豆腐"), "{written}");
    // What the text says of its own use is a part of it.
    assert!(written.trim().ends_with("本文未经授权，不得转载。"), "{written}");
}

#[test]
fn a_last_paragraph_about_the_articles_rights_is_kept() {
    let body: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    for last in [
        "法院认为，这家网站未经授权使用了他的照片，应当赔偿。",
        "法院判决，这家公司今后不得转载他的文章。",
        "免责声明写得再长，也不能免除出版社的责任。",
        "未经授权便拆了老屋的人，至今没有道歉。",
        "（本文版权归原作者所有，转载请联系作者。）",
        "本記事の無断転載を禁じます。",
    ] {
        let written = written(&format!("<div class=article>{body}<p>{last}</p></div>"));
        assert!(written.contains(last), "{last}: {written}");
    }
    for notice in ["未经授权，不得转载。", "【装订周刊的中文权益归晨钟网独家所有。未经授权，不得转载、摘编。】"]
    {
        let written = written(&format!("<div class=article>{body}<p>{notice}</p></div>"));
        assert!(!written.contains(notice), "{notice}: {written}");
    }
}

#[test]
fn comments_below_a_longer_text_are_not_part_of_it() {
    let body: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let comments = "<ul class=single-post><li class=post-text><p id=comment-1>看得我都想早起去买一块豆腐了，谢谢您的文字。</p>\
        <li class=post-text><p id=comment-2>我家巷口也有这样的一位老人，可惜去年关门了。</p></ul>";
    let written = written(&format!("<div class=article>{body}</div><div id=comment-box>{comments}</div>"));
    assert!(written.contains(SENTENCES[7]), "{written}");
    assert!(!written.contains("早起去买") && !written.contains("去年关门"), "{written}");
}

#[test]
fn page_numbers_within_the_article_are_removed() {
    let text = |part: &[&str]| part.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
    let pager =
        "<div class=pagination><a href=2024_1.html>1</a> <a href=1_2.html>2</a> <a href=1_2.html>下一页</a></div>";
    let article =
        extract(&raw(&page(&format!("<div class=article>{}{pager}</div>", text(&SENTENCES)))), Options::default())
            .unwrap();
    assert!(!super::text(&article).contains("下一页"));
    assert!(article.warnings.iter().any(|warning| warning.kind == WarningKind::Pagination), "{:?}", article.warnings);
}

#[test]
fn a_page_in_layout_tables_becomes_text_without_a_table() {
    let text = |part: &[&str]| part.iter().map(|text| format!("<p>{text}</p>")).collect::<String>();
    let body = format!(
        "<table width=960><tr><td width=640><table><tr><td id=zoom>{}</td></tr></table></td><td width=300>\
         <ul><li><a href=/1>热点一则</a></li><li><a href=/2>热点二则</a></li></ul></td></tr></table>",
        text(&SENTENCES)
    );
    let written = written(&body);
    assert!(!written.contains('|') && !written.contains("<table"), "{written}");
    assert!(!written.contains("热点一则"), "{written}");
    assert_eq!(written.trim().split("\n\n").count(), SENTENCES.len(), "{written}");
}

#[test]
fn readings_stay_beside_their_characters() {
    let ruby = "<p>陈师傅说的<ruby>豆腐<rt>tòu fu</rt></ruby>，和书上写的不是一个音，外地人常常听错。</p>";
    let written = written(&format!("<div class=article>{TEXT}{ruby}{TEXT}</div>"));
    assert!(written.contains("豆腐") && written.contains("tòu fu"), "{written}");
    let (base, reading) = (written.find("豆腐").unwrap(), written.find("tòu fu").unwrap());
    assert!(reading > base && reading - base < 60, "{written}");
}

#[test]
fn a_headline_with_readings_repeats_the_title() {
    let article = article(&format!(
        "<title>图书馆</title><main><h1><ruby>图书<rt>tú shū</rt></ruby><ruby>馆<rp>(</rp><rt>guǎn</rt><rp>)</rp></ruby></h1>{TEXT}</main>"
    ));
    assert!(!text(&article).contains("guǎn"), "{}", text(&article));
    assert_eq!(article.metadata.title.map(|title| title.value).as_deref(), Some("图书馆"));
}

#[test]
fn a_poster_of_one_phrase_per_line_is_complete() {
    let lines = [
        "早起的人",
        "不一定有豆腐吃",
        "晚睡的人",
        "一定没有",
        "石磨转一圈",
        "天就亮一分",
        "愿你今天",
        "也有热豆浆",
        "陈家豆腐坊",
        "四十年如一日",
    ];
    let poster: String = lines.iter().map(|line| format!("<p style='text-align:center'>{line}</p>")).collect();
    let body: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let written = written(&format!("<div class=article>{body}{poster}{TEXT}</div>"));
    for line in lines {
        assert!(written.contains(line), "{line}: {written}");
    }
}

#[test]
fn a_declared_editor_is_not_the_author_when_the_page_names_one() {
    let text: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let page = format!(
        "<html lang=zh-CN><head><title>豆腐坊的早晨</title><meta name=author content=周宁></head><body><h1>豆腐坊的早晨</h1>\
         <p>作者：林远 2024-03-18</p><div class=article>{text}</div><p class=author>责任编辑：周宁</p></body></html>"
    );
    let article = extract(&raw(&page), Options::default()).unwrap();
    assert_eq!(article.metadata.authors.unwrap().value, ["林远"]);
}

#[test]
fn a_footer_under_the_headline_names_the_author() {
    let text: String = SENTENCES.iter().map(|text| format!("<p>{text}</p>")).collect();
    let page = format!(
        "<html lang=ja><head><title>豆腐坊</title></head><body><h1>豆腐坊</h1><div><footer class=post-meta>\
         <time datetime=2024-03-18>3月18日</time><a rel=author href=/author/hayashi>林遠子</a></footer>\
         <div class=content>{text}</div></div></body></html>"
    );
    let article = extract(&raw(&page), Options::default()).unwrap();
    assert_eq!(article.metadata.authors.unwrap().value, ["林遠子"]);
}
