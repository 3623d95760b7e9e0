//! Pages as Chinese, Japanese and Korean sites write them, with invented text.

use super::*;
use crate::model::{Origin, RawPage};

const ZH: &str = "老城里最后一家手工装订铺";
const JA: &str = "南門通りに残る最後の手作り製本所";
const KO: &str = "남문 거리에 남은 마지막 수제 제본소";

/// Returns title, authors and date of a page; `TEXT` in it is replaced with some sentences.
fn read(html: &str) -> String {
    let text =
        "<p>三月的一个清晨，南门街的石板路还湿着，铺子已经开门，老板把书搬到窗边，借着天光一针一针地缝下去。</p>"
            .repeat(6);
    let page = RawPage::from_bytes(html.replace("TEXT", &text).into(), None, Origin::Replay, None);
    let page = Page::parse(&page);
    let metadata = find(&page, &Scan::of(&page)).metadata;
    let title = metadata.title.map_or_else(String::new, |title| title.value);
    let authors = metadata.authors.map_or_else(String::new, |authors| authors.value.join("、"));
    let day = metadata.published.map_or_else(String::new, |day| day.value.to_string().chars().take(10).collect());
    format!("{title}|{authors}|{day}")
}

#[track_caller]
fn assert_metadata(html: &str, title: &str, authors: &str) {
    assert_eq!(read(html), format!("{title}|{authors}|2024-03-18"));
}

#[test]
fn newspapers_of_mainland_china() {
    assert_metadata(
        &format!(
            "<title>{ZH}--经济·科技--晨民网</title><meta name=author content=102018><h1>{ZH}</h1>\
             <div class=author>本报记者　林　远</div><div>2024年03月18日09:26 | 来源：<a>晨民网－晨民日报</a></div>TEXT\
             <div class=edit>(责编：何苗、王小满)</div>"
        ),
        ZH,
        "林远",
    );
    assert_metadata(
        &format!(
            "<title>{ZH}-晨华网</title><div class=header-time><span class=year><em>2024</em></span>\
             <span class=day><em>03</em>/<em>18</em></span></div><h1><span>{ZH}</span></h1>\
             <p>晨华社北京3月18日电（记者林远、何苗）三月的一个清晨，石板路还湿着。</p>TEXT<span>【责任编辑:王小满】</span>"
        ),
        ZH,
        "林远、何苗",
    );
    assert_metadata(
        &format!(
            "<title>{ZH}_探索_晨光网</title><meta name=author content=何苗><h1>{ZH}</h1><span>2024-03-18 09:58</span>\
             <span>作者：</span><span>责任编辑：何苗</span>TEXT<p>作者︱林远</p><p>[责任编辑:何苗]</p>"
        ),
        ZH,
        "林远",
    );
}

#[test]
fn platform_accounts_are_authors() {
    assert_metadata(
        &format!(
            "<title>{ZH}_网易订阅</title><meta name=author content=网易><h2>{ZH}</h2>\
             <p class=time><span>2024-03-18</span><span> · </span><span>老城城市报道</span></p>TEXT"
        ),
        ZH,
        "老城城市报道",
    );
    assert_metadata(
        &format!(
            "<title>{ZH}_政务_澎湃新闻</title><div><a>澎湃号</a> &gt; <a>老城发布</a></div><h1>{ZH}</h1>\
             <p>2024-03-18 14:07</p>TEXT<p>▲晨钟日报图片记者林远、何苗摄</p>"
        ),
        ZH,
        "老城发布",
    );
    assert_metadata(
        &format!(
            "<title>{ZH}_手艺_老城</title><div class=user-info><h4><a>老城手艺</a></h4><dd>128 文章</dd><dd>3万 总阅读</dd></div>\
             <h1>{ZH}</h1><span class=time>2024-03-18 09:26</span>TEXT<p>声明：搜狐号系信息发布平台，观点仅代表作者本人。</p>"
        ),
        ZH,
        "老城手艺",
    );
    assert_metadata(
        &format!("<title>{ZH}</title><h1>{ZH}</h1><a id=js_name>老城手艺</a><em>2024-03-18</em>TEXT"),
        ZH,
        "老城手艺",
    );
}

#[test]
fn a_link_to_a_platform_is_not_an_account() {
    assert_metadata(
        &format!(
            "<title>{ZH}_澎湃新闻</title><a href=/>澎湃号</a><h1>{ZH}</h1><p>2024-03-18</p><p>来源：晨钟新闻</p><p>超大</p>TEXT"
        ),
        ZH,
        "",
    );
}

#[test]
fn blogs_and_magazines() {
    assert_metadata(
        &format!(
            "<title>{ZH}-晨氪</title><h1>{ZH}</h1><a>晨氪</a><span>2024年03月18日</span><p>文 | 林远</p><p>编辑 | 何苗</p>TEXT"
        ),
        ZH,
        "林远",
    );
    assert_metadata(
        &format!(
            "<title>{ZH} - 简书</title><h1>{ZH}</h1><a href=/u/1>头像</a><a href=/u/1>老城手艺人</a><button>关注</button>\
             <time datetime=2024-03-18>2024.03.18</time><span>阅读 567</span>TEXT"
        ),
        ZH,
        "老城手艺人",
    );
}

#[test]
fn newspapers_of_taiwan_and_hong_kong() {
    assert_metadata(
        &format!(
            "<title>{ZH} - 生活 - 晨由時報</title><h1>{ZH}</h1><span class=time>2024/03/18 09:26</span><p>〔記者王小滿／台北報導〕老街上的裝訂鋪開了門。</p>TEXT"
        ),
        ZH,
        "王小滿",
    );
    assert_metadata(
        &format!(
            "<title>{ZH} | 生活 | 聯晨網</title><h1>{ZH}</h1><time>2024-03-18 09:26</time>\
             <span class=article-content__author>聯晨報／ 記者<a href=#>王小滿</a>／台北即時報導</span>TEXT"
        ),
        ZH,
        "王小滿",
    );
    assert_metadata(
        &format!(
            "<title>{ZH}｜晨港</title><h1>{ZH}</h1><span>撰文：</span><a>王小滿</a><time>2024-03-18 09:26</time>TEXT"
        ),
        ZH,
        "王小滿",
    );
}

