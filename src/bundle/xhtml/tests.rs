use super::*;

struct Nowhere;

impl Targets for Nowhere {
    fn link(&self, href: &str) -> Option<String> {
        href.starts_with("http").then(|| url_escaped(href))
    }

    fn image(&mut self, src: &str) -> ImageTarget {
        match src {
            "a.png" => ImageTarget::Shown("images/a.png".to_owned()),
            "b.avif" => ImageTarget::Linked("https://example.org/b.avif".to_owned()),
            _ => ImageTarget::Text,
        }
    }
}

fn epub(markdown: &str) -> String {
    of_markdown(markdown, "zh-CN", Vocabulary::Epub, &mut Nowhere).text
}

/// Returns whether a text is well-formed XML.
fn is_well_formed(text: &str) -> bool {
    let text = format!("<body xmlns:epub=\"x\">{text}</body>");
    let mut reader = quick_xml::reader::Reader::from_str(&text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[test]
fn what_is_misplaced_becomes_the_nearest_valid_form() {
    for (markdown, expected) in [
        ("<ul>文<p>段</p><li>项</li></ul>", "<ul><li>文<p>段</p></li><li>项</li></ul>\n"),
        ("<dl><dd>先</dd><dt>后</dt></dl>", "<div><div class=\"description\">先</div><p class=\"term\">后</p></div>\n"),
        ("<dl><dt>篾</dt><dd>竹片</dd></dl>", "<dl><dt>篾</dt><dd>竹片</dd></dl>\n"),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "<p><ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby></p>\n"),
        ("<ruby><rt>かん</rt></ruby>", "<p>（かん）</p>\n"),
        ("<div><details>文</details></div>", "<div><div>文</div></div>\n"),
        ("<div><em>一<div>二</div></em>三</div>", "<div><em>一<br/>二</em>三</div>\n"),
        (
            "<div><a href=\"http://a/\">一<a href=\"http://b/\">二</a></a></div>",
            "<div><a href=\"http://a/\">一</a><a href=\"http://b/\">二</a></div>\n",
        ),
        ("<p align=center><center>文</center></p>", "<p></p><div>文</div><p></p>\n"),
        (
            "<table><tr><td colspan=0 rowspan=2>a</td></tr></table>",
            "<table><tbody><tr><td rowspan=\"2\">a</td></tr></tbody></table>\n",
        ),
        ("<td>文</td>", "文\n"),
        // A link that shows nothing is left out; one that shows an image has a name.
        ("一<a href=\"http://a/\"> </a>二", "<p>一 二</p>\n"),
        ("一<a href=\"http://a/\">\u{200b}</a>二", "<p>一\u{200b}二</p>\n"),
        (
            "[![](a.png)](http://a/b.png)",
            "<p><a href=\"http://a/b.png\" aria-label=\"b.png\"><img src=\"images/a.png\" alt=\"\"/></a></p>\n",
        ),
        (
            "[![桥](a.png)](http://a/b.png)",
            "<p><a href=\"http://a/b.png\"><img src=\"images/a.png\" alt=\"桥\"/></a></p>\n",
        ),
    ] {
        assert_eq!(epub(markdown), expected, "{markdown}");
    }
}

#[test]
fn nothing_acts_and_nothing_is_loaded_from_elsewhere() {
    let text = epub(
        "<p onclick=\"x()\">文<script>x()</script><a href='javascript:x()'>链</a><a href=\"#y\">别处</a><svg><a/></svg></p>\n\n\
         <iframe src=\"https://player.example.org/1\" title=\"片\"></iframe>\n\n![一](a.png) ![二](b.avif) ![三](c.png)\n",
    );
    assert_eq!(
        text,
        "<p>文链别处</p>\n<a href=\"https://player.example.org/1\">片</a>\n<p><img src=\"images/a.png\" alt=\"一\"/> \
         <a class=\"image\" href=\"https://example.org/b.avif\">二</a> 三</p>\n"
    );
}

#[test]
fn notes_lead_to_their_text_and_back() {
    let text = epub("文[^1]，又[^二]。\n\n[^1]: 注<b>一</b>。\n[^二]: 注二。\n");
    assert_eq!(
        text,
        "<p>文<sup><a id=\"n1\" href=\"#n3\" epub:type=\"noteref\" role=\"doc-noteref\">1</a></sup>，\
         又<sup><a id=\"n2\" href=\"#n4\" epub:type=\"noteref\" role=\"doc-noteref\">2</a></sup>。</p>\n\
         <section class=\"notes\" epub:type=\"footnotes\">\n\
         <aside id=\"n3\" epub:type=\"footnote\" role=\"doc-footnote\"><p class=\"number\"><a href=\"#n1\" role=\"doc-backlink\">1</a></p>\n\
         <p>注<b>一</b>。 </p>\n</aside>\n\
         <aside id=\"n4\" epub:type=\"footnote\" role=\"doc-footnote\"><p class=\"number\"><a href=\"#n2\" role=\"doc-backlink\">2</a></p>\n\
         <p>注二。 </p>\n</aside>\n</section>\n"
    );
    assert!(!of_markdown("文[^1]\n\n[^1]: 注。\n", "zh", Vocabulary::Html, &mut Nowhere).text.contains("epub:"));
}

#[test]
fn a_link_within_the_text_leads_to_a_target_that_is_there() {
    let text = epub("[下](#x) [上](#%E6%96%87)\n\n<p id=\"x\">甲</p>\n\n<p><a id=\"文\"></a>乙</p>\n");
    assert_eq!(
        text,
        "<p><a href=\"#n1\">下</a> <a href=\"#n2\">上</a></p>\n<p id=\"n1\">甲</p>\n<p><span id=\"n2\"></span>乙</p>\n"
    );
}

#[test]
fn an_image_with_a_line_of_emphasis_below_it_is_a_figure_with_its_caption() {
    let figure =
        "<figure><img src=\"images/a.png\" alt=\"图\"/>\n<figcaption>去年的<b>水位</b></figcaption></figure>\n";
    assert_eq!(epub("![图](a.png)\n*去年的<b>水位</b>*\n"), figure);
    assert!(epub("![图](a.png) 文 *强调*\n").starts_with("<p><img"));
}

#[test]
fn a_link_around_an_image_that_is_not_shown_can_be_seen() {
    assert_eq!(epub("[![](b.avif)](http://a/)"), "<p><a href=\"http://a/\">b.avif</a></p>\n");
    assert_eq!(epub("[![](c.png)](http://a/)"), "<p><a href=\"http://a/\">…</a></p>\n");
}

#[test]
fn headings_have_no_gaps_below_the_title() {
    let text = epub("#### 一\n\n###### 甲\n\n## 二\n\n### 乙\n\n# 三\n");
    assert_eq!(text, "<h2>一</h2>\n<h3>甲</h3>\n<h2>二</h2>\n<h3>乙</h3>\n<h2>三</h2>\n");
}

#[test]
fn callouts_have_a_label_in_the_language_of_the_article() {
    assert!(epub("> [!WARNING]\n> 水深。\n").contains("<p><strong>警告</strong></p>"));
    let own = epub("> [!NOTE]\n> **注意**\n>\n> 水深。\n");
    assert!(own.contains("<strong>注意</strong>") && !own.contains("说明"), "{own}");
}

#[test]
fn sums_of_money_are_not_formulas() {
    assert_eq!(epub("花了5$，又花了6$。"), "<p>花了5$，又花了6$。</p>\n");
    let words = epub("由 $x$ 得\n\n$$f^{**}(x)$$\n\n$$a~~b$$\n\n$n \\text{，否则}$");
    assert_eq!(words.matches("<math ").count(), 4, "{words}");
    assert!(!epub("一家 $$ 的店，另一家 $$$ 的店，第三家 $$ 的店").contains("<math"));
}

#[test]
fn formulas_are_mathml_with_their_source_and_the_same_each_time() {
    let markdown = "由 $E=mc^2$ 得\n\n$$\\mathbf{a}\\le\\frac{b}{c}$$\n\n$`x<y`$";
    let text = epub(markdown);
    assert!(
        text.contains("由 <math alttext=\"E=mc^2\" xmlns=\"http://www.w3.org/1998/Math/MathML\"><mrow><mi>E</mi>"),
        "{text}"
    );
    assert!(
        text.contains("<span class=\"display\"><math alttext=\"\\mathbf{a}\\le\\frac{b}{c}\" display=\"block\" "),
        "{text}"
    );
    assert!(text.contains("<mi>𝐚</mi><mo>≤</mo><mfrac><mi>b</mi><mi>c</mi></mfrac>"), "{text}");
    assert!(text.contains("<mi>x</mi><mo>&lt;</mo><mi>y</mi>") && is_well_formed(&text), "{text}");
    (0..20).for_each(|_| assert_eq!(epub(markdown), text));
}

#[test]
fn a_formula_that_cannot_be_rendered_stays_tex_and_is_counted() {
    let made = of_markdown("$\\nosuch{a}<b$ 与 $a^2$", "zh", Vocabulary::Epub, &mut Nowhere);
    assert!(made.text.starts_with("<p><span class=\"math\">\\nosuch{a}&lt;b</span> 与 <math "), "{}", made.text);
    assert_eq!(made.formulas, FormulaCount { mathml: 1, tex: 1 });
}

#[test]
fn deep_and_broken_markup_stays_well_formed() {
    let deep = format!("{}文{}", "<div><em>".repeat(3000), "</b>".repeat(50));
    let broken = "<table><tr><p>文<li>项</table><b><p>粗</b>体</p><a><a><dl><p><dt><ul></dl>";
    for text in [&deep, broken, "<ol><ol><li><ol>", "<!-- x", "<p><![CDATA[x]]>", "a &nbsp; &bogus; \u{1}"] {
        assert!(is_well_formed(&epub(text)), "{}", epub(text));
    }
}
