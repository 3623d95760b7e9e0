//! Formulas as KaTeX, MathJax, MathML, Wikipedia, Zhihu and equation servers write them, in TeX.

use url::Url;

use crate::html::ElementRef;

use super::{Markup, ancestors, below, below_named, has_class, mathml, next_element, text};

/// A longer text (in characters) without a sign of TeX in it is prose, whatever its class says.
const PROSE: usize = 30;

/// The formula that an element is, or nothing for a rendering of one whose source stands beside it.
pub(super) fn of(element: ElementRef<'_>) -> Option<Markup> {
    match element.value().name() {
        "script" => script(element),
        "math" => formula(mathml::tex(element), is_block(element)),
        "mjx-container" => {
            let display = element.attr("display").is_some_and(|value| value != "false");
            formula(inside(element), display)
        }
        "math-renderer" => delimited(&text(element), has_class(element, |word| word.contains("display"))),
        "img" => picture(element),
        "span" | "div" | "p" | "section" | "code" | "pre" | "eq" | "eqn" | "tex-math" => classed(element),
        _ => None,
    }
}

fn classed(element: ElementRef<'_>) -> Option<Markup> {
    for name in ["data-tex", "data-latex", "data-formula", "data-expr"] {
        if let Some(tex) = element.attr(name) {
            let display = element.value().name() != "span" || tex.trim_end().ends_with("\\\\");
            return formula(Some(stripped(tex)), display);
        }
    }
    if let Some(style) = element.attr("data-math-style") {
        return delimited(&text(element), style == "display");
    }
    element.attr("class")?;
    let is = |wanted: &str| has_class(element, |word| word == wanted);
    if is("katex-display") || is("katex") {
        return formula(inside(element), is("katex-display"));
    }
    if is("mwe-math-element") {
        let display =
            is("mwe-math-element-block") || below(element).any(|one| has_class(one, |c| c.ends_with("display")));
        return formula(inside(element), display);
    }
    if has_class(element, |word| word.starts_with("MathJax") || word.starts_with("MJXc-") || word == "mjx-chtml") {
        return mathjax(element);
    }
    let marked = is("math") || is("kdmath") || is("latex") || is("arithmatex") || is("tex");
    if marked
        && element.value().name() != "pre"
        && below(element).all(|one| matches!(one.value().name(), "br" | "em" | "sub" | "sup"))
    {
        let shown = text(element);
        if shown.trim().chars().count() > PROSE && !looks_like_tex(&shown) {
            return None;
        }
        let display =
            has_class(element, |word| word.contains("display") || word == "kdmath") || element.value().name() == "div";
        return delimited(&shown, display);
    }
    None
}

/// MathJax 2 puts what it shows before the script that holds the source.
fn mathjax(element: ElementRef<'_>) -> Option<Markup> {
    if has_class(element, |word| word == "MathJax_Preview") {
        return Some(Markup::Nothing);
    }
    let following = std::iter::successors(next_element(element), |one| next_element(*one)).take(2);
    if following.into_iter().any(is_source) || below_named(element, "script").any(is_source) {
        let own = below_named(element, "script").find(|one| is_source(*one));
        return own.map_or(Some(Markup::Nothing), script);
    }
    let display = has_class(element, |word| word.to_ascii_lowercase().contains("display"));
    if let Some(tex) = inside(element) {
        return formula(Some(tex), display);
    }
    let source = element.attr("data-mathml").or_else(|| below(element).find_map(|one| one.attr("data-mathml")))?;
    let parsed = crate::html::fragment(source);
    let math = parsed.root().descendants().filter_map(ElementRef::wrap).find(|one| one.value().name() == "math")?;
    formula(mathml::tex(math), display || is_block(math))
}

fn is_source(element: ElementRef<'_>) -> bool {
    element.value().name() == "script"
        && element.attr("type").is_some_and(|kind| kind.trim_start().starts_with("math/"))
}

fn script(element: ElementRef<'_>) -> Option<Markup> {
    let kind = element.attr("type")?;
    if !is_source(element) {
        return None;
    }
    let display = kind.contains("mode=display");
    if kind.starts_with("math/mml") {
        let parsed = crate::html::fragment(&text(element));
        let math = parsed.root().descendants().filter_map(ElementRef::wrap).find(|one| one.value().name() == "math")?;
        return formula(mathml::tex(math), display || is_block(math));
    }
    let source = text(element);
    // A wrapping that keeps readers of XML out of it; to TeX, each end is a comment.
    let bare = source.trim().trim_start_matches("% <![CDATA[").trim_end_matches("%]]>");
    formula(Some(bare.to_owned()), display)
}

