//! Reads formulas from the boxes that KaTeX renders: letters, scripts, fractions, roots, limits, accents and tables. A
//! formula that uses plain drawings, without such boxes, cannot be read.

use crate::html::{Edge, ElementRef, Node};

use super::characters::command;
use super::mathml::{above, base, escaped, is_limit, joined};
use super::{has_class, style};

/// A box of a vertical list.
#[derive(Debug, Clone)]
struct ListBox {
    tex: String,
    /// Its height above the baseline, in `em`.
    height: f32,
    /// It is set in a smaller size, as a script.
    small: bool,
    /// It is the line of a fraction.
    line: bool,
    /// It is an accent.
    accent: bool,
}

/// A box whose end has not been reached.
struct OpenBox<'a> {
    element: ElementRef<'a>,
    parts: Vec<String>,
    /// The boxes of its vertical list, from top to bottom.
    items: Option<Vec<ListBox>>,
    columns: Vec<Vec<ListBox>>,
    /// The index of a root.
    index: Option<String>,
    pstrut: f32,
    small: bool,
    line: bool,
    accent: bool,
}

/// Returns the TeX of a rendering; None where a part of it cannot be read.
pub(super) fn tex(html: ElementRef<'_>) -> Option<String> {
    let mut open: Vec<OpenBox<'_>> = Vec::new();
    let mut skipped = 0usize;
    for edge in html.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(_) if skipped > 0 => skipped += 1,
                Node::Element(_) => {
                    let element = ElementRef::wrap(node)?;
                    if enters(element, open.last_mut())? {
                        open.push(OpenBox::new(element));
                    } else {
                        skipped = 1;
                    }
                }
                Node::Text(text) if skipped == 0 => {
                    let is_text = open.last().is_some_and(|last| is(last.element, "text"));
                    let letters = letters(&text.text, if is_text { " " } else { "" });
                    if let Some(last) = open.last_mut().filter(|_| !letters.is_empty()) {
                        last.parts.push(letters);
                    }
                }
                _ => {}
            },
            Edge::Close(node) if node.value().is_element() => {
                if skipped > 0 {
                    skipped -= 1;
                    continue;
                }
                let ended = open.pop()?;
                match open.last_mut() {
                    Some(around) => around.take(ended)?,
                    None => return Some(joined(&ended.parts)).filter(|tex| !tex.trim().is_empty()),
                }
            }
            Edge::Close(_) => {}
        }
    }
    None
}

fn is(element: ElementRef<'_>, wanted: &str) -> bool {
    has_class(element, |word| word == wanted)
}

/// Returns whether to read a box's contents; None where it is a plain drawing. A box without letters changes `around`,
/// the box that holds it.
fn enters(element: ElementRef<'_>, around: Option<&mut OpenBox<'_>>) -> Option<bool> {
    if element.value().name() == "svg" {
        return None;
    }
    let Some(around) = around else { return Some(true) };
    if is(element, "pstrut") {
        around.pstrut = length(element, "height:").unwrap_or(around.pstrut);
    }
    around.line |= is(element, "frac-line");
    around.small |= is(element, "sizing") || is(element, "mtight");
    around.accent |= is(element, "accent-body");
    if is(element, "overlay") {
        around.parts.push("→".to_owned());
    }
    let passes = has_class(element, |word| {
        matches!(
            word,
            "strut"
                | "pstrut"
                | "vlist-s"
                | "mspace"
                | "nulldelimiter"
                | "frac-line"
                | "overline-line"
                | "underline-line"
                | "hide-tail"
                | "arraycolsep"
                | "vertical-separator"
                | "rule"
                | "overlay"
        )
    });
    Some(!passes)
}

/// Returns a length in `em` from the element's style.
fn length(element: ElementRef<'_>, rule: &str) -> Option<f32> {
    let style = style(element)?;
    let value = style.split(';').find_map(|one| one.strip_prefix(rule))?;
    value.strip_suffix("em")?.parse().ok()
}

/// Returns letters of a formula, or words in it, as TeX, with `space` for each space.
fn letters(text: &str, space: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        match c {
            '\u{200b}' | '\u{feff}' => {}
            ' ' | '\u{a0}' => parts.push(space.to_owned()),
            '−' => parts.push("-".to_owned()),
            _ => parts.push(command(c.encode_utf8(&mut [0; 4])).map_or_else(|| escaped(&c.to_string()), str::to_owned)),
        }
    }
    joined(&parts)
}

impl<'a> OpenBox<'a> {
    fn new(element: ElementRef<'a>) -> Self {
        Self {
            element,
            parts: Vec::new(),
            items: None,
            columns: Vec::new(),
            index: None,
            pstrut: 0.0,
            small: false,
            line: false,
            accent: false,
        }
    }

