//! MathML to TeX: its own annotation where it has one, else what its elements say.

use crate::html::{ElementRef, Node};

use super::{below_named, text};

/// The TeX of a `<math>`; None when there is nothing in it.
pub(super) fn tex(math: ElementRef<'_>) -> Option<String> {
    let annotation = below_named(math, "annotation")
        .find(|one| one.attr("encoding").is_some_and(|kind| kind.to_ascii_lowercase().contains("tex")))
        .map(text);
    let alternative = || math.attr("alttext").map(str::to_owned);
    let found = annotation.filter(|tex| !tex.trim().is_empty()).or_else(alternative).unwrap_or_else(|| converted(math));
    Some(found).filter(|tex| !tex.trim().is_empty())
}

/// An element that is open, with the TeX of its children so far.
struct Open {
    name: String,
    parts: Vec<String>,
}

fn converted(math: ElementRef<'_>) -> String {
    let mut open: Vec<(Open, ElementRef<'_>)> = Vec::new();
    let (mut skipped, mut in_token) = (0usize, 0usize);
    for edge in math.traverse() {
        match edge {
            crate::html::Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    if skipped > 0
                        || matches!(element.name(), "annotation" | "annotation-xml" | "mphantom" | "maction-hidden")
                    {
                        skipped += 1;
                        continue;
                    }
                    // Of what stands in a token, only the text counts: as TeX it would be escaped again at each level.
                    if in_token > 0 || open.last().is_some_and(|(last, _)| is_token(&last.name)) {
                        in_token += 1;
                        continue;
                    }
                    if let Some(found) = ElementRef::wrap(node) {
                        open.push((Open { name: element.name().to_owned(), parts: Vec::new() }, found));
                    }
                }
                Node::Text(text) if skipped == 0 => {
                    if let Some((last, _)) = open.last_mut()
                        && is_token(&last.name)
                    {
                        last.parts.push(text.text.to_string());
                    }
                }
                _ => {}
            },
            crate::html::Edge::Close(node) => {
                if !node.value().is_element() {
                    continue;
                }
                if skipped > 0 {
                    skipped -= 1;
                    continue;
                }
                if in_token > 0 {
                    in_token -= 1;
                    continue;
                }
                let Some((ended, element)) = open.pop() else { break };
                let written = written(&ended.name, &ended.parts, element);
                match open.last_mut() {
                    Some((above, _)) => above.parts.push(written),
                    None => return written,
                }
            }
        }
    }
    String::new()
}

fn is_token(name: &str) -> bool {
    matches!(name, "mi" | "mn" | "mo" | "mtext" | "ms")
}

fn written(name: &str, parts: &[String], element: ElementRef<'_>) -> String {
    let part = |at: usize| parts.get(at).map_or("", String::as_str);
    let group = |at: usize| format!("{{{}}}", part(at).trim());
    match name {
        "mi" => identifier(&parts.concat(), element.attr("mathvariant")),
        "mn" => escaped(parts.concat().trim()),
        "mo" => operator(&parts.concat()),
        "mtext" | "ms" => format!("\\text{{{}}}", escaped(&parts.concat())),
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

fn joined(parts: &[String]) -> String {
    let mut out = String::new();
    for part in parts {
        // A command reads on into letters that follow it.
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

fn base(text: &str) -> String {
    let text = text.trim();
    let single =
        text.chars().count() == 1 || (text.starts_with('\\') && text[1..].bytes().all(|b| b.is_ascii_alphabetic()));
    if single { text.to_owned() } else { format!("{{{text}}}") }
}

fn above(text: &str, accent: &str) -> String {
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

/// Operators whose limits stand above and below them.
fn is_limit(text: &str) -> bool {
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
    if let Some(command) = symbol(text) {
        return command.to_owned();
    }
    let escaped = escaped(text);
    match variant {
        Some("bold" | "bold-italic") => format!("\\mathbf{{{escaped}}}"),
        Some("double-struck") => format!("\\mathbb{{{escaped}}}"),
        Some("script") => format!("\\mathcal{{{escaped}}}"),
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
        _ => symbol(text).map_or_else(|| escaped(text), str::to_owned),
    }
}

/// What TeX takes for something else.
fn escaped(text: &str) -> String {
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

/// Characters that have a name in TeX.
fn symbol(text: &str) -> Option<&'static str> {
    Some(match text {
        "α" => "\\alpha",
        "β" => "\\beta",
        "γ" => "\\gamma",
        "δ" => "\\delta",
        "ε" | "ϵ" => "\\epsilon",
        "ζ" => "\\zeta",
        "η" => "\\eta",
        "θ" => "\\theta",
        "ι" => "\\iota",
        "κ" => "\\kappa",
        "λ" => "\\lambda",
        "μ" => "\\mu",
        "ν" => "\\nu",
        "ξ" => "\\xi",
        "π" => "\\pi",
        "ρ" => "\\rho",
        "σ" => "\\sigma",
        "τ" => "\\tau",
        "φ" | "ϕ" => "\\phi",
        "χ" => "\\chi",
        "ψ" => "\\psi",
        "ω" => "\\omega",
        "Γ" => "\\Gamma",
        "Δ" => "\\Delta",
        "Θ" => "\\Theta",
        "Λ" => "\\Lambda",
        "Ξ" => "\\Xi",
        "Π" => "\\Pi",
        "Σ" => "\\Sigma",
        "Φ" => "\\Phi",
        "Ψ" => "\\Psi",
        "Ω" => "\\Omega",
        "∑" => "\\sum",
        "∏" => "\\prod",
        "∫" => "\\int",
        "∮" => "\\oint",
        "⋃" => "\\bigcup",
        "⋂" => "\\bigcap",
        "∞" => "\\infty",
        "∂" => "\\partial",
        "∇" => "\\nabla",
        "≤" => "\\le",
        "≥" => "\\ge",
        "≠" => "\\ne",
        "≈" => "\\approx",
        "≡" => "\\equiv",
        "∼" => "\\sim",
        "∝" => "\\propto",
        "±" => "\\pm",
        "∓" => "\\mp",
        "×" => "\\times",
        "÷" => "\\div",
        "⋅" | "·" => "\\cdot",
        "∗" => "*",
        "∘" => "\\circ",
        "→" => "\\to",
        "←" => "\\leftarrow",
        "↔" => "\\leftrightarrow",
        "⇒" => "\\Rightarrow",
        "⇔" => "\\Leftrightarrow",
        "↦" => "\\mapsto",
        "∈" => "\\in",
        "∉" => "\\notin",
        "⊂" => "\\subset",
        "⊆" => "\\subseteq",
        "∪" => "\\cup",
        "∩" => "\\cap",
        "∅" => "\\emptyset",
        "∀" => "\\forall",
        "∃" => "\\exists",
        "¬" => "\\neg",
        "∧" => "\\land",
        "∨" => "\\lor",
        "…" => "\\ldots",
        "⋯" => "\\cdots",
        "⟨" => "\\langle",
        "⟩" => "\\rangle",
        "ℝ" => "\\mathbb{R}",
        "ℕ" => "\\mathbb{N}",
        "ℤ" => "\\mathbb{Z}",
        "ℂ" => "\\mathbb{C}",
        "ℚ" => "\\mathbb{Q}",
        "ℏ" => "\\hbar",
        "†" => "\\dagger",
        _ => return None,
    })
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
    fn elements_are_read_where_there_is_no_annotation() {
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
