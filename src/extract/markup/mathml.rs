//! Converts MathML to TeX: its own annotation where there is one, else its elements.

use crate::html::{ElementRef, Node};

use super::characters::command;
use super::{below_named, letters, text};

/// Returns the TeX of a `<math>` element; None when it is empty.
pub(super) fn tex(math: ElementRef<'_>) -> Option<String> {
    let annotation = below_named(math, "annotation")
        .find(|one| one.attr("encoding").is_some_and(|kind| kind.to_ascii_lowercase().contains("tex")))
        .map(text);
    let alternative = || math.attr("alttext").map(str::to_owned);
    let found = annotation.filter(|tex| !tex.trim().is_empty()).or_else(alternative).unwrap_or_else(|| converted(math));
    Some(found).filter(|tex| !tex.trim().is_empty())
}

/// What an element is in a formula.
pub(super) enum MathPart<'a> {
    /// A MathML element, by name.
    Is(&'a str),
    /// A box around others.
    Through,
    /// Letters of the token around it.
    Letters(String),
    /// An element to ignore.
    Skip,
    /// An element that cannot be read: the formula is incomplete without it.
    Unknown,
}

fn converted(math: ElementRef<'_>) -> String {
    fn part(element: ElementRef<'_>) -> MathPart<'_> {
        match element.value().name() {
            "annotation" | "annotation-xml" | "mphantom" | "maction-hidden" => MathPart::Skip,
            name => MathPart::Is(name),
        }
    }
    read(math, part).unwrap_or_default()
}

/// An element whose end has not been reached, with the TeX of its children so far.
struct OpenElement<'a> {
    name: &'a str,
    parts: Vec<String>,
    element: ElementRef<'a>,
}

/// The state while a formula is read.
#[derive(Default)]
struct Reader<'a> {
    open: Vec<OpenElement<'a>>,
    /// For each open element, whether it is in `open`.
    around: Vec<bool>,
    skipped: usize,
    in_token: usize,
}

/// Returns the TeX of a formula, where `part` says what each element is; None where one of them cannot be read.
pub(super) fn read<'a>(top: ElementRef<'a>, part: impl Fn(ElementRef<'a>) -> MathPart<'a>) -> Option<String> {
    let mut reading = Reader::default();
    for edge in top.traverse() {
        match edge {
            crate::html::Edge::Open(node) => match node.value() {
                Node::Element(_) => reading.enter(ElementRef::wrap(node)?, &part)?,
                Node::Text(text) => reading.text(&text.text),
                _ => {}
            },
            crate::html::Edge::Close(node) if node.value().is_element() => {
                if let Some(whole) = reading.leave() {
                    return Some(whole);
                }
            }
            crate::html::Edge::Close(_) => {}
        }
    }
    None
}

impl<'a> Reader<'a> {
    fn enter(&mut self, element: ElementRef<'a>, part: &impl Fn(ElementRef<'a>) -> MathPart<'a>) -> Option<()> {
        if self.skipped > 0 {
            self.skipped += 1;
            return Some(());
        }
        let part = part(element);
        let is_in_token = self.in_token > 0 || self.open.last().is_some_and(|last| is_token(last.name));
        match part {
            MathPart::Skip => self.skipped = 1,
            MathPart::Letters(letters) => {
                if let Some(last) = self.open.last_mut().filter(|_| is_in_token) {
                    last.parts.push(letters);
                }
                self.skipped = 1;
            }
            MathPart::Unknown => return None,
            // In a token only the text counts: as TeX it would be escaped again at each level.
            _ if is_in_token => self.in_token += 1,
            MathPart::Through => self.around.push(false),
            MathPart::Is(name) => {
                self.around.push(true);
                self.open.push(OpenElement { name, parts: Vec::new(), element });
            }
        }
        Some(())
    }

    fn text(&mut self, text: &str) {
        if self.skipped == 0
            && let Some(last) = self.open.last_mut().filter(|last| is_token(last.name))
        {
            last.parts.push(text.to_owned());
        }
    }

    /// Ends the innermost element; returns the complete formula where it was the outermost.
    fn leave(&mut self) -> Option<String> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return None;
        }
        if self.in_token > 0 {
            self.in_token -= 1;
            return None;
        }
        if !self.around.pop()? {
            return None;
        }
        let ended = self.open.pop()?;
        let written = written(ended.name, &ended.parts, ended.element);
        match self.open.last_mut() {
            Some(above) => above.parts.push(written),
            None => return Some(written),
        }
        None
    }
}

