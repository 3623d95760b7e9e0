//! Footnotes and internal links, on pages with the structure of real ones.

use std::time::Duration;

use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, Style};
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};

use crate::support::growth::took;

const EN: &str = "Every Friday at four somebody in Lower Marsh lights the oven, and by seven there is a queue in front of it that \
reaches as far as the pump.";
const ZH: &str =
    "三年前，七号楼的屋顶还是一片晒得发烫的水泥地，除了水箱和几根天线，什么也没有，谁也没有想到要上去看看。";

/// Returns a page whose article begins with two paragraphs that end in `first` and `second` and ends with `rest`.
fn page(text: &str, first: &str, second: &str, rest: &str) -> String {
    format!(
        "<title>The village oven</title><nav><a href=/>Home</a><a href=/about>About</a></nav><main><article><h1>The village oven</h1>\
         <p>{text}{first}</p><p>{text}{second}</p><p>{text}</p><p>{text}</p>{rest}</article></main>\
         <footer><p>© 2024 <a href=/terms>Terms of use</a></p></footer>"
    )
}

fn written_with(html: &str, style: Style) -> String {
    let url = "https://oven.example/a".parse().ok();
    let raw = RawPage::from_bytes(html.as_bytes().to_vec(), url, Origin::Replay, None);
    let article = extract(&raw, Options::default()).unwrap();
    let document = markdown::write(&article, &ImageMap::new(), &Profile { style, ..Profile::default() });
    assert_eq!(document.round_trip, [], "{}", document.body);
    document.body
}

fn written(html: &str) -> String {
    written_with(html, Style::default())
}

/// The forms in which sites write two short footnotes: the two references, and the HTML after the text.
const SHAPES: [(&str, &str, &str, &str); 15] = [
    (
        "a list without links back",
        "<a href='#endnote1' class=noteref>(1)</a>",
        "<a href='#endnote2' class=noteref>(2)</a>",
        "<div class=endnotes><h2>Notes</h2><ol><li id=endnote1>Ibid.</li><li id=endnote2>同上，第 12 页。</li></ol></div>",
    ),
    (
        "numbered lines",
        "[<a href='#note1'>1</a>]",
        "<sup><a href='#note2'>2</a></sup>",
        "<p><b>Notes</b></p><p id=note1>1. Ibid.</p><p id=note2>2. 同上，第 12 页。</p>",
    ),
    (
        "anchors in one paragraph",
        "<a href='#n1'>[1]</a>",
        "<a href='#n2'>[2]</a>",
        "<h3>注释</h3><p><a name=n1></a>[1] Ibid.<br><a name=n2></a>[2] 同上，第 12 页。</p>",
    ),
    (
        "Chinese numbers",
        "<a href='#z1' id=b1>〔一〕</a>",
        "<a href='#z2' id=b2><sup>注二</sup></a>",
        "<h4>注释</h4><p id=z1><a href='#b1'>〔一〕</a>Ibid.</p><p id=z2>注二：同上，第 12 页。</p>",
    ),
    (
        "a box called a note",
        "<span class=fn><a href='#k1'>1</a></span>",
        "<span class=fn><a href='#k2'>2</a></span>",
        "<div class=note><p class=notetitle>Notes</p><p id=k1>1. Ibid.</p><p id=k2>2. 同上，第 12 页。</p></div>",
    ),
    (
        "signs",
        "<a class=fnref href='#fa'>*</a>",
        "<a class=fnref href='#fb'>†</a>",
        "<p id=fa>* Ibid.</p><p id=fb>† 同上，第 12 页。</p>",
    ),
    (
        "terms",
        "<a class=fnref href='#fn-a'>a</a>",
        "<a class=fnref href='#fn-b'>b</a>",
        "<h3>Notes</h3><dl class=notes><dt id=fn-a>a</dt><dd>Ibid.</dd><dt id=fn-b>b</dt><dd>同上，第 12 页。</dd></dl>",
    ),
    (
        "hidden",
        "<a href='#h1' role=doc-noteref>1</a>",
        "<a href='#h2' role=doc-noteref>2</a>",
        "<aside id=h1 role=doc-footnote hidden><p>Ibid.</p></aside><p id=h2 role=doc-footnote style='display:none'>同上，第 12 页。</p>",
    ),
    (
        "popovers",
        "<sup><a href='#fn1'>1</a></sup>",
        "<sup><a href='#fn2'>2</a></sup>",
        "<div popover id=fn1 class=footnote>Ibid. <button>Close</button></div><div popover id=fn2 class=footnote>同上，第 12 页。</div>",
    ),
    (
        "attributes",
        "<sup data-footnote='Ibid., p. 1'>1</sup>",
        "<sup class=footnote title='同上，第 12 页。'>2</sup>",
        "",
    ),
    (
        "a margin",
        "<label for=s1 class='margin-toggle sidenote-number'></label><input type=checkbox id=s1 class=margin-toggle><span class=sidenote>Ibid.</span>",
        "<label for=m1 class=margin-toggle>⊕</label><input type=checkbox id=m1 class=margin-toggle><span class=marginnote>同上，第 12 页。</span>",
        "",
    ),
    (
        "marks that lost their links",
        "<sup class=footnote-ref>[1]</sup>",
        "<sup class=footnote-ref>[2]</sup>",
        "<h3>参考资料</h3><section class=footnotes><span class=footnote-item><span class=footnote-num>[1] </span><p>Ibid.</p></span>\
         <span class=footnote-item><span class=footnote-num>[2] </span><p>同上，第 12 页。</p></span></section>",
    ),
    (
        "a journal's references",
        " [<a class=bibr href='#B1'>1</a>]",
        " [<a class=bibr href='#B2'>2</a>]",
        "<h2>References</h2><div id=B1>1. <span>Ibid.</span></div><div id=B2>2. <span>同上，第 12 页。</span></div>",
    ),
    (
        "LibreOffice",
        "<a class=sdfootnoteanc name=sdfootnote1anc href='#sdfootnote1sym'><sup>1</sup></a>",
        "<a class=sdfootnoteanc name=sdfootnote2anc href='#sdfootnote2sym'><sup>2</sup></a>",
        "<div id=sdfootnote1><p><a class=sdfootnotesym name=sdfootnote1sym href='#sdfootnote1anc'>1</a>Ibid.</p></div>\
         <div id=sdfootnote2><p><a class=sdfootnotesym name=sdfootnote2sym href='#sdfootnote2anc'>2</a>同上，第 12 页。</p></div>",
    ),
    (
        "a link back in brackets",
        "<sup><a href='#f_0' id=i_0 class=footnote-link>1</a></sup>",
        "<sup><a href='#f_1' id=i_1 class=footnote-link>2</a></sup>",
        "<ol class=footnotes><li id=f_0>Ibid. [<a href='#i_0' class=footnote-back-link>↩</a>]</li><li id=f_1>同上，第 12 页。 [<a href='#i_1'>↩</a>]</li></ol>",
    ),
];

