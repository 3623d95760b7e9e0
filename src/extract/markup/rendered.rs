//! Formulas that MathJax has drawn, read from the parts of the drawing: elements called `mjx-…` whose letters are in
//! their classes, or an SVG whose groups say what they are.

use crate::html::ElementRef;

use super::mathml::{self, Part};
use super::{ancestors, below, text};

/// The TeX of a drawing; None where there is none, or where a part of it cannot be read.
pub(super) fn tex(element: ElementRef<'_>) -> Option<String> {
    let mut all = std::iter::once(element).chain(below(element));
    let top = all.find(|one| one.value().name() == "mjx-math" || one.attr("data-mml-node") == Some("math"))?;
    let read =
        if top.value().name() == "mjx-math" { mathml::read(top, of_elements) } else { mathml::read(top, of_svg) };
    read.filter(|tex| !tex.trim().is_empty())
}

/// What an element of MathJax's CHTML is.
fn of_elements(element: ElementRef<'_>) -> Part<'_> {
    let name = element.value().name();
    let within =
        |wanted: &str, levels: usize| ancestors(element).take(levels).any(|around| around.value().name() == wanted);
    let has_script = || element.child_elements().any(|child| child.value().name() == "mjx-script");
    match name {
        "mjx-c" => letter(element).map_or(Part::Unknown, |c| Part::Letters(c.to_string())),
        "mjx-stretchy-v" | "mjx-stretchy-h" => {
            let own = letter(element).or_else(|| below(element).find_map(letter));
            own.map_or(Part::Unknown, |c| Part::Letters(c.to_string()))
        }
        "mjx-utext" | "mjx-char" => Part::Letters(text(element)),
        "mjx-mi" => upright(element).unwrap_or(Part::Is("mi")),
        "mjx-mn" => Part::Is("mn"),
        "mjx-mo" => Part::Is("mo"),
        "mjx-mtext" | "mjx-ms" => Part::Is("mtext"),
        "mjx-script" | "mjx-frac" | "mjx-dbox" | "mjx-dtable" | "mjx-row" | "mjx-sqrt" | "mjx-table" | "mjx-itable" => {
            Part::Through
        }
        "mjx-box" if within("mjx-munderover", 1) => Part::Through,
        "mjx-munder" if within("mjx-munderover", 2) => Part::Through,
        "mjx-msup" => Part::Is("msup"),
        "mjx-msub" => Part::Is("msub"),
        "mjx-msubsup" => Part::Is("msupsub"),
        "mjx-munderover" if has_script() => Part::Is("msupsub"),
        "mjx-munderover" => Part::Is("moverunder"),
        "mjx-mover" if has_script() => Part::Is("msup"),
        "mjx-mover" => Part::Is("mover-first"),
        "mjx-munder" if has_script() => Part::Is("msub"),
        "mjx-munder" => Part::Is("munder"),
        "mjx-mfrac" if element.child_elements().any(|child| child.attr("atop").is_some()) => Part::Is("matop"),
        "mjx-mfrac" => Part::Is("mfrac"),
        "mjx-msqrt" => Part::Is("msqrt"),
        "mjx-mroot" => Part::Is("mroot-first"),
        "mjx-mtable" => Part::Is("mtable"),
        "mjx-mtr" | "mjx-mlabeledtr" => Part::Is("mtr"),
        "mjx-mtd" => Part::Is("mtd"),
        "mjx-surd" | "mjx-line" | "mjx-spacer" | "mjx-mark" | "mjx-mphantom" | "mjx-mspace" | "mjx-labels"
        | "mjx-assistive-mml" => Part::Skip,
        "mjx-mmultiscripts" | "mjx-merror" | "mjx-sub" | "mjx-sup" | "mjx-stack" => Part::Unknown,
        _ if name.ends_with("strut") => Part::Skip,
        _ => Part::Is("mrow"),
    }
}

/// What an element of MathJax's SVG is.
fn of_svg(element: ElementRef<'_>) -> Part<'_> {
    let name = element.value().name();
    if let Some(code) = element.attr("data-c") {
        return code_point(code).map_or(Part::Unknown, |c| Part::Letters(c.to_string()));
    }
    match element.attr("data-mml-node") {
        Some("mi") => upright(element).unwrap_or(Part::Is("mi")),
        Some("mo") if is_surd(element) => Part::Skip,
        Some("msubsup" | "munderover") if is_upper_first(element) => Part::Is("msupsub"),
        Some("mfrac") if !element.child_elements().any(|child| child.value().name() == "rect") => Part::Is("matop"),
        Some("mspace" | "mphantom") => Part::Skip,
        Some("mmultiscripts" | "merror") => Part::Unknown,
        Some(
            known @ ("mn" | "mo" | "mtext" | "msup" | "msub" | "msubsup" | "munderover" | "munder" | "mover" | "mfrac"
            | "msqrt" | "mroot" | "mtable" | "mtr" | "mtd"),
        ) => Part::Is(known),
        Some("ms") => Part::Is("mtext"),
        Some("mlabeledtr") => Part::Is("mtr"),
        Some(_) => Part::Is("mrow"),
        None if name == "text" => Part::Letters(text(element)),
        None if matches!(name, "rect" | "path" | "use" | "line" | "title" | "desc") => Part::Skip,
        // The body of a root is a group of its own.
        None if element.parent().and_then(ElementRef::wrap).is_some_and(holds_root) => Part::Is("mrow"),
        None => Part::Through,
    }
}

fn holds_root(element: ElementRef<'_>) -> bool {
    matches!(element.attr("data-mml-node"), Some("msqrt" | "mroot"))
}

/// The sign of a root, which is drawn like an operator.
fn is_surd(element: ElementRef<'_>) -> bool {
    let in_root = element.parent().and_then(ElementRef::wrap).is_some_and(holds_root);
    in_root && below(element).any(|one| one.attr("data-c").is_some_and(|code| code.eq_ignore_ascii_case("221a")))
}

/// Of what stands above and below, the upper part is drawn first.
fn is_upper_first(element: ElementRef<'_>) -> bool {
    let height = |child: ElementRef<'_>| -> Option<f64> {
        let place = child.attr("transform")?.split_once("translate(")?.1;
        place.split(')').next()?.split(',').nth(1)?.trim().parse().ok()
    };
    let mut scripts = element.child_elements().skip(1);
    match (scripts.next().and_then(height), scripts.next().and_then(height)) {
        (Some(first), Some(second)) => first > second,
        _ => true,
    }
}

/// A single letter that stands upright: all others of one letter are drawn slanting.
fn upright(element: ElementRef<'_>) -> Option<Part<'static>> {
    let mut letters = below(element).filter_map(|one| letter(one).or_else(|| one.attr("data-c").and_then(code_point)));
    let first = letters.next()?;
    (first.is_ascii_alphabetic() && letters.next().is_none()).then_some(Part::Is("mi-upright"))
}

/// The letter that a class names: `mjx-c1D465`.
fn letter(element: ElementRef<'_>) -> Option<char> {
    let class = element.attr("class")?;
    class.split_ascii_whitespace().filter_map(|word| word.strip_prefix("mjx-c")).find_map(code_point)
}

fn code_point(digits: &str) -> Option<char> {
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

/// Letters as they are typed, and the variant that all of them are drawn in.
pub(super) fn plain(text: &str) -> (String, Option<&'static str>) {
    let mut variants = text.trim().chars().map(variant);
    let first = variants.next().flatten();
    let shared = first.filter(|_| variants.all(|other| other == first));
    let letters = text.chars().map(|c| {
        let is_mathematical = matches!(c as u32, 0x1d400..=0x1d7ff | 0x210e);
        if is_mathematical { typed(c) } else { piece(c) }
    });
    (letters.collect(), shared.filter(|name| *name != "italic"))
}

/// The letter that a mathematical one is a form of.
fn typed(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    match c as u32 {
        0x1d716 => 'ϵ',
        0x1d717 => 'ϑ',
        0x1d719 => 'ϕ',
        0x1d71a => 'ϱ',
        0x1d71b => 'ϖ',
        _ => std::iter::once(c).nfkc().next().unwrap_or(c),
    }
}

/// The bracket that a piece of one belongs to.
fn piece(c: char) -> char {
    match c as u32 {
        0x239b..=0x239d => '(',
        0x239e..=0x23a0 => ')',
        0x23a1..=0x23a3 => '[',
        0x23a4..=0x23a6 => ']',
        0x23a7..=0x23aa => '{',
        0x23ab..=0x23ad => '}',
        _ => c,
    }
}

fn variant(c: char) -> Option<&'static str> {
    Some(match c as u32 {
        0x1d400..=0x1d433 | 0x1d6a8..=0x1d6e1 | 0x1d7ce..=0x1d7d7 => "bold",
        0x1d468..=0x1d49b | 0x1d71c..=0x1d755 => "bold-italic",
        0x1d434..=0x1d467 | 0x1d6e2..=0x1d71b | 0x210e => "italic",
        0x1d49c..=0x1d503 => "script",
        0x1d504..=0x1d537 | 0x1d56c..=0x1d59f => "fraktur",
        0x1d538..=0x1d56b | 0x1d7d8..=0x1d7e1 => "double-struck",
        0x1d5a0..=0x1d66f => "sans-serif",
        0x1d670..=0x1d6a3 => "monospace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Option<String> {
        tex(ElementRef::wrap(crate::html::fragment(source).root().descendants().nth(1)?)?)
    }

    #[test]
    fn a_drawing_of_elements_is_read_by_the_code_points_in_their_classes() {
        let c = |code: &str| format!("<mjx-c class='mjx-c{code} TEX-I'></mjx-c>");
        let mi = |code: &str| format!("<mjx-mi class='mjx-i'>{}</mjx-mi>", c(code));
        let mo = |code: &str| format!("<mjx-mo class='mjx-n'>{}</mjx-mo>", c(code));
        let mn = |code: &str| format!("<mjx-mn class='mjx-n'>{}</mjx-mn>", c(code));
        let (x, n, two) = (mi("1D465"), mi("1D45B"), mn("32"));
        for (source, expected) in [
            (format!("{}{}<mjx-msup>{x}<mjx-script>{two}</mjx-script></mjx-msup>", mi("1D438"), mo("3D")), "E=x^{2}"),
            (
                format!("<mjx-msubsup>{x}<mjx-script>{two}<mjx-spacer></mjx-spacer>{n}</mjx-script></mjx-msubsup>"),
                "x_{n}^{2}",
            ),
            (
                format!(
                    "<mjx-mfrac><mjx-frac><mjx-num><mjx-nstrut></mjx-nstrut>{x}</mjx-num><mjx-dbox><mjx-dtable><mjx-line></mjx-line>\
                     <mjx-row><mjx-den><mjx-dstrut></mjx-dstrut>{two}</mjx-den></mjx-row></mjx-dtable></mjx-dbox></mjx-frac></mjx-mfrac>"
                ),
                "\\frac{x}{2}",
            ),
            (
                format!(
                    "<mjx-msqrt><mjx-sqrt><mjx-surd>{}</mjx-surd><mjx-box>{x}</mjx-box></mjx-sqrt></mjx-msqrt>",
                    mo("221A")
                ),
                "\\sqrt{x}",
            ),
            (
                format!(
                    "<mjx-munderover><mjx-over>{n}</mjx-over><mjx-box><mjx-munder><mjx-row><mjx-base>{}</mjx-base></mjx-row>\
                     <mjx-row><mjx-under><mjx-texatom>{}{}{}</mjx-texatom></mjx-under></mjx-row></mjx-munder></mjx-box></mjx-munderover>",
                    mo("2211"),
                    mi("1D456"),
                    mo("3D"),
                    mn("31")
                ),
                "\\sum_{i=1}^{n}",
            ),
            (format!("{}{}", mi("1D6FC"), mi("64")), "\\alpha\\mathrm{d}"),
        ] {
            let page = format!("<mjx-container><mjx-math>{source}</mjx-math></mjx-container>");
            assert_eq!(read(&page).as_deref(), Some(expected), "{page}");
        }
        // A letter without its code point is not left out in silence.
        assert_eq!(read("<mjx-container><mjx-math><mjx-mi><mjx-c></mjx-c></mjx-mi></mjx-math></mjx-container>"), None);
    }

    #[test]
    fn a_drawing_in_svg_is_read_by_what_its_groups_are() {
        let page = "<svg><g><g data-mml-node='math'><g data-mml-node='msubsup'><g data-mml-node='mi'><use data-c='1D465'/></g>\
            <g data-mml-node='mn' transform='translate(605,413) scale(0.707)'><use data-c='32'/></g>\
            <g data-mml-node='mi' transform='translate(605,-247) scale(0.707)'><use data-c='1D45B'/></g></g>\
            <g data-mml-node='mo'><use data-c='2264'/></g>\
            <g data-mml-node='msqrt'><g><g data-mml-node='mi'><use data-c='1D466'/></g></g><g data-mml-node='mo'><use data-c='221A'/></g><rect/></g>\
            </g></g></svg>";
        assert_eq!(read(page).as_deref(), Some("x_{n}^{2}\\le\\sqrt{y}"));
    }
}
