//! Each construct is written as expected and reads back; depth costs nothing.

use super::check::{Emphasis, canonical, hexo_markdown, markdown, render};
use super::{html, text};
use crate::frontmatter::Profile;
use crate::model::ImageMap;
use crate::model::tree::{Element, Tree};

/// Rows of HTML and the Markdown expected of it, which must render back to the same.
const SAME: &[(&str, &str)] = &[
    // Paragraphs and white space.
    ("<p>一段。</p><p>又一段。</p>", "一段。\n\n又一段。\n"),
    ("<p> a \n b\tc </p>", "a b c\n"),
    ("<p>a<br>b</p>", "a\\\nb\n"),
    // Headings.
    ("<h1>一</h1><h6>C#</h6>", "# 一\n\n###### C#\n"),
    ("<h2>a #</h2><h3>##</h3>", "## a \\#\n\n### #\\#\n"),
    ("<h2><a href='https://a.cn/x'>标题</a> <em>二</em></h2>", "## [标题](https://a.cn/x) *二*\n"),
    // Emphasis.
    ("<p><strong>a</strong> <em>b</em> <del>c</del></p>", "**a** *b* ~~c~~\n"),
    ("<p>中<strong>文</strong>字</p>", "中**文**字\n"),
    ("<p>a<strong> b </strong>c</p>", "a **b** c\n"),
    ("<p><em>a</em><strong>b</strong></p>", "*a*__b__\n"),
    ("<p><strong><em>x</em></strong></p>", "**_x_**\n"),
    ("<p><em><strong>x</strong></em></p>", "***x***\n"),
    ("<p>中<em><strong>文</strong></em>字</p>", "中***文***字\n"),
    ("<p>这是<strong>我想做的事。</strong>所以继续。</p>", "这是<strong>我想做的事。</strong>所以继续。\n"),
    ("<p>会谈<em>（某某网）</em>后</p>", "会谈<em>（某某网）</em>后\n"),
    ("<p>a<strong>《书》</strong>b</p>", "a<strong>《书》</strong>b\n"),
    ("<p>他说，<strong>“引语”</strong>，又说。</p>", "他说，**“引语”**，又说。\n"),
    ("<p><strong>本文系独家稿件，不得转载。</strong> </p>", "**本文系独家稿件，不得转载。**\n"),
    ("<p>x<del>，</del>y</p>", "x<del>，</del>y\n"),
    (
        "<p>H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> <mark>m</mark> <ins>i</ins></p>",
        "H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> <mark>m</mark> <ins>i</ins>\n",
    ),
    ("<p><ruby>漢<rt>かん</rt></ruby>字</p>", "<ruby>漢<rt>かん</rt></ruby>字\n"),
    // Code.
    ("<p>用 <code>a*b</code> 和 <code>`x`</code></p>", "用 `a*b` 和 `` `x` ``\n"),
    ("<p><code>a ``b</code></p>", "`a ``b`\n"),
    ("<pre><code class='language-rust'>fn a() {\n\n    b\n}\n</code></pre>", "```rust\nfn a() {\n\n    b\n}\n```\n"),
    ("<pre><code>```\n</code></pre>", "````\n```\n````\n"),
    ("<ul><li>a<pre><code>x\n\ny</code></pre></li></ul>", "- a\n  ```\n  x\n\n  y\n  ```\n"),
    // Links.
    ("<p><a href='/a(b)c' title='t \"q\"'>x [y]</a></p>", "[x \\[y\\]](/a(b)c \"t \\\"q\\\"\")\n"),
    ("<p><a href='/a b'>x</a> <a href='/a)b'>y</a></p>", "[x](</a b>) [y](</a)b>)\n"),
    ("<p><a href='?a=1&amp;copy;=2'>x</a></p>", "[x](?a=1&amp;copy;=2)\n"),
    ("<p><a href='https://a.cn/x'>https://a.cn/x</a></p>", "<https://a.cn/x>\n"),
    ("<p>!<a href='/x'>x</a></p>", "\\![x](/x)\n"),
    // Images.
    ("<p><img src='a b.png' alt='x]y'></p>", "![x\\]y](<a b.png>)\n"),
    ("<p>文<img src='a.png' alt='*'>字</p>", "文![*](a.png)字\n"),
    ("<p><a href='/big'><img src='a.png' alt='图'></a></p>", "[![图](a.png)](/big)\n"),
    // Lists.
    ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c\n"),
    ("<ol start='9'><li>a</li><li>b</li></ol>", "9. a\n10. b\n"),
    ("<ol start='9'><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "9. a\n10. b\n    - c\n"),
    ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n\n- b\n"),
    ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b\n"),
    ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b\n"),
    ("<ul><li>a</li><li></li><li>b</li></ul>", "- a\n-\n- b\n"),
    ("<ul><li><hr></li><li>a</li></ul>", "- ___\n- a\n"),
    ("<ul><li><ul><li>a</li></ul></li></ul>", "- - a\n"),
    ("<ul><li><blockquote><p>a</p></blockquote></li></ul>", "- > a\n"),
    // Quotes and rules.
    (
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote><ul><li>c</li></ul></blockquote>",
        "> a\n>\n> > b\n>\n> - c\n",
    ),
    ("<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>", "> a\n\n> b\n"),
    ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb\n"),
    // Tables.
    (
        "<table><thead><tr><th>a</th><th align=right>b</th></tr></thead><tr><td>1|2</td><td align=right><code>x|y</code></td></tr></table>",
        "| a | b |\n| --- | --: |\n| 1\\|2 | `x\\|y` |\n",
    ),
    // Text that looks like Markdown.
    ("<p>&amp;amp; &amp;copy; AT&amp;T &amp;#35;</p>", "\\&amp; \\&copy; AT&T \\&#35;\n"),
    ("<p>~~x~~ 3~5天</p>", "\\~\\~x\\~\\~ 3\\~5天\n"),
    ("<p>约3~5天</p>", "约3~5天\n"),
    ("<p>2021-06-17 a_b c_d_e （*注） 2 * 3 * 4</p>", "2021-06-17 a_b c_d_e （*注） 2 * 3 * 4\n"),
    ("<p>（*注）</p>", "（*注）\n"),
    ("<p>*a* _b_ `c`</p>", "\\*a\\* \\_b\\_ \\`c\\`\n"),
    (
        "<p># a</p><p>#a</p><p>+ b</p><p>- c</p><p>1. d</p><p>2) e</p><p>3.5</p><p>&gt; f</p>",
        "\\# a\n\n#a\n\n\\+ b\n\n\\- c\n\n1\\. d\n\n2\\) e\n\n3.5\n\n\\> f\n",
    ),
    (
        "<p>---</p><p>***</p><p>===</p><p>a<br>===</p><p>a<br>---</p>",
        "\\---\n\n\\***\n\n===\n\na\\\n\\===\n\na\\\n\\---\n",
    ),
    ("<p>a | b<br>--- | ---</p>", "a | b\\\n\\--- | ---\n"),
    ("<p>[a](b) [c]: d [1] ![x](y)</p>", "[a\\](b) [c\\]: d [1] ![x\\](y)\n"),
    ("<p>&lt;b> 1 &lt; 2 &lt;!-- x&lt;3</p>", "\\<b> 1 < 2 \\<!-- x<3\n"),
    ("<p>C:\\dir \\* \\</p>", "C:\\dir \\\\* \\\\\n"),
    ("<ul><li>[ ] a</li><li>[x] b</li></ul>", "- \\[ ] a\n- \\[x] b\n"),
    ("<p>[^1] x</p><p>[^1]: y</p>", "\\[^1] x\n\n\\[^1\\]: y\n"),
    ("<p>~~~</p><p>```</p>", "\\~\\~\\~\n\n\\`\\`\\`\n"),
];

/// Rows whose rendering is not that of their source, with the HTML a reader of the Markdown gets.
const OTHER: &[(&str, &str, &str)] = &[
    // A source's line break between Han characters, or a Han character and a digit, is not a space.
    (
        "<p>当地时间\n6月16日，\n他说“好”\n，a\nb</p>",
        "当地时间 6月16日，他说“好”，a b\n",
        "<p>当地时间 6月16日，他说“好”，a b</p>",
    ),
    ("<p>使用\nRust 语言</p>", "使用 Rust 语言\n", "<p>使用 Rust 语言</p>"),
    ("<p>한국어\n문장</p>", "한국어 문장\n", "<p>한국어 문장</p>"),
    ("<p>　　首行缩进&nbsp;</p>", "首行缩进\n", "<p>首行缩进</p>"),
    ("<p>a&nbsp;b <code>c&nbsp;d</code></p>", "a\u{a0}b `c\u{a0}d`\n", "<p>a\u{a0}b <code>c\u{a0}d</code></p>"),
    ("<p>a<br> <br>b</p>", "a\n\nb\n", "<p>a</p><p>b</p>"),
    // A table without header cells.
    (
        "<table><tr><td>a</td><td>c</td></tr></table>",
        "| | |\n| --- | --- |\n| a | c |\n",
        "<table><tr><th></th><th></th></tr><tr><td>a</td><td>c</td></tr></table>",
    ),
    // Cells that span.
    (
        "<table><tr><th>a</th><th colspan=2>b</th></tr><tr><td rowspan=2>1</td><td>2</td><td>3</td></tr><tr><td>4</td><td>5</td></tr></table>",
        "| a | b | |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| | 4 | 5 |\n",
        "<table><tr><th>a</th><th>b</th><th></th></tr><tr><td>1</td><td>2</td><td>3</td></tr><tr><td></td><td>4</td><td>5</td></tr></table>",
    ),
    (
        "<table><caption>表一</caption><tr><th>a<th>b</tr><tr><td><p>x</p><p>y</p></td><td>z<br>w</td></tr></table>",
        "表一\n\n| a | b |\n| --- | --- |\n| x<br>y | z<br>w |\n",
        "<p>表一</p><table><tr><th>a</th><th>b</th></tr><tr><td>x<br>y</td><td>z<br>w</td></tr></table>",
    ),
    // A layout table.
    ("<table><tr><td><p>a</p><ul><li>b</li></ul></td></tr></table>", "a\n\n- b\n", "<p>a</p><ul><li>b</li></ul>"),
    (
        "<table><tr><td><table><tr><td>1</td><td>2</td></tr></table></td><td>x</td></tr></table>",
        "| | |\n| --- | --- |\n| 1 | 2 |\n\nx\n",
        "<table><tr><th></th><th></th></tr><tr><td>1</td><td>2</td></tr></table><p>x</p>",
    ),
    // Figures.
    (
        "<figure><img src='a.png' alt='图'><figcaption>报道截图</figcaption></figure>",
        "![图](a.png)\n*报道截图*\n",
        "<p><img src=a.png alt=图> <em>报道截图</em></p>",
    ),
    (
        "<figure><p><img src='a.png'> </p><img src='b.png'><figcaption><p>图为<b>会谈</b>（某某 摄）</p></figcaption></figure>",
        "![](a.png)\n![](b.png)\n*图为**会谈**（某某 摄）*\n",
        "<p><img src=a.png> <img src=b.png> <em>图为<strong>会谈</strong>（某某 摄）</em></p>",
    ),
    // Blocks inside links and emphasis.
    (
        "<a href='/x'><h3>题</h3><p>文</p></a>",
        "### [题](/x)\n\n[文](/x)\n",
        "<h3><a href='/x'>题</a></h3><p><a href='/x'>文</a></p>",
    ),
    ("<strong><p>a</p><p>b</p></strong>", "**a**\n\n**b**\n", "<p><strong>a</strong></p><p><strong>b</strong></p>"),
    ("<p><strong>a<strong>b</strong></strong><b>c</b></p>", "**abc**\n", "<p><strong>abc</strong></p>"),
    ("text <b>bold</b><p>p</p>tail", "text **bold**\n\np\n\ntail\n", "<p>text <b>bold</b></p><p>p</p><p>tail</p>"),
    ("<p>a\u{200b}b</p>", "ab\n", "<p>ab</p>"),
    ("<ul><li>a<ul><li></li></ul></li></ul>", "- a\n\n  -\n", "<ul><li><p>a</p><ul><li></li></ul></li></ul>"),
    (
        "<ul><li>a<ol start=3><li>b</li></ol></li><li>c</li></ul>",
        "- a\n\n  3. b\n\n- c\n",
        "<ul><li><p>a</p><ol start=3><li>b</li></ol></li><li><p>c</p></li></ul>",
    ),
    // What a link may not do.
    ("<p><a href='java\nscript:x()'>a</a> <a href='/x'> </a>b</p>", "a b\n", "<p>a b</p>"),
    // Task lists, wherever the box stands.
    (
        "<ul><li><input type=checkbox checked> 做</li><li><label><input type=checkbox>未</label></li></ul>",
        "- [x] 做\n- [ ] 未\n",
        "<ul><li><input checked> 做</li><li><input> 未</li></ul>",
    ),
    // What Markdown has no form for.
    ("<dl><dt>词</dt><dd>义</dd></dl>", "**词**\n\n义\n", "<p><strong>词</strong></p><p>义</p>"),
    (
        "<details><summary>题</summary><p>文</p></details>",
        "<details>\n<summary>题</summary>\n\n文\n\n</details>\n",
        "<details><summary>题</summary><p>文</p></details>",
    ),
    (
        "<iframe src='https://v.cn/1' title='视频'></iframe>",
        "[视频](https://v.cn/1)\n",
        "<p><a href='https://v.cn/1'>视频</a></p>",
    ),
    (
        "<video src='https://v.cn/1.mp4'>none</video>",
        "<video src=\"https://v.cn/1.mp4\" controls></video>\n",
        "<p><video src='https://v.cn/1.mp4'></video></p>",
    ),
    ("<p><q>a<q>b</q></q></p>", "<q>a<q>b</q></q>\n", "<p><q>a<q>b</q></q></p>"),
    // Numbers that do not count on by one.
    ("<ol><li>a</li><li value=5>b</li></ol>", "1. a\n\n5) b\n", "<ol><li>a</li></ol><ol start=5><li>b</li></ol>"),
    ("<ol reversed><li>a</li><li>b</li></ol>", "2. a\n\n1) b\n", "<ol start=2><li>a</li></ol><ol><li>b</li></ol>"),
    // A list in a list, as old pages write it.
    (
        "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>",
        "- a\n  - b\n- c\n",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    ),
    ("<p><code>a</code><code>b</code></p>", "`ab`\n", "<p><code>ab</code></p>"),
    ("<h2>a<br>b</h2>", "## a b\n", "<h2>a b</h2>"),
    ("<p>a\u{1}b\u{7f}c</p>", "abc\n", "<p>abc</p>"),
];

#[test]
fn each_construct_is_written_as_expected_and_renders_back_to_the_same() {
    for (source, expected) in SAME {
        assert_eq!(markdown(source), *expected, "{source}");
        assert_eq!(
            canonical(&render(expected, Emphasis::CommonMark)).replace("%20", " "),
            canonical(source),
            "{source}\n{expected}"
        );
    }
}

#[test]
fn what_markdown_cannot_say_keeps_its_text_and_order() {
    for (source, expected, rendered) in OTHER {
        assert_eq!(markdown(source), *expected, "{source}");
        assert_eq!(
            canonical(&render(expected, Emphasis::CommonMark)).replace(" type=checkbox", ""),
            canonical(rendered),
            "{source}\n{expected}"
        );
    }
}

#[test]
fn hexo_finds_no_template_marker_and_readers_see_them_all() {
    let rows = [
        ("<p>{{ a }} {% b %} {# c #}</p>", "&#123;{ a }&#125; &#123;% b %&#125; &#123;# c #&#125;\n"),
        ("<p><a href='/{{x}}'>y</a></p>", "[y](/%7B%7Bx%7D%7D)\n"),
        ("<p><code>{{ a }}</code> <code>{a}</code></p>", "<code>&#123;&#123; a &#125;&#125;</code> `{a}`\n"),
        (
            "<p><img src='/a.png' alt='{{a}}' title='{{b}}'></p>",
            "![&#123;{a}&#125;](/a.png \"&#123;&#123;b&#125;&#125;\")\n",
        ),
    ];
    for (source, expected) in rows {
        let written = hexo_markdown(source);
        assert_eq!(written, expected);
        let plain = canonical(&render(&written, Emphasis::CommonMark)).replace("%7B", "{").replace("%7D", "}");
        assert_eq!(plain, canonical(source), "{written}");
    }
}

fn nested(names: &[&'static str], depth: usize) -> Tree {
    let mut tree = Tree::new();
    let mut at = tree.root();
    for level in 0..depth {
        let name = names[level % names.len()];
        at = tree.append_element(at, Element::new(name));
        if level % 1_000 == 0 {
            tree.append_text(at, "文");
        }
    }
    tree.append_text(at, "底");
    tree
}

/// `benches/depth.rs` measures the time of the same shapes.
#[test]
fn depth_costs_no_stack_and_loses_nothing() {
    let shapes: [&[&'static str]; 9] = [
        &["div"],
        &["blockquote"],
        &["ul", "li"],
        &["ol", "li", "blockquote", "p"],
        &["strong"],
        &["sub", "em", "div"],
        &["table", "tr", "td"],
        &["figure", "figcaption", "a"],
        &["h2", "code", "q"],
    ];
    for names in shapes {
        let tree = nested(names, 100_000);
        let written = super::body(&tree, &ImageMap::new(), &Profile::default());
        assert_eq!(written.matches('文').count(), 100, "{names:?}");
        assert_eq!(written.matches('底').count(), 1, "{names:?}");
        assert!(written.len() < 2_000_000, "{names:?}: {}", written.len());
        assert_eq!(text(&tree).matches('文').count(), 100);
        assert_eq!(html(&tree, &ImageMap::new()).matches('文').count(), 100);
    }
}

#[test]
fn every_text_ends_in_one_newline_with_no_spaces_at_line_ends() {
    for source in SAME.iter().map(|row| row.0).chain(OTHER.iter().map(|row| row.0)) {
        let written = markdown(source);
        assert!(written.ends_with('\n') && !written.ends_with("\n\n"), "{written:?}");
        assert!(!written.contains(" \n") && !written.contains("\n\n\n"), "{written:?}");
    }
    assert_eq!(markdown("<p> </p><div><br></div><ul></ul><blockquote> </blockquote>"), "");
}