/// TeX out of what is in an element: its MathML, an attribute, or the text that stands for its picture.
fn inside(element: ElementRef<'_>) -> Option<String> {
    below_named(element, "math")
        .find_map(mathml::tex)
        .or_else(|| element.attr("data-latex").map(str::to_owned))
        .or_else(|| below(element).find_map(|one| one.attr("data-latex").map(str::to_owned)))
        .or_else(|| stripped_mathml(element))
        .or_else(|| below_named(element, "annotation").map(text).find(|tex| !tex.trim().is_empty()))
        .or_else(|| below_named(element, "img").find_map(|img| img.attr("alt").map(str::to_owned)))
}

/// Of MathML whose tags a site took off, its source is the last word: TeX without spaces, or the last line.
fn stripped_mathml(element: ElementRef<'_>) -> Option<String> {
    let bare =
        below(element).find(|one| has_class(*one, |word| word == "katex-mathml") && below(*one).next().is_none())?;
    let text = text(bare);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let last = lines.next_back()?;
    let source = if text.trim().contains('\n') { last } else { last.rsplit(' ').next().unwrap_or(last) };
    Some(source.to_owned())
}

fn is_block(math: ElementRef<'_>) -> bool {
    math.attr("display") == Some("block")
        || math.attr("mode") == Some("display")
        || ancestors(math).take(3).any(|above| has_class(above, |word| word == "katex-display"))
}

/// An image that an equation server drew.
fn picture(img: ElementRef<'_>) -> Option<Markup> {
    let src = img.attr("src").or_else(|| img.attr("data-src")).unwrap_or_default();
    let classed = has_class(img, |word| {
        matches!(word, "latex" | "tex" | "math" | "ee_img" | "equation" | "mathjax")
            || word.starts_with("mwe-math-fallback")
            || word == "equation_image"
    });
    let served = ["/equation?tex=", "latex.codecogs.com", "latex.php?latex=", "chart.googleapis.com/chart?cht=tx"];
    if !classed && !served.iter().any(|part| src.contains(part)) {
        return None;
    }
    let display = has_class(img, |word| word.contains("display"))
        || img.attr("data-display") == Some("block")
        || img.attr("alt").is_some_and(|alt| alt.trim_end().ends_with("\\\\"));
    let alt = [img.attr("data-formula"), img.attr("alt")].into_iter().flatten().find(|alt| !alt.trim().is_empty());
    let alt = alt.filter(|alt| classed || looks_like_tex(alt)).map(stripped);
    formula(Some(alt.or_else(|| from_query(src))?), display)
}

fn looks_like_tex(text: &str) -> bool {
    text.contains(['\\', '^', '_', '=', '{'])
}

fn from_query(src: &str) -> Option<String> {
    let url = Url::options().base_url(Url::parse("https://a.invalid/").ok().as_ref()).parse(src).ok()?;
    if let Some((_, tex)) = url.query_pairs().find(|(key, _)| matches!(&**key, "tex" | "latex" | "chl")) {
        return Some(tex.into_owned());
    }
    // codecogs takes the whole query as the formula.
    let whole = url.query().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(whole).decode_utf8_lossy().into_owned();
    Some(decoded).filter(|tex| !tex.trim().is_empty())
}

/// Text between the delimiters that scripts look for, or a formula as it stands.
fn delimited(text: &str, display: bool) -> Option<Markup> {
    let text = text.trim();
    for (open, close, block) in [("\\(", "\\)", false), ("\\[", "\\]", true), ("$$", "$$", true), ("$", "$", false)] {
        if let Some(tex) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return formula(Some(tex.to_owned()), display || block);
        }
    }
    formula(Some(text.to_owned()), display)
}

/// Without delimiters, if it has some.
fn stripped(text: &str) -> String {
    match delimited(text, false) {
        Some(Markup::Math { tex, .. }) => tex,
        _ => text.to_owned(),
    }
}

fn formula(tex: Option<String>, display: bool) -> Option<Markup> {
    let tex = tex?;
    let mut tex = tex.trim();
    // What Wikipedia and others put around every formula.
    for _ in 0..2 {
        let inner = tex.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map(str::trim);
        if let Some(inner) =
            inner.filter(|inner| inner.starts_with("\\displaystyle") || inner.starts_with("\\textstyle"))
        {
            tex = inner;
        }
        for style in ["\\displaystyle", "\\textstyle"] {
            if let Some(rest) =
                tex.strip_prefix(style).filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
            {
                tex = rest.trim();
            }
        }
    }
    // A line end after the last line ends nothing.
    let tex = tex.trim_end_matches("\\\\");
    let collapsed = tex.split_whitespace().collect::<Vec<_>>().join(" ");
    (!collapsed.is_empty()).then_some(Markup::Math { tex: collapsed, display })
}
