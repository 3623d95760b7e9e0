//! Tests with hostile text, marks and blocks from fixed pseudo-random sequences: all of it must read back.

use super::check::{Emphasis, canonical, hexo_markdown, markdown, render, tree};

/// A fixed pseudo-random sequence: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 76] = [
            "*",
            "**",
            "_",
            "__",
            "~",
            "~~",
            "`",
            "``",
            "[",
            "]",
            "](x)",
            "[^1]",
            "!",
            "![",
            "<",
            ">",
            "</b>",
            "<b>",
            "<!--",
            "<http://a.cn>",
            "&",
            "&amp;",
            "&#35;",
            "\\",
            "\\*",
            "|",
            "#",
            "##",
            "+",
            "-",
            "---",
            "=",
            "===",
            "1.",
            "2)",
            "10",
            ":",
            ": ",
            "]: ",
            "(",
            ")",
            "'",
            "\"",
            "{",
            "{{",
            "}}",
            "{%",
            "%",
            "$",
            "^",
            ";",
            "/",
            "http://a.cn/x_y",
            "https://b.cn",
            "www.c.cn",
            "a@b.cn",
            "中",
            "文字",
            "。",
            "，",
            "（",
            "）",
            "“",
            "”",
            "《",
            "》",
            "￥",
            "＋",
            "é",
            "x",
            "yz",
            " ",
            " ",
            "  ",
            "—",
            "…",
        ];
        let count = 1 + self.below(9);
        (0..count).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[test]
fn hostile_text_reads_back_in_every_context() {
    let places: [(&str, &str); 14] = [
        ("<p><a href=\"/u\"><code>", "</code></a></p>"),
        ("<p>[<code>", "</code></p>"),
        ("<p>", "</p>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><th>a</th><th>", "</th></tr></table>"),
        ("<h2>", "</h2>"),
        ("<p><a href=\"/u\">", "</a></p>"),
        ("<p>中<strong>", "</strong>文</p>"),
        ("<p><em>", "</em></p>"),
        ("<blockquote><p>", "</p></blockquote>"),
        ("<p>a<br>", "<br>b</p>"),
        ("<p>x<del>", "</del> <code>c</code></p>"),
        ("<p><b>", "</b><i>i</i></p>"),
        ("<p>q<sub>", "</sub>！</p>"),
    ];
    let mut random = Random(20_210_617);
    for round in 0..2_000 {
        let text = random.text();
        if text.trim().is_empty() {
            continue;
        }
        for (open, close) in places {
            let source = format!("{open}{}{close}", quoted(&text));
            let written = markdown(&source);
            for emphasis in [Emphasis::CommonMark, Emphasis::CjkFriendly] {
                let rendered = render(&written, emphasis);
                let rendered = if open.contains("href") { rendered } else { without_bare_links(&rendered) };
                assert_eq!(
                    canonical(&rendered),
                    canonical(&source),
                    "round {round}, {emphasis:?}: {text:?} in {open}: {written:?}"
                );
            }
        }
    }
}

/// Returns nested marks with Chinese and European words, punctuation and spaces at their edges.
fn inline(random: &mut Random, used: &mut Vec<&'static str>, depth: usize) -> String {
    const WORDS: [&str; 16] =
        ["中", "文。", "“引”", "（注）", "a", " b", "c ", " ", ", ", "!", "《书》", "3", "*", "_x", "~", "é"];
    const MARKS: [&str; 8] = ["strong", "em", "del", "code", "sub", "kbd", "a", "mark"];
    let mut out = String::new();
    for _ in 0..1 + random.below(4) {
        let mark = MARKS[random.below(MARKS.len())];
        match random.below(3) {
            0 if depth > 0 && !used.contains(&mark) && !used.contains(&"code") => {
                used.push(mark);
                let inner = inline(random, used, depth - 1);
                used.pop();
                let attributes = if mark == "a" { " href=\"/u\"" } else { "" };
                // Without a letter the mark would be empty.
                out.push_str(&format!("<{mark}{attributes}>{inner}字</{mark}>"));
            }
            1 if depth > 0 && random.below(4) == 0 && used.is_empty() => {
                out.push_str("x<img src=\"/i.png\" alt=\"图\">")
            }
            _ => out.push_str(WORDS[random.below(WORDS.len())]),
        }
    }
    out
}

#[test]
fn nested_marks_read_back_with_any_characters_at_their_edges() {
    let mut random = Random(42);
    for round in 0..6_000 {
        let source = format!("<p>始{}终</p>", inline(&mut random, &mut Vec::new(), 3));
        let written = markdown(&source);
        for emphasis in [Emphasis::CommonMark, Emphasis::CjkFriendly] {
            let rendered = render(&written, emphasis);
            // Adjacent marks of one kind are written as one, and so are adjacent code spans.
            let joined = |text: String| {
                ["strong", "em", "del", "code"]
                    .iter()
                    .fold(text, |text, name| text.replace(&format!("</{name}><{name}>"), ""))
            };
            assert_eq!(
                joined(canonical(&rendered)),
                joined(canonical(&source)),
                "round {round}, {emphasis:?}: {source}\n{written}"
            );
        }
    }
}

