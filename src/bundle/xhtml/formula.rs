//! Formulas: from the TeX of a text to MathML.
//!
//! The library that renders them calls itself for every level of a formula, so that input is bounded before it gets there, and
//! it runs on a thread of its own. What it cannot render stays TeX.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use katex::{KatexContext, OutputFormat, Settings};

use crate::html::{Dom, Element, ElementRef};

use super::mathml;

/// The maximum length of a formula in bytes. The longest of 19,000 formulas of OI Wiki has 2,023.
const MAX_LENGTH: usize = 10_000;
/// The maximum number of open braces. The same formulas have up to 11.
const MAX_DEPTH: usize = 50;
/// The maximum number of commands, braces and columns, each of which may be a level of its own. The same formulas have up to 372.
const MAX_LEVELS: usize = 1_500;
/// The number of bytes of MathML in a text after which formulas stay TeX: a column of an empty matrix is 90 times as long as
/// its TeX.
const MAX_OUTPUT: usize = 1 << 24;
/// The stack of the thread that renders. A level needed 21 KB at most.
const STACK: usize = 64 << 20;
/// The commands that define others. A definition may be longer than the formula by any factor.
const DEFINITIONS: [&str; 10] =
    ["def", "gdef", "edef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "providecommand", "expandafter"];

/// Whether a formula stands in a line or on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FormulaStyle {
    Inline,
    Display,
}

/// A formula of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Formula {
    pub tex: String,
    pub style: FormulaStyle,
}

impl Formula {
    /// Returns the formula that an element is; None for any other element.
    pub fn of(node: ElementRef<'_>) -> Option<Self> {
        let element = node.value();
        if !matches!(element.name(), "span" | "code") || !is_formula(element) {
            return None;
        }
        let is_class = element.attr("class").is_some_and(|class| class.contains("display"));
        let is_display = is_class || element.attr("data-math-style") == Some("display");
        let written: String = node.text().collect();
        let shown = written.trim();
        let inner = shown.strip_prefix("\\(").and_then(|rest| rest.strip_suffix("\\)"));
        let inner = inner.or_else(|| shown.strip_prefix("\\[").and_then(|rest| rest.strip_suffix("\\]")));
        let style = if is_display { FormulaStyle::Display } else { FormulaStyle::Inline };
        Some(Self { tex: inner.unwrap_or(shown).trim().to_owned(), style })
    }
}

fn is_formula(element: &Element) -> bool {
    element.attr("data-math-style").is_some()
        || element.attr("class").is_some_and(|class| matches!(class, "math inline" | "math display"))
}

/// The formulas of a text as MathML.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    /// None for a formula that cannot be rendered.
    rendered: BTreeMap<Formula, Option<String>>,
}

impl Formulas {
    /// Renders the formulas of a text.
    pub fn of(dom: &Dom) -> Self {
        let nodes = dom.root().descendants().filter_map(ElementRef::wrap);
        let mut rendered: BTreeMap<_, _> = nodes.filter_map(Formula::of).map(|formula| (formula, None)).collect();
        if rendered.is_empty() {
            return Self::default();
        }
        let formulas: Vec<Formula> = rendered.keys().cloned().collect();
        let work = move || render_all(formulas);
        // Without the thread, formulas stay TeX, as everything does that cannot be rendered.
        let done = thread::Builder::new().stack_size(STACK).spawn(work).ok().and_then(|thread| thread.join().ok());
        rendered.extend(done.unwrap_or_default());
        Self { rendered }
    }

    /// Returns a formula as MathML; None if it stays TeX.
    pub fn mathml(&self, formula: &Formula) -> Option<&str> {
        self.rendered.get(formula)?.as_deref()
    }
}

fn render_all(formulas: Vec<Formula>) -> Vec<(Formula, Option<String>)> {
    let context = KatexContext::default();
    let mut length = 0;
    let mut render_one = |formula: Formula| {
        let is_small = length <= MAX_OUTPUT && is_bounded(&formula.tex);
        let mathml = is_small.then(|| render(&context, &formula)).flatten();
        length += mathml.as_ref().map_or(0, String::len);
        (formula, mathml)
    };
    formulas.into_iter().map(&mut render_one).collect()
}

/// Renders a formula that is bounded; None if it is not valid.
fn render(context: &KatexContext, formula: &Formula) -> Option<String> {
    let as_style = |style| {
        let settings = Settings::builder()
            .display_mode(style == FormulaStyle::Display)
            .output(OutputFormat::Mathml)
            // In points; rules and spaces that are longer are cut to it.
            .max_size(1000.0)
            .build();
        let work = || katex::render_to_string(context, &formula.tex, &settings).ok();
        catch_unwind(AssertUnwindSafe(work)).ok().flatten()
    };
    // Some environments are allowed on their own only, and stand in lines nevertheless.
    let written = as_style(formula.style).or_else(|| as_style(FormulaStyle::Display))?;
    let own = [("alttext", formula.tex.as_str()), ("display", "block")];
    let count = if formula.style == FormulaStyle::Display { 2 } else { 1 };
    mathml::rewritten(&written, &own[..count])
}

/// Returns whether TeX is small enough to be rendered: one pass, in which escaped braces count as braces too.
fn is_bounded(tex: &str) -> bool {
    let (mut depth, mut levels) = (0_usize, 0);
    for byte in tex.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        levels += usize::from(matches!(byte, b'\\' | b'{' | b'&' | b'^' | b'_' | b'\'' | b'~'));
        if depth > MAX_DEPTH || levels > MAX_LEVELS {
            return false;
        }
    }
    let mut commands = tex.split('\\').skip(1);
    let name = |rest: &str| rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    tex.len() <= MAX_LENGTH && !commands.any(|rest| DEFINITIONS.contains(&&rest[..name(rest)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(tex: &str) -> Option<String> {
        let formula = Formula { tex: tex.to_owned(), style: FormulaStyle::Display };
        let (_, mathml) = render_all(vec![formula]).pop()?;
        mathml
    }

    #[test]
    fn formulas_that_are_too_large_or_define_commands_stay_tex() {
        for tex in [
            "{".repeat(10_000) + &"}".repeat(10_000),
            "\\frac{a}{b}".repeat(100_000),
            "\\bf ".repeat(50_000),
            "\\def\\a{\\a}\\a".to_owned(),
            "\\newcommand{\\a}{b}\\a".to_owned(),
            "&".repeat(2_000),
            "1".repeat(20_000),
            "{".to_owned(),
            "}".to_owned(),
            "\\".to_owned(),
            "\\unknown".to_owned(),
            "\\left(".to_owned(),
            String::new() + "\u{0}",
        ] {
            assert_eq!(rendered(&tex), None, "{}", tex.get(..20).unwrap_or(&tex));
        }
    }

    #[test]
    fn formulas_at_the_limits_fit_on_the_stack() {
        let run = || {
            for (open, close, count) in [
                ("{", "}", MAX_DEPTH),
                ("\\boxed{", "}", MAX_DEPTH),
                ("\\text{$", "$}", MAX_DEPTH),
                ("\\left(", "\\right)", MAX_LEVELS / 2),
                ("\\begin{cases}", "\\end{cases}", MAX_LEVELS / 4),
                ("\\color{red}", "", MAX_LEVELS / 2),
                ("\\bf ", "", MAX_LEVELS),
            ] {
                rendered(&format!("{}x{}", open.repeat(count), close.repeat(count)));
            }
        };
        thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
    }
}
