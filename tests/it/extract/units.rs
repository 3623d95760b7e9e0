//! Callouts, panels of tabs and embedded content, in any position of an article.

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::ImageMap;

use super::{page, raw};

const PARAGRAPHS: [&str; 3] = [
    "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>",
    "<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>",
    "<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>",
];

/// Returns the Markdown of articles with `unit` before the first paragraph, between two, and after the last.
fn everywhere(unit: &str) -> [String; 3] {
    [0, 1, 3].map(|place| {
        let (before, after) = PARAGRAPHS.split_at(place);
        let body = format!("<h1>图书馆</h1><div class=post-body>{}{unit}{}</div>", before.concat(), after.concat());
        written(&page(&format!("<nav><a href=/>首页</a></nav><article>{body}</article>")))
    })
}

fn written(html: &str) -> String {
    let article = extract(&raw(html), Options::default()).unwrap();
    let document = markdown::write(&article, &ImageMap::new(), &Profile { front_matter: false, ..Profile::default() });
    assert!(document.round_trip.is_empty(), "{:?}", document.round_trip);
    document.body
}

#[test]
fn a_callout_keeps_its_label_first_in_the_middle_and_last() {
    for (unit, expected) in [
        (
            "<div class='admonition warning'><p class=admonition-title>警告</p><p>梯子要两个人扶。</p></div>",
            "> [!WARNING]\n> **警告**\n>\n> 梯子要两个人扶。\n",
        ),
        (
            "<aside class='starlight-aside starlight-aside--tip' aria-label=Tip><p class=starlight-aside__title>Tip</p><div>梯子要两个人扶。</div></aside>",
            "> [!TIP]\n> 梯子要两个人扶。\n",
        ),
        (
            "<div class='note warn'><span class='fa fa-check'></span><div><p>梯子要两个人扶。</p></div></div>",
            "> [!WARNING]\n> 梯子要两个人扶。\n",
        ),
        (
            "<div class='theme-admonition alert alert--info'><div class=admonitionHeading_a>提示</div><div class=admonitionContent_b><p>短。</p></div></div>",
            "> [!NOTE]\n> **提示**\n>\n> 短。\n",
        ),
    ] {
        for written in everywhere(unit) {
            assert!(written.contains(expected), "{unit}: {written}");
        }
    }
}

#[test]
fn embedded_content_becomes_a_link_first_in_the_middle_and_last() {
    for (unit, link) in [
        ("<script src='https://gist.github.com/lin/0a1b.js'></script>", "https://gist.github.com/lin/0a1b"),
        (
            "<div><iframe data-lazy-src='https://www.youtube.com/embed/abcdefghijk'></iframe></div>",
            "youtube.com/embed/abcdefghijk",
        ),
        ("<div class=video data-youtube-id=abcdefghijk><img src=/poster.jpg></div>", "youtube.com/embed/abcdefghijk"),
        (
            "<figure class=wp-block-embed><div class=wp-block-embed__wrapper>https://vimeo.com/12345</div></figure>",
            "https://vimeo.com/12345",
        ),
        (
            "<blockquote class=instagram-media data-instgrm-permalink='https://www.instagram.com/p/C1/'><p>渡口</p></blockquote>",
            "https://www.instagram.com/p/C1/",
        ),
        (
            "<figure class=wp-block-embed><blockquote class=wp-embedded-content><a href='https://cha.example/oven/'>茶炉</a></blockquote><iframe class=wp-embedded-content src='https://cha.example/oven/embed/#?secret=a'></iframe></figure>",
            "[茶炉](https://cha.example/oven/)",
        ),
        (
            "<a class=LinkCard href='https://cha.example/1'><span class=LinkCard-title>老茶树</span></a>",
            "[老茶树](https://cha.example/1)",
        ),
        (
            "<div class=blog-card><a href='https://cha.example/1'><div class=blog-card-title>老茶树</div><div>三百年</div></a></div>",
            "[老茶树](https://cha.example/1)\\\n三百年",
        ),
        (
            "<figure class='kg-card kg-bookmark-card'><a class=kg-bookmark-container href='https://cha.example/1'><div class=kg-bookmark-title>老茶树</div></a></figure>",
            "[老茶树](https://cha.example/1)",
        ),
        (
            "<mpvoice name=茶山 voice_encode_fileid=MzI_1></mpvoice>",
            "[茶山](https://res.wx.qq.com/voice/getvoice?mediaid=MzI_1)",
        ),
    ] {
        for written in everywhere(unit) {
            assert!(written.contains(link), "{unit}: {written}");
        }
    }
}

#[test]
fn a_frame_of_an_unknown_site_becomes_a_link_and_an_advertisement_does_not() {
    let [_, written, _] = everywhere("<iframe src='https://charts.example/7' title=借书></iframe>");
    assert!(written.contains("[借书](https://charts.example/7)"), "{written}");
    for unit in [
        "<iframe src='https://ads.example/frame' width=300 height=250></iframe>",
        "<iframe src='https://count.example/7' width=1 height=1></iframe>",
        "<iframe src='https://www.googletagmanager.com/ns.html?id=1' style='display:none'></iframe>",
        "<script src='https://stats.example/a.js'></script>",
    ] {
        for written in everywhere(unit) {
            assert!(!written.contains("example") && !written.contains("googletag"), "{unit}: {written}");
        }
    }
}

#[test]
fn every_panel_follows_its_label_including_hidden_ones() {
    for unit in [
        "<div><ul role=tablist><li role=tab>甲馆</li><li role=tab>乙馆</li></ul><div role=tabpanel><p>一楼。</p></div><div role=tabpanel hidden><p>二楼。</p></div></div>",
        "<div class=tabbed-set><input type=radio id=x name=t><input type=radio id=y name=t><div class=tabbed-labels><label for=x>甲馆</label><label for=y>乙馆</label></div><div class=tabbed-content><div class=tabbed-block><p>一楼。</p></div><div class=tabbed-block><p>二楼。</p></div></div></div>",
    ] {
        for written in everywhere(unit) {
            assert!(written.contains("**甲馆**\n\n一楼。\n\n**乙馆**\n\n二楼。\n"), "{unit}: {written}");
        }
    }
}

#[test]
fn tabs_around_the_whole_article_are_not_part_of_it() {
    let tabs = "<ul role=tablist><li role=tab>正文</li><li role=tab>规格</li><li role=tab>评价</li></ul>";
    let body = format!(
        "{tabs}<div role=tabpanel>{}</div><div role=tabpanel hidden><a href=/a>甲</a></div><div role=tabpanel hidden><a href=/b>乙</a></div>",
        PARAGRAPHS.concat()
    );
    let written = written(&page(&body));
    assert!(!written.contains("**正文**") && !written.contains("评价"), "{written}");
}