/// Returns nested lists, quotes and leaves of all kinds.
fn block(random: &mut Random, depth: usize) -> String {
    let words = ["一段", "text", "1. x", "- y", "# z", "> q", "a | b", "---", "*", "`"];
    let mut word = || quoted(words[random.below(words.len())]);
    let leaf = [
        format!("<p>{}</p>", word()),
        format!("<h3>{}</h3>", word()),
        format!("<pre><code>{}\n\n  {}\n</code></pre>", word(), word()),
        "<hr>".to_owned(),
        format!("<table><tr><th>{}</th><th>b</th></tr><tr><td>{}</td><td></td></tr></table>", word(), word()),
        format!("<p>{}<br>{}</p>", word(), word()),
    ];
    if depth == 0 || random.below(3) == 0 {
        return leaf[random.below(leaf.len())].clone();
    }
    let inner =
        |random: &mut Random| -> String { (0..1 + random.below(3)).map(|_| block(random, depth - 1)).collect() };
    match random.below(4) {
        0 => format!("<blockquote>{}</blockquote>", inner(random)),
        1 => format!("<ul><li>{}</li><li>{}</li></ul>", inner(random), inner(random)),
        2 => format!(
            "<ol start=\"{}\"><li>{}</li><li>字{}</li></ol>",
            1 + random.below(3) * 9,
            inner(random),
            inner(random)
        ),
        _ => format!("<ul><li>{}</li><li></li><li>字<ul><li>{}</li></ul></li></ul>", inner(random), inner(random)),
    }
}

#[test]
fn nested_blocks_read_back() {
    let mut random = Random(5);
    for round in 0..2_000 {
        let source: String = (0..1 + random.below(3)).map(|_| block(&mut random, 3)).collect();
        let written = markdown(&source);
        // In Markdown, whether the only line of an item is a paragraph depends on the other items.
        let same = |html: &str| {
            canonical(html)
                .replace("<p>", "¶")
                .replace("</p>", "¶")
                .replace("¶¶", "¶")
                .replace("¶<", "<")
                .replace(">¶", ">")
        };
        assert_eq!(same(&render(&written, Emphasis::CommonMark)), same(&source), "round {round}: {source}\n{written}");
    }
}

/// Removes the links that GFM makes of bare URLs, which the page does not have.
fn without_bare_links(rendered: &str) -> String {
    let mut out = String::new();
    for part in rendered.split("<a href=\"") {
        match part.split_once("\">") {
            Some((_, rest)) if !out.is_empty() => out.push_str(rest),
            _ => out.push_str(part),
        }
    }
    out.replace("</a>", "")
}

#[test]
fn hostile_alternative_texts_and_titles_read_back() {
    let mut random = Random(7);
    for _ in 0..4_000 {
        let (alt, title) = (random.text(), random.text());
        let source = format!("<p>a <img src=\"/i.png\" alt=\"{}\" title=\"{}\"> b</p>", quoted(&alt), quoted(&title));
        let written = markdown(&source);
        let collapse =
            |text: &str| text.split([' ', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let tree = tree(&render(&written, Emphasis::CommonMark));
        let image =
            tree.descendants(tree.root()).find(|&id| tree.name(id) == "img").unwrap_or_else(|| panic!("{written}"));
        assert_eq!(tree.attr(image, "alt"), Some(collapse(&alt).as_str()), "{written}");
        assert_eq!(tree.attr(image, "title").unwrap_or_default(), collapse(&title), "{written}");
    }
}

#[test]
fn hostile_urls_read_back() {
    let mut random = Random(11);
    for _ in 0..4_000 {
        let url = format!("/{}", random.text());
        let source = format!("<p><a href=\"{}\">x</a></p>", quoted(&url));
        let written = markdown(&source);
        let tree = tree(&render(&written, Emphasis::CommonMark));
        let link = tree
            .descendants(tree.root())
            .find(|&id| tree.name(id) == "a")
            .unwrap_or_else(|| panic!("{url:?} {written}"));
        let plain = |text: &str| {
            text.trim()
                .replace("%3C", "<")
                .replace("%3E", ">")
                .replace("%60", "`")
                .replace("%7C", "|")
                .replace("%20", " ")
                .replace("%22", "\"")
                .replace("%5C", "\\")
                .replace("%7B", "{")
                .replace("%7D", "}")
                .replace("%5E", "^")
                .replace("%5B", "[")
                .replace("%5D", "]")
        };
        let decoded = |url: &str| percent_encoding::percent_decode_str(url).decode_utf8_lossy().into_owned();
        let href = decoded(tree.attr(link, "href").unwrap());
        assert_eq!(plain(&href), plain(&decoded(&url)), "{written}");
    }
}

#[test]
fn no_template_marker_of_hostile_text_reaches_hexo() {
    let mut random = Random(3);
    for _ in 0..2_000 {
        let text = format!("{}{{{}}}{}", random.text(), random.text(), random.text());
        let written = hexo_markdown(&format!("<p>{}</p>", quoted(&text)));
        assert!(!["{{", "}}", "{%", "%}", "{#", "#}"].iter().any(|marker| written.contains(marker)), "{written}");
        assert_eq!(
            without_bare_links(&render(&written, Emphasis::CommonMark)),
            without_bare_links(&render(&markdown(&format!("<p>{}</p>", quoted(&text))), Emphasis::CommonMark))
        );
    }
}