fn is_token(name: &str) -> bool {
    matches!(name, "mi" | "mi-upright" | "mn" | "mo" | "mtext" | "ms")
}

fn written(name: &str, parts: &[String], element: ElementRef<'_>) -> String {
    let part = |at: usize| parts.get(at).map_or("", String::as_str);
    let group = |at: usize| format!("{{{}}}", part(at).trim());
    match name {
        "mi" => {
            let (plain, variant) = letters::plain(&parts.concat());
            identifier(&plain, element.attr("mathvariant").or(variant))
        }
        "mi-upright" => format!("\\mathrm{{{}}}", escaped(parts.concat().trim())),
        "mn" => {
            let (digits, variant) = letters::plain(parts.concat().trim());
            if variant == Some("bold") { format!("\\mathbf{{{}}}", escaped(&digits)) } else { escaped(&digits) }
        }
        "mo" => operator(&letters::plain(&parts.concat()).0),
        "mtext" | "ms" => format!("\\text{{{}}}", escaped(&parts.concat())),
        "msupsub" => format!("{}_{}^{}", base(part(0)), group(2), group(1)),
        "moverunder" => format!("{}_{}^{}", base(part(1)), group(2), group(0)),
        "mover-first" => above(part(1), part(0)),
        "mroot-first" => format!("\\sqrt[{}]{}", part(0).trim(), group(1)),
        "matop" => format!("{{{} \\atop {}}}", part(0), part(1)),
        "mspace" => "\\ ".to_owned(),
        "mfrac" if element.attr("linethickness").is_some_and(|value| value.starts_with('0')) => {
            format!("{{{} \\atop {}}}", part(0), part(1))
        }
        "mfrac" => format!("\\frac{}{}", group(0), group(1)),
        "msqrt" => format!("\\sqrt{{{}}}", joined(parts)),
        "mroot" => format!("\\sqrt[{}]{}", part(1).trim(), group(0)),
        "msub" => format!("{}_{}", base(part(0)), group(1)),
        "msup" => format!("{}^{}", base(part(0)), group(1)),
        "msubsup" => format!("{}_{}^{}", base(part(0)), group(1), group(2)),
        "munder" => below(part(0), part(1)),
        "mover" => above(part(0), part(1)),
        "munderover" => format!("{}_{}^{}", base(part(0)), group(1), group(2)),
        "mtd" => joined(parts),
        "mtr" | "mlabeledtr" => parts.join(" & "),
        "mtable" => format!("\\begin{{matrix}} {} \\end{{matrix}}", parts.join(" \\\\ ")),
        "mfenced" => {
            let open = element.attr("open").unwrap_or("(");
            let close = element.attr("close").unwrap_or(")");
            format!("\\left{} {} \\right{}", fence(open), parts.join(", "), fence(close))
        }
        "semantics" => part(0).to_owned(),
        _ => joined(parts),
    }
}

