//! Formulas and code blocks are kept complete with the text around them, in any position and notation.

use super::{article, page};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::ImageMap;

const TEXTS: [&str; 4] = [
    "水轮在河湾里转了两百年，春天水位高的时候，一天能磨三百斤麦子，村里的人都到这里来。",
    "磨坊主每天早晨先量水位，再开闸门，量出来的数写在门后的木板上，一天也没有漏过。",
    "后来河上修了水库，水量变得均匀，木板上的数字就不再有大的起伏，他反而觉得有些寂寞。",
    "如今磨坊成了展览馆，木板还挂在门后，孩子们可以照着上面的公式算一算当年的水量。",
];

/// Returns the Markdown of a page with `inset` in four places of its text.
fn around(inset: &str) -> String {
    let body: String = TEXTS.iter().map(|text| format!("{inset}<p>{text}</p>")).collect();
    let menu = "<nav><a href=/>首页</a><a href=/a>关于</a><a href=/b>联系</a></nav>";
    let html = page(&format!("{menu}<article>{body}{inset}</article><footer><a href=/t>使用条款</a></footer>"));
    let profile = Profile { front_matter: false, ..Profile::default() };
    markdown::write(&article(&html), &ImageMap::new(), &profile).body
}

#[test]
fn a_formula_of_any_kind_is_kept_first_last_and_between_paragraphs() {
    for inset in [
        "<script type='math/tex; mode=display'>Q = v A</script>",
        "<div class='MathJax_Preview'></div><div class='MathJax_Display'><span class='MathJax'><nobr>Q=vA</nobr></span></div>\
         <script type='math/tex; mode=display'>Q = v A</script>",
        "<mjx-container class='MathJax CtxtMenu_Attached_0' display='true'><mjx-assistive-mml><math display='block'><semantics>\
         <mi>Q</mi><annotation encoding='application/x-tex'>Q = v A</annotation></semantics></math></mjx-assistive-mml></mjx-container>",
        "<section style='text-align:center'><svg data-latex='Q = v A'><path d='M0'></path></svg></section>",
        "<div data-formula='Q = v A'><svg><path d='M0'></path></svg></div>",
        "<div class='latex-rendered' data-attrs='{\"persistentExpression\":\"Q = v A\"}'></div>",
        "<span class='katex-display'><span class='katex'><span class='katex-mathml'>Q=vAQ = v A</span>\
         <span class='katex-html'>Q=vA</span></span></span>",
    ] {
        let written = around(inset);
        assert_eq!(written.matches("$$Q = v A$$").count(), 5, "{inset}\n{written}");
        assert!(!written.contains("Q=vA"), "{inset}\n{written}");
    }
}

#[test]
fn an_inline_formula_stays_in_its_line() {
    let formula = "<mjx-container class='MathJax CtxtMenu_Attached_0' data-latex='q_0'><svg></svg></mjx-container>";
    let first = format!("{formula} 是早晨的水量，门后的木板上写着它，一天也没有漏过，直到水库修好的那一年。");
    let written = around(&format!("<p>{first}</p><ul><li>水量为 {formula}</li><li>{formula}</li></ul>"));
    assert!(written.contains("$q_0$ 是早晨的水量"), "{written}");
    assert!(written.contains("- 水量为 $q_0$\n- $q_0$"), "{written}");
}

#[test]
fn code_keeps_its_lines_without_labels_and_buttons() {
    let expected = "def f(x):\n    y = x\n\n    return y\n```";
    for inset in [
        "<pre>def f(x):\n    y = x\n\n    return y</pre>",
        "<div class='code-box'><div class='head'><span>Python</span><button>复制代码</button></div>\
         <pre><code>def f(x):\n    y = x\n\n    return y</code></pre></div>",
        "<div data-slate-type='pre'><div><span>1</span><span>2</span><span>3</span><span>4</span></div><div>\
         <div data-slate-type='code-line'>def f(x):</div><div data-slate-type='code-line'>    y = x</div>\
         <div data-slate-type='code-line'></div><div data-slate-type='code-line'>    return y</div></div></div>",
        "<div class='code-list'><ol><li><code>def f(x):</code></li><li><code>&nbsp;&nbsp;&nbsp;&nbsp;y = x</code></li>\
         <li><code></code></li><li><code>&nbsp;&nbsp;&nbsp;&nbsp;return y</code></li></ol></div>",
        "<pre><code><span style='display:flex'><span style='user-select:none'>1</span><span>def f(x):</span></span>\
         <span style='display:flex'><span style='user-select:none'>2</span><span>    y = x</span></span>\
         <span style='display:flex'><span style='user-select:none'>3</span><span></span></span>\
         <span style='display:flex'><span style='user-select:none'>4</span><span>    return y</span></span></code></pre>",
        "<code style='display:block;white-space:pre'>def f(x):\n    y = x\n\n    return y</code>",
        "<table class='highlight'><tr><td class='blob-num' data-line-number=1></td><td class='blob-code'>def f(x):</td></tr>\
         <tr><td class='blob-num'></td><td class='blob-code'>    y = x</td></tr><tr><td class='blob-num'></td><td class='blob-code'>\n</td></tr>\
         <tr><td class='blob-num'></td><td class='blob-code'>    return y</td></tr></table>",
    ] {
        let written = around(inset);
        assert_eq!(written.matches(expected).count(), 5, "{inset}\n{written}");
        assert!(!written.contains("复制") && !written.contains("Python"), "{inset}\n{written}");
    }
}

#[test]
fn a_diagram_in_a_drawing_language_is_code() {
    let written = around("<div class='mermaid'>graph LR\n  A --&gt; B</div>");
    assert_eq!(written.matches("```mermaid\ngraph LR\n  A --> B\n```").count(), 5, "{written}");
}

#[test]
fn the_visible_text_of_an_unreadable_formula_stays_in_place() {
    let written = around(
        "<p>这里是 <mjx-container class='MathJax'><mjx-math><mjx-mi><mjx-c></mjx-c><mjx-utext>量</mjx-utext></mjx-mi></mjx-math></mjx-container> 的公式，木板上的字已经看不清楚了，只好照样留在这里。</p>",
    );
    assert!(written.contains("这里是 量 的公式"), "{written}");
}