    /// Adds a box that has ended.
    fn take(&mut self, ended: OpenBox<'_>) -> Option<()> {
        let element = ended.element;
        if is(self.element, "vlist") {
            let height = -length(element, "top:").unwrap_or_default() - ended.pstrut;
            let item = ListBox {
                tex: joined(&ended.parts),
                height,
                small: ended.small,
                line: ended.line,
                accent: ended.accent,
            };
            self.items.get_or_insert_default().push(item);
            return Some(());
        }
        let named = |word: &str| is(element, word);
        if named("vlist") || named("vlist-r") || named("vlist-t") {
            // A second row only reserves the space below the first.
            let mut items = self.items.take().or(ended.items);
            if let Some(items) = items.as_mut().filter(|_| named("vlist")) {
                items.sort_by(|a, b| b.height.total_cmp(&a.height));
            }
            self.items = items;
            return Some(());
        }
        if has_class(element, |word| word.starts_with("col-align-")) {
            self.columns.push(ended.items?);
            return Some(());
        }
        if named("root") {
            self.index = Some(ended.items?.into_iter().map(|item| item.tex).collect());
            return Some(());
        }
        if named("msupsub") {
            let scripts = scripts(&ended.items?);
            let last = self.parts.pop().unwrap_or_default();
            let bare = if is_limit(&last) { last } else { base(&last) };
            self.parts.push(format!("{bare}{scripts}"));
            return Some(());
        }
        self.parts.push(ended.written()?);
        Some(())
    }

    /// Returns the TeX of a box outside a list.
    fn written(self) -> Option<String> {
        let element = self.element;
        let named = |word: &str| is(element, word);
        if named("mtable") {
            return Some(table(&self.columns));
        }
        if let Some(items) = self.items {
            let items: Vec<ListBox> = items.into_iter().filter(|item| item.line || !item.tex.is_empty()).collect();
            return stacked(element, &items, self.index);
        }
        let inside = joined(&self.parts);
        let letters = inside.chars().all(char::is_alphabetic) && inside.chars().count() > 1;
        Some(match () {
            () if inside.is_empty() => inside,
            () if named("text") => format!("\\text{{{inside}}}"),
            () if named("tag") => format!("\\tag{{{}}}", inside.trim_matches(['(', ')'])),
            () if named("mop") && letters => function(&inside),
            () => match FONTS.iter().find(|(class, _)| named(class)) {
                Some((_, command)) => format!("{command}{{{inside}}}"),
                None => inside,
            },
        })
    }
}

/// Classes of fonts, with the TeX command for each.
const FONTS: [(&str, &str); 9] = [
    ("mathbf", "\\mathbf"),
    ("boldsymbol", "\\boldsymbol"),
    ("mathbb", "\\mathbb"),
    ("mathcal", "\\mathcal"),
    ("mathscr", "\\mathscr"),
    ("mathfrak", "\\mathfrak"),
    ("mathsf", "\\mathsf"),
    ("mathtt", "\\mathtt"),
    ("mathrm", "\\mathrm"),
];

fn function(name: &str) -> String {
    const KNOWN: [&str; 22] = [
        "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "log", "ln", "exp", "lim", "max", "min",
        "sup", "inf", "det", "gcd", "dim", "ker", "arg",
    ];
    if KNOWN.contains(&name) { format!("\\{name}") } else { format!("\\operatorname{{{name}}}") }
}

/// Returns the scripts of a letter, the lower one first.
fn scripts(items: &[ListBox]) -> String {
    let (upper, lower): (Vec<&ListBox>, Vec<&ListBox>) = items.iter().partition(|item| item.height > 0.0);
    let set = |mark: &str, items: &[&ListBox]| -> String {
        let text: String = items.iter().map(|item| item.tex.as_str()).collect();
        if text.is_empty() { text } else { format!("{mark}{{{text}}}") }
    };
    set("_", &lower) + &set("^", &upper)
}