pub(super) fn joined(parts: &[String]) -> String {
    let mut out = String::new();
    for part in parts {
        // A command name would continue into letters that follow it.
        let runs_on = ends_in_command(&out) && part.starts_with(|c: char| c.is_ascii_alphabetic());
        if runs_on {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

fn ends_in_command(text: &str) -> bool {
    let letters = text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    letters > 0 && text[..text.len() - letters].ends_with('\\')
}

pub(super) fn base(text: &str) -> String {
    let text = text.trim();
    let single =
        text.chars().count() == 1 || (text.starts_with('\\') && text[1..].bytes().all(|b| b.is_ascii_alphabetic()));
    if single { text.to_owned() } else { format!("{{{text}}}") }
}

pub(super) fn above(text: &str, accent: &str) -> String {
    let command = match accent.trim() {
        "¯" | "\u{305}" | "‾" | "_" | "\\_" | "―" => "\\overline",
        "^" | "ˆ" | "\u{302}" => "\\hat",
        "~" | "˜" | "\u{303}" | "\\sim" => "\\tilde",
        "→" | "\\to" | "\u{20d7}" => "\\vec",
        "." | "˙" | "\u{307}" => "\\dot",
        ".." | "¨" | "\u{308}" => "\\ddot",
        "⏞" => "\\overbrace",
        other if is_limit(text) => return format!("{}^{{{other}}}", base(text)),
        other => return format!("\\overset{{{other}}}{{{text}}}"),
    };
    format!("{command}{{{}}}", text.trim())
}

fn below(text: &str, accent: &str) -> String {
    match accent.trim() {
        "_" | "\\_" | "\u{332}" => format!("\\underline{{{}}}", text.trim()),
        "⏟" => format!("\\underbrace{{{}}}", text.trim()),
        other if is_limit(text) => format!("{}_{{{other}}}", base(text)),
        other => format!("\\underset{{{other}}}{{{text}}}"),
    }
}

/// Returns true for operators whose limits are set above and below them.
pub(super) fn is_limit(text: &str) -> bool {
    matches!(
        text.trim(),
        "\\sum"
            | "\\prod"
            | "\\int"
            | "\\lim"
            | "\\max"
            | "\\min"
            | "\\sup"
            | "\\inf"
            | "\\bigcup"
            | "\\bigcap"
            | "\\coprod"
            | "\\oint"
            | "\\limsup"
            | "\\liminf"
            | "\\argmax"
            | "\\gcd"
            | "\\det"
            | "\\Pr"
    )
}

fn fence(text: &str) -> &str {
    match text.trim() {
        "" => ".",
        "{" => "\\{",
        "}" => "\\}",
        "⟨" | "〈" => "\\langle",
        "⟩" | "〉" => "\\rangle",
        "‖" => "\\|",
        other => other,
    }
}

fn identifier(text: &str, variant: Option<&str>) -> String {
    const FUNCTIONS: [&str; 26] = [
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln",
        "exp", "lim", "max", "min", "sup", "inf", "det", "gcd", "dim", "ker", "arg", "deg",
    ];
    let text = text.trim();
    if FUNCTIONS.contains(&text) {
        return format!("\\{text}");
    }
    if let Some(command) = command(text) {
        return command.to_owned();
    }
    let escaped = escaped(text);
    match variant {
        Some("bold" | "bold-italic") => format!("\\mathbf{{{escaped}}}"),
        Some("double-struck") => format!("\\mathbb{{{escaped}}}"),
        Some("script") => format!("\\mathcal{{{escaped}}}"),
        Some("sans-serif") => format!("\\mathsf{{{escaped}}}"),
        Some("monospace") => format!("\\mathtt{{{escaped}}}"),
        Some("fraktur") => format!("\\mathfrak{{{escaped}}}"),
        _ if text.chars().count() > 1 => format!("\\mathrm{{{escaped}}}"),
        _ => escaped,
    }
}

fn operator(text: &str) -> String {
    let text = text.trim();
    match text {
        "\u{2061}" | "\u{2062}" | "\u{2063}" | "\u{2064}" => String::new(),
        "−" => "-".to_owned(),
        "{" | "}" | "%" | "&" | "#" | "$" | "_" => format!("\\{text}"),
        "‖" => "\\|".to_owned(),
        "lim" | "max" | "min" | "sup" | "inf" | "det" | "gcd" => format!("\\{text}"),
        _ => command(text).map_or_else(|| escaped(text), str::to_owned),
    }
}

/// Escapes characters that have a meaning in TeX.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\backslash "),
            '{' | '}' | '%' | '&' | '#' | '$' | '_' => out.extend(['\\', c]),
            '\u{a0}' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tex_of(source: &str) -> String {
        let parsed = crate::html::fragment(&format!("<math>{source}</math>"));
        let math = parsed.root().descendants().filter_map(ElementRef::wrap).find(|one| one.value().name() == "math");
        tex(math.unwrap()).unwrap()
    }

    #[test]
    fn elements_are_converted_where_there_is_no_annotation() {
        for (source, expected) in [
            ("<msup><mi>x</mi><mn>2</mn></msup>", "x^{2}"),
            ("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", "\\frac{a}{b+1}"),
            ("<msqrt><mi>x</mi><mo>−</mo><mi>y</mi></msqrt>", "\\sqrt{x-y}"),
            (
                "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>0</mn></mrow><mi>n</mi></munderover>",
                "\\sum_{i=0}^{n}",
            ),
            ("<mi>α</mi><mi>x</mi><mo>≤</mo><mi>sin</mi><mo>\u{2061}</mo><mi>y</mi>", "\\alpha x\\le\\sin y"),
            ("<mover><mi>x</mi><mo>→</mo></mover>", "\\vec{x}"),
            (
                "<mfenced open='[' close=']'><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr></mtable></mfenced>",
                "\\left[ \\begin{matrix} 1 & 0 \\end{matrix} \\right]",
            ),
            ("<mtext>if <b>x_1</b> is <mi>y\\</mi></mtext><mo>=</mo>", "\\text{if x\\_1 is y\\backslash }="),
            ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>x'</annotation></semantics>", "x'"),
        ] {
            assert_eq!(tex_of(source), expected, "{source}");
        }
    }
}