#[test]
fn short_notes_in_every_form_are_footnotes_and_leave_no_heading_behind() {
    for (name, first, second, rest) in SHAPES {
        for text in [EN, ZH] {
            let body = written(&page(text, first, second, rest));
            let (before, notes) = body.split_at(body.find("[^1]: ").unwrap_or_else(|| panic!("{name}: {body}")));
            assert!(before.contains("[^1]\n") && before.contains("[^2]\n"), "{name}: {body}");
            assert!(notes.starts_with("[^1]: Ibid."), "{name}: {body}");
            assert!(notes.contains("[^2]: 同上，第 12 页。\n"), "{name}: {body}");
            assert!(!body.contains('#') && !body.contains("注释") && !body.contains("Notes"), "{name}: {body}");
        }
    }
}

#[test]
fn a_heading_above_notes_and_other_text_stays() {
    let rest = format!("<h2>Notes</h2><p>{EN} Nobody knows why.</p><ol><li id=e1>Ibid.</li></ol>");
    let body = written(&page(EN, "<sup><a href='#e1'>1</a></sup>", "", &rest));
    assert!(body.contains("## Notes\n\nEvery Friday") && body.contains("[^1]: Ibid."), "{body}");
}

#[test]
fn links_of_a_table_of_contents_and_of_steps_are_not_footnotes() {
    let steps = "<ol><li id=s1>First fill the oven with wood.</li><li id=s2>Then light it.</li><li id=s3>Wait for three hours.</li></ol>";
    let rest = format!("{steps}<p>{EN} See step <a href='#s2'>2</a>.</p><h2 id=one>1. Wood</h2><p>{EN}</p>");
    let body = written(&page(EN, " Go to <a href='#one'>1</a>.", "", &rest));
    assert!(!body.contains("[^"), "{body}");
    assert!(body.contains("[1](#1-wood)"), "{body}");
    assert!(body.contains("step [2](#s2)") && body.contains("2. <a id=\"s2\"></a>Then light it."), "{body}");
}

#[test]
fn exponents_are_not_footnotes() {
    let rest =
        "<h2>Notes</h2><ol><li>Bring your own cup to the next meeting.</li><li>Own count of all the cups.</li></ol>";
    let body = written(&page(EN, " It takes 20 m<sup>2</sup>.", "", rest));
    assert!(body.contains("m<sup>2</sup>") && !body.contains("[^"), "{body}");
}