/// Returns the TeX of boxes one above the other.
fn stacked(element: ElementRef<'_>, items: &[ListBox], index: Option<String>) -> Option<String> {
    let named = |word: &str| is(element, word);
    let filled: Vec<&ListBox> = items.iter().filter(|item| !item.tex.is_empty()).collect();
    let tex = |at: usize| filled.get(at).map(|item| item.tex.as_str());
    if named("mfrac") {
        let is_fraction = items.iter().any(|item| item.line);
        let (upper, lower) = (tex(0)?, tex(1)?);
        let fraction = format!("\\frac{{{upper}}}{{{lower}}}");
        return Some(if is_fraction { fraction } else { format!("{{{upper} \\atop {lower}}}") });
    }
    if named("sqrt") {
        let index = index.map(|index| format!("[{index}]")).unwrap_or_default();
        return Some(format!("\\sqrt{index}{{{}}}", tex(0)?));
    }
    if named("accent") {
        let body = filled.iter().find(|item| !item.accent)?;
        let accent = filled.iter().find(|item| item.accent)?;
        return Some(above(&body.tex, &accent.tex));
    }
    if named("overline") || named("underline") {
        let command = if named("overline") { "\\overline" } else { "\\underline" };
        return Some(format!("{command}{{{}}}", tex(0)?));
    }
    if named("op-limits") {
        let at = filled.iter().position(|item| !item.small)?;
        let group = |mark: &str, items: &[&ListBox]| -> String {
            let text: String = items.iter().map(|item| item.tex.as_str()).collect();
            if text.is_empty() { text } else { format!("{mark}{{{text}}}") }
        };
        let bare = if is_limit(&filled[at].tex) { filled[at].tex.clone() } else { base(&filled[at].tex) };
        return Some(format!("{bare}{}{}", group("_", &filled[at + 1..]), group("^", &filled[..at])));
    }
    if named("delimsizing") {
        let sign = tex(0)?.chars().next()?;
        let (bracket, _) = super::letters::plain(sign.encode_utf8(&mut [0; 4]));
        return Some(if bracket == "{" || bracket == "}" { format!("\\{bracket}") } else { bracket });
    }
    None
}

/// Returns columns of boxes as rows of cells.
fn table(columns: &[Vec<ListBox>]) -> String {
    let most = columns.iter().map(Vec::len).max().unwrap_or_default();
    let row = |at: usize| -> String {
        let cells = columns.iter().map(|column| column.get(at).map_or("", |item| item.tex.as_str()));
        cells.collect::<Vec<_>>().join(" & ")
    };
    let rows: Vec<String> = (0..most).map(row).collect();
    format!("\\begin{{matrix}} {} \\end{{matrix}}", rows.join(" \\\\ "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Option<String> {
        let page = format!("<span class=katex-html><span class=base><span class=strut></span>{source}</span></span>");
        tex(ElementRef::wrap(crate::html::fragment(&page).root().descendants().nth(2)?)?)
    }

    fn list(items: &[(&str, &str)]) -> String {
        let items: String = items
            .iter()
            .map(|(top, inside)| {
                format!("<span style='top:{top}em'><span class=pstrut style='height:2.7em'></span>{inside}</span>")
            })
            .collect();
        format!("<span class='vlist-t'><span class=vlist-r><span class=vlist>{items}</span></span></span>")
    }

    fn small(letter: &str) -> String {
        format!("<span class='sizing reset-size6 size3 mtight'><span class='mord mtight'>{letter}</span></span>")
    }

    #[test]
    fn formulas_are_read_from_their_boxes() {
        let x = "<span class='mord mathnormal'>x</span>";
        let script =
            |items: &[(&str, &str)]| format!("<span class=mord>{x}<span class=msupsub>{}</span></span>", list(items));
        for (source, expected) in [
            (format!("{x}<span class=mrel>=</span><span class=mord>2</span>"), "x=2"),
            (script(&[("-3.063", &small("2"))]), "x^{2}"),
            (script(&[("-2.55", &small("n"))]), "x_{n}"),
            (script(&[("-2.45", &small("n")), ("-3.11", &small("2"))]), "x_{n}^{2}"),
            (
                format!(
                    "<span class=mord><span class='mopen nulldelimiter'></span><span class=mfrac>{}</span></span>",
                    list(&[
                        ("-2.3", "<span class=mord>b</span>"),
                        ("-2.9", "<span class=frac-line></span>"),
                        ("-3.6", "<span class=mord>a</span>")
                    ])
                ),
                "\\frac{a}{b}",
            ),
            (
                format!(
                    "<span class='mord sqrt'>{}</span>",
                    list(&[("-3", x), ("-2.9", "<span class=hide-tail><svg></svg></span>")])
                ),
                "\\sqrt{x}",
            ),
            (
                format!(
                    "<span class='mop op-limits'>{}</span>{x}",
                    list(&[
                        ("-1.8", &small("i=1")),
                        ("-3.05", "<span><span class='mop op-symbol large-op'>∑</span></span>"),
                        ("-4.3", &small("n"))
                    ])
                ),
                "\\sum_{i=1}^{n}x",
            ),
            (
                "<span class='mord mathnormal'>α</span><span class=mop>sin</span><span class='mord mathbb'>R</span>"
                    .to_owned(),
                "\\alpha\\sin\\mathbb{R}",
            ),
        ] {
            assert_eq!(read(&source).as_deref(), Some(expected), "{source}");
        }
        // An arrow that is only drawn is not dropped silently.
        assert_eq!(read(&format!("{x}<span class=stretchy><svg></svg></span>")), None);
    }
}
