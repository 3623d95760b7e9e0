//! Each option of style does what it says, and what it says reads back.

use bindery::frontmatter::{Bullets, Flavour, Headings, Style};

use super::document;

fn written(html: &str, style: Style) -> String {
    let document = document(html, style);
    assert_eq!(document.round_trip, [], "{}", document.body);
    document.body
}

#[test]
fn headings_may_be_underlined() {
    let style = Style { headings: Headings::Setext, ..Style::default() };
    assert_eq!(
        written("<h1>One</h1><p>a</p><h2>二</h2><h3>Three</h3><h2># x</h2><h2>1. y</h2>", style),
        "One\n===\n\na\n\n二\n---\n\n### Three\n\n## # x\n\n## 1. y\n"
    );
    assert_eq!(written("<ul><li>a<h2>In</h2></li></ul>", style), "- a\n  ## In\n");
}

#[test]
fn lists_may_have_another_marker() {
    let lists = "<ul><li>a</li></ul><ul><li>b</li></ul>";
    let marked = |bullets| written(lists, Style { bullets, ..Style::default() });
    assert_eq!(marked(Bullets::Dash), "- a\n\n* b\n");
    assert_eq!(marked(Bullets::Star), "* a\n\n- b\n");
    assert_eq!(marked(Bullets::Plus), "+ a\n\n* b\n");
}

#[test]
fn plain_commonmark_has_no_extension() {
    let style = Style { flavour: Flavour::CommonMark, ..Style::default() };
    assert_eq!(written("<p><del>x</del></p>", style), "<del>x</del>\n");
    assert_eq!(written("<ul><li><input type=checkbox checked> a</li></ul>", style), "- ☑ a\n");
    let table = written("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", style);
    assert!(table.starts_with("<table>") && table.contains("<tr><td>1</td><td>2</td></tr>"), "{table}");
    let note = "<p>T<a href='#fn1' class='footnote-ref' id='r1'>1</a></p>\
                <div class='footnotes'><ol><li id='fn1'>N <a href='#r1'>↩</a></li></ol></div>";
    assert_eq!(document(note, style).body, "T\\[1\\]\n\n\\[1\\] N\n");
}

#[test]
fn html_may_be_forbidden() {
    let style = Style { html: false, ..Style::default() };
    let html = "<p>x<sub>2</sub> <kbd>K</kbd> <q>q</q> 是<strong>“引”</strong>后</p><details><summary>S</summary>B</details>\
                <iframe src='https://v.example/1'></iframe><table><tr><th>a</th></tr><tr><td>b<br>c</td></tr></table>";
    let text = written(html, style);
    assert_eq!(text, "x2 K “q” 是“引”后\n\n**S**\n\nB\n\n<https://v.example/1>\n\n| a |\n| --- |\n| b c |\n");
}

#[test]
fn marks_that_leave_nothing_part_nothing() {
    let style = Style { html: false, ..Style::default() };
    assert_eq!(written("<p><u><code>一</code></u><code>`二</code></p>", style), "``一`二``\n");
    let formula = "<math alttext='x'><mi>x</mi></math>";
    assert_eq!(written(&format!("<p>{formula}<sub>2</sub> {formula}</p>"), style), "$`x`$2 $x$\n");
    let quoted = "<math alttext='a`b'><mi>x</mi></math>";
    assert_eq!(written(&format!("<p>{quoted}<code>c</code></p>"), style), "$`a\\lq b`$`c`\n");
}

#[test]
fn the_check_may_be_left_out() {
    let html = "<p>a</p>";
    let unchecked = document(html, Style { check: false, ..Style::default() });
    assert_eq!((unchecked.body.as_str(), unchecked.round_trip.len()), ("a\n", 0));
}

#[cfg(feature = "htmd")]
#[test]
fn htmd_writes_the_same_article_and_its_losses_are_named() {
    use bindery::frontmatter::Engine;

    let style = Style { engine: Engine::Htmd, ..Style::default() };
    let plain = document("<h2>题</h2><p>一 <strong>二</strong></p>", style);
    assert_eq!((plain.body.as_str(), plain.round_trip.len()), ("## 题\n\n一 **二**\n", 0));
    let lossy = document("<p>text &amp;amp;</p>", style);
    assert_eq!(lossy.round_trip[0].to_string(), "words: the page has “text &amp;”, the Markdown “text &”");
}

#[test]
fn a_reference_to_a_note_that_says_nothing_is_a_raised_number() {
    let html = "<p>书脊修好了。<a href=#n1 id=r1><sup>[1]</sup></a>书口还没有。<a href=#n2 id=r2><sup>[2]</sup></a></p>\
        <ol class=footnotes><li id=n1><a href=#r1>↩</a></li><li id=n2>见第三章。<a href=#r2>↩</a></li></ol>";
    let body = super::document(html, Style::default()).body;
    assert!(!body.contains("[^1]") && body.contains("[^2]: 见第三章。"), "{body}");
    assert!(body.contains("1\\]") || body.contains(">1<") || body.contains("[1]"), "the number is there: {body}");
}
