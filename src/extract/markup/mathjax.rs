//! Reads formulas from MathJax renderings: elements called `mjx-…` with code points in their classes, or an SVG whose
//! groups name the MathML elements.

use crate::html::ElementRef;

use super::mathml::{self, MathPart};
use super::{ancestors, below, text};

/// Returns the TeX of a rendering; None where there is none, or where a part of it cannot be read.
pub(super) fn tex(element: ElementRef<'_>) -> Option<String> {
    let mut all = std::iter::once(element).chain(below(element));
    let top = all.find(|one| one.value().name() == "mjx-math" || one.attr("data-mml-node") == Some("math"))?;
    let read =
        if top.value().name() == "mjx-math" { mathml::read(top, of_elements) } else { mathml::read(top, of_svg) };
    read.filter(|tex| !tex.trim().is_empty())
}

/// Returns what an element of MathJax's CHTML output is.
fn of_elements(element: ElementRef<'_>) -> MathPart<'_> {
    let name = element.value().name();
    let within =
        |wanted: &str, levels: usize| ancestors(element).take(levels).any(|around| around.value().name() == wanted);
    let has_script = || element.child_elements().any(|child| child.value().name() == "mjx-script");
    match name {
        "mjx-c" => letter(element).map_or(MathPart::Unknown, |c| MathPart::Letters(c.to_string())),
        "mjx-stretchy-v" | "mjx-stretchy-h" => {
            let own = letter(element).or_else(|| below(element).find_map(letter));
            own.map_or(MathPart::Unknown, |c| MathPart::Letters(c.to_string()))
        }
        "mjx-utext" | "mjx-char" => MathPart::Letters(text(element)),
        "mjx-mi" => upright(element).unwrap_or(MathPart::Is("mi")),
        "mjx-mn" => MathPart::Is("mn"),
        "mjx-mo" => MathPart::Is("mo"),
        "mjx-mtext" | "mjx-ms" => MathPart::Is("mtext"),
        "mjx-script" | "mjx-frac" | "mjx-dbox" | "mjx-dtable" | "mjx-row" | "mjx-sqrt" | "mjx-table" | "mjx-itable" => {
            MathPart::Through
        }
        "mjx-box" if within("mjx-munderover", 1) => MathPart::Through,
        "mjx-munder" if within("mjx-munderover", 2) => MathPart::Through,
        "mjx-msup" => MathPart::Is("msup"),
        "mjx-msub" => MathPart::Is("msub"),
        "mjx-msubsup" => MathPart::Is("msupsub"),
        "mjx-munderover" if has_script() => MathPart::Is("msupsub"),
        "mjx-munderover" => MathPart::Is("moverunder"),
        "mjx-mover" if has_script() => MathPart::Is("msup"),
        "mjx-mover" => MathPart::Is("mover-first"),
        "mjx-munder" if has_script() => MathPart::Is("msub"),
        "mjx-munder" => MathPart::Is("munder"),
        "mjx-mfrac" if element.child_elements().any(|child| child.attr("atop").is_some()) => MathPart::Is("matop"),
        "mjx-mfrac" => MathPart::Is("mfrac"),
        "mjx-msqrt" => MathPart::Is("msqrt"),
        "mjx-mroot" => MathPart::Is("mroot-first"),
        "mjx-mtable" => MathPart::Is("mtable"),
        "mjx-mtr" | "mjx-mlabeledtr" => MathPart::Is("mtr"),
        "mjx-mtd" => MathPart::Is("mtd"),
        "mjx-surd" | "mjx-line" | "mjx-spacer" | "mjx-mark" | "mjx-mphantom" | "mjx-mspace" | "mjx-labels"
        | "mjx-assistive-mml" => MathPart::Skip,
        "mjx-mmultiscripts" | "mjx-merror" | "mjx-sub" | "mjx-sup" | "mjx-stack" => MathPart::Unknown,
        _ if name.ends_with("strut") => MathPart::Skip,
        _ => MathPart::Is("mrow"),
    }
}

/// Returns what an element of MathJax's SVG output is.
fn of_svg(element: ElementRef<'_>) -> MathPart<'_> {
    let name = element.value().name();
    if let Some(code) = element.attr("data-c") {
        return code_point(code).map_or(MathPart::Unknown, |c| MathPart::Letters(c.to_string()));
    }
    match element.attr("data-mml-node") {
        Some("mi") => upright(element).unwrap_or(MathPart::Is("mi")),
        Some("mo") if is_surd(element) => MathPart::Skip,
        Some("msubsup" | "munderover") if is_upper_first(element) => MathPart::Is("msupsub"),
        Some("mfrac") if !element.child_elements().any(|child| child.value().name() == "rect") => MathPart::Is("matop"),
        Some("mspace" | "mphantom") => MathPart::Skip,
        Some("mmultiscripts" | "merror") => MathPart::Unknown,
        Some(
            known @ ("mn" | "mo" | "mtext" | "msup" | "msub" | "msubsup" | "munderover" | "munder" | "mover" | "mfrac"
            | "msqrt" | "mroot" | "mtable" | "mtr" | "mtd"),
        ) => MathPart::Is(known),
        Some("ms") => MathPart::Is("mtext"),
        Some("mlabeledtr") => MathPart::Is("mtr"),
        Some(_) => MathPart::Is("mrow"),
        None if name == "text" => MathPart::Letters(text(element)),
        None if matches!(name, "rect" | "path" | "use" | "line" | "title" | "desc") => MathPart::Skip,
        // The radicand is a group of its own.
        None if element.parent().and_then(ElementRef::wrap).is_some_and(holds_root) => MathPart::Is("mrow"),
        None => MathPart::Through,
    }
}

fn holds_root(element: ElementRef<'_>) -> bool {
    matches!(element.attr("data-mml-node"), Some("msqrt" | "mroot"))
}

/// Returns true for the radical sign, which is rendered like an operator.
fn is_surd(element: ElementRef<'_>) -> bool {
    let in_root = element.parent().and_then(ElementRef::wrap).is_some_and(holds_root);
    in_root && below(element).any(|one| one.attr("data-c").is_some_and(|code| code.eq_ignore_ascii_case("221a")))
}

/// Returns true where the upper of two scripts is drawn first.
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

/// Returns `mi-upright` for a single upright letter: other single letters are italic. None for other elements.
fn upright(element: ElementRef<'_>) -> Option<MathPart<'static>> {
    let mut letters = below(element).filter_map(|one| letter(one).or_else(|| one.attr("data-c").and_then(code_point)));
    let first = letters.next()?;
    (first.is_ascii_alphabetic() && letters.next().is_none()).then_some(MathPart::Is("mi-upright"))
}

/// Returns the letter that a class names: `mjx-c1D465`.
fn letter(element: ElementRef<'_>) -> Option<char> {
    let class = element.attr("class")?;
    class.split_ascii_whitespace().filter_map(|word| word.strip_prefix("mjx-c")).find_map(code_point)
}

fn code_point(digits: &str) -> Option<char> {
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Option<String> {
        tex(ElementRef::wrap(crate::html::fragment(source).root().descendants().nth(1)?)?)
    }

    #[test]
    fn chtml_is_read_by_the_code_points_in_classes() {
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
        // A letter without its code point is not dropped silently.
        assert_eq!(read("<mjx-container><mjx-math><mjx-mi><mjx-c></mjx-c></mjx-mi></mjx-math></mjx-container>"), None);
    }

    #[test]
    fn svg_is_read_by_the_elements_that_its_groups_name() {
        let page = "<svg><g><g data-mml-node='math'><g data-mml-node='msubsup'><g data-mml-node='mi'><use data-c='1D465'/></g>\
            <g data-mml-node='mn' transform='translate(605,413) scale(0.707)'><use data-c='32'/></g>\
            <g data-mml-node='mi' transform='translate(605,-247) scale(0.707)'><use data-c='1D45B'/></g></g>\
            <g data-mml-node='mo'><use data-c='2264'/></g>\
            <g data-mml-node='msqrt'><g><g data-mml-node='mi'><use data-c='1D466'/></g></g><g data-mml-node='mo'><use data-c='221A'/></g><rect/></g>\
            </g></g></svg>";
        assert_eq!(read(page).as_deref(), Some("x_{n}^{2}\\le\\sqrt{y}"));
    }
}