#[test]
fn japanese_pages() {
    for (head, author) in [
        ("<a class=name>著者：山田太郎</a>", "山田太郎"),
        ("<div id=byline>[<a>山田太郎</a>，晨media]</div>", "山田太郎"),
        ("<p class=author>山田 太郎</p>", "山田 太郎"),
        ("<div class=author><a>山田 太郎 : 晨鐘経済 記者</a></div>", "山田 太郎"),
        ("<span>山田太郎</span>", "山田太郎"),
        ("<p>【東京】</p>", ""),
    ] {
        let page = format!(
            "<html lang=ja><title>{JA}：晨鐘新聞デジタル</title><h1>{JA}</h1>{head}<p>2024年3月18日 9時26分</p>TEXT"
        );
        assert_metadata(&page, JA, author);
    }
}

#[test]
fn a_date_without_a_year_is_completed_from_the_bodys_id() {
    let page = format!("<html lang=ja><body id=news20240318_k1><h1>{JA}</h1><p>[03月18日 11時30分]</p>TEXT");
    assert_metadata(&page, JA, "");
}

#[test]
fn korean_pages() {
    for head in [
        "<div class=byline><a>홍길동 기자</a></div><p>입력 2024.03.18. 09:26</p>",
        "<ul><li>기자명 홍길동 기자</li><li>입력 2024.03.18 09:26</li><li>댓글 0</li></ul>",
        "<span>by</span><a>홍길동</a><span class=date>Mar 18. 2024</span>",
        "<p>2024.03.18 09:26</p><p>[서울=새벽뉴스] 홍길동 기자 = 삼월의 어느 아침 가게는 벌써 문을 열었다.</p>",
    ] {
        let page = format!("<html lang=ko><title>{KO} : 문화 : 뉴스 : 새벽신문</title><h1>{KO}</h1>{head}TEXT");
        assert_metadata(&page, KO, "홍길동");
    }
}

#[test]
fn outlets_and_sections_are_not_authors() {
    assert_metadata(
        &format!(
            "<title>{ZH}_新浪新闻</title><meta property=article:author content=晨考消息><meta name=mediaid content=晨考消息>\
             <h1>{ZH}</h1><span class=date>2024年03月18日</span><a class=source>晨考消息</a>TEXT"
        ),
        ZH,
        "",
    );
    assert_metadata(
        &format!("<h1 class=logo>晨钟</h1><title>{ZH}_晨钟网</title><h1>{ZH}</h1><p>2024-03-18</p><p>文化</p>TEXT"),
        ZH,
        "",
    );
}

#[test]
fn a_person_named_twice_wins_over_a_company() {
    let page = "<title>The last binder</title><meta name=author content='Talbote Media Inc.'><meta property=og:type content=article>\
                <h1>The last binder</h1><div class=byline>By <a rel=author>Jane Doe</a></div><p>March 18, 2024</p>TEXT";
    assert_metadata(page, "The last binder", "Jane Doe");
}

#[test]
fn doubly_escaped_references_are_decoded_in_titles_and_names() {
    let page = "<title>Paste &amp;amp; glue&amp;hellip;</title><meta name=author content='Ren&amp;eacute;e Doe'>\
                <h1>Paste &amp;amp; glue&amp;hellip;</h1><p>March 18, 2024</p>TEXT";
    assert_metadata(page, "Paste & glue…", "Renée Doe");
}

#[test]
fn keywords_of_a_complete_site_are_not_tags() {
    let tags = |keywords: &str| {
        let html = format!("<meta name=keywords content='{keywords}'><h1>{ZH}</h1>TEXT");
        let text = "<p>清晨的石板路还湿着，装订铺已经开门，老板把书搬到窗边，借着天光一针一针地缝下去，缝到中午。</p>"
            .repeat(6);
        let page = Page::parse(&RawPage::from_bytes(html.replace("TEXT", &text).into(), None, Origin::Replay, None));
        find(&page, &Scan::of(&page)).metadata.tags.map_or_else(String::new, |tags| tags.value.join(","))
    };
    assert_eq!(tags("装订,手艺"), "装订,手艺");
    assert_eq!(tags("股票,基金"), "");
    let many: Vec<String> = (1..=50).map(|number| format!("栏目{number}")).collect();
    assert_eq!(tags(&(many.join(",") + ",装订")), "");
}

#[test]
fn the_date_above_a_quoted_message_is_ignored() {
    let page = "<h1>[paste] Which glue?</h1><b>Jane Doe</b> <a href=mailto:j>jane at talbote.example</a><br>\
                <i>Mon Mar 18 10:20:30 CEST 2024</i><pre>On Sun, Mar 17, 2024 at 9:00 AM, Jo Roe &lt;<a href=/l>jo at x</a>&gt; wrote:\n\
                &gt; Which glue?\nWheat.</pre>";
    assert!(read(page).ends_with("|2024-03-18"), "{}", read(page));
}

#[test]
fn the_date_of_an_export_is_not_a_publication_date() {
    let page = |when: &str| read(&format!("<article><h1>Paste</h1>TEXT<footer><p>{when}</p></footer></article>"));
    assert!(page("Exported from <a href=/m>Medium</a> on September 21, 2018.").ends_with('|'));
    assert!(page("导出于 2018-09-21").ends_with('|'));
}