#[test]
fn a_note_may_refer_to_another() {
    let notes = "<ol class=footnotes><li id=n1>See <a href='#n2'>[2]</a>. <a href='#r1'>↩</a></li><li id=n2>Ibid. <a href='#r2'>↩</a></li></ol>";
    let body =
        written(&page(EN, "<sup id=r1><a href='#n1'>1</a></sup>", "<sup id=r2><a href='#n2'>2</a></sup>", notes));
    assert!(body.contains("[^1]: See [^2].\n\n[^2]: Ibid.\n"), "{body}");
}

#[test]
fn an_inline_note_does_not_split_its_paragraph() {
    let body = written(&page(EN, "<d-footnote>Ibid.</d-footnote> 后来又种了菜。", "", ""));
    assert!(body.contains("pump.[^1] 后来又种了菜。\n") && body.ends_with("[^1]: Ibid.\n"), "{body}");
}

#[test]
fn footnotes_keep_the_pages_own_numbers() {
    let notes = "<ol class=footnotes start=3><li id=n3>Ibid.</li><li id=n4>Own.</li></ol>";
    let body = written(&page(EN, "<a class=fnref href='#n3'>3</a>", "<a class=fnref href='#n4'>4</a>", notes));
    assert!(body.contains("[^3]: Ibid.") && body.contains("[^4]: Own."), "{body}");
}

#[test]
fn internal_links_point_to_headings_by_their_rendered_names() {
    let rest = format!(
        "<h2 id=a>What, <em>really</em>?</h2><p>{EN}</p><section id=b><h2>What, really?</h2><p>{EN}</p></section>\
         <a name='c d'></a><h3>规矩的来历！<a href='#c d' class=headerlink>¶</a></h3><p>{EN}</p><h3>Last<a id=e></a></h3><p>{EN}</p>"
    );
    let links =
        " <a href='#a'>A</a> <a href='#b'>B</a> <a href='#c%20d'>C</a> <a href='https://oven.example/a#e'>E</a>";
    let body = written(&page(EN, links, "", &rest));
    let wanted = "[A](#what-really) [B](#what-really-1) [C](#规矩的来历) [E](#last)";
    assert!(body.contains(wanted) && !body.contains("¶") && !body.contains("<a id"), "{body}");
}

#[test]
fn links_to_other_places_point_to_anchors_or_the_page_or_are_removed() {
    let rest = format!("<p id=here>{EN}</p><pre id=code>let x = 1;</pre><p>{EN}</p>");
    let links = " <a href='#here'>A</a> <a href='#code'>B</a> <a href='#gone'>C</a> <a href='#'>D</a>";
    let html = page(EN, links, "", &rest);
    let body = written(&html);
    assert!(body.contains("[A](#here) [B](#code) [C](https://oven.example/a#gone) D"), "{body}");
    assert!(body.contains("<a id=\"here\"></a>Every") && body.contains("<a id=\"code\"></a>\n\n```"), "{body}");
    let body = written_with(&html, Style { html: false, ..Style::default() });
    assert!(body.contains(" A B [C](https://oven.example/a#gone) D") && !body.contains("<a "), "{body}");
}

#[test]
fn thousands_of_notes_and_of_references_deep_in_the_page_are_read() {
    let note = |n: usize| {
        format!(
            "<p id=fn{n} class=footnote>{n}. Note <a href='#fn{}'>[{}]</a> <a href='#fn{}'>[2]</a></p>",
            n % 5000 + 1,
            n % 900 + 1,
            n * 7 % 5000 + 1
        )
    };
    let notes: String = (1..=5000).map(note).collect();
    let deep = format!("{}<p>x <sup><a href='#fn1'>1</a></sup></p>{}", "<div>".repeat(400), "</div>".repeat(400));
    let html = page(EN, "<sup><a href='#fn1'>1</a></sup>", "", &format!("{notes}{}", deep.repeat(20)));
    let time = took(|| drop(written(&html)));
    assert!(time < Duration::from_secs(20), "{time:?}");
}

#[test]
fn uncited_sources_are_kept_with_cited_ones() {
    let cited = [1, 2, 3, 5, 6].map(|n| format!("<p>{ZH}<sup><a href='#r{n}'>[{n}]</a></sup></p>")).concat();
    let sources = (1..=8).map(|n| format!("<li id=r{n}>林远. 屋顶志. {}. 第{n}卷.</li>", 1990 + n)).collect::<String>();
    for list in [
        format!("<section><h2>参考文献</h2><ol class=ref-list>{sources}</ol></section>"),
        format!("<div class=sidebar-block><ol>{sources}</ol></div>"),
    ] {
        let text = written(&format!("<title>屋顶</title><article><h1>屋顶</h1>{cited}</article>{list}"));
        for n in 1..=8 {
            assert!(text.contains(&format!("第{n}卷")), "{n}: {text}");
        }
    }
}
