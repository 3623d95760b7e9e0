//! Recognises formulas as KaTeX, MathJax, MathML, Wikipedia, Zhihu and equation servers write them, and returns TeX.

use url::Url;

use crate::extract::hints::Hints;
use crate::html::ElementRef;

use super::formula::{delimited, formula, looks_like_tex, stripped, without_parts};
use super::{
    Markup, ancestors, below, below_named, has_class, katex, mathjax, mathml, next_element, stands_alone, style, text,
};

/// Maximum length of text without TeX commands, in characters: longer text is prose, whatever its class.
const PROSE: usize = 30;

/// Maximum length of the visible text of an unreadable formula, in characters.
const SHOWN: usize = 400;

/// Attributes that hold TeX on any element, and those that hold it where the text looks like TeX.
const SOURCES: [&str; 7] =
    ["data-tex", "data-latex", "data-formula", "data-expr", "data-katex", "data-latex-source", "data-math-tex"];
const LIKELY_SOURCES: [&str; 10] = [
    "data-equation",
    "data-math",
    "data-source",
    "data-value",
    "data-content",
    "data-original",
    "data-expression",
    "title",
    "alt",
    "aria-label",
];

/// Returns the formula that an element is, or `Markup::Nothing` for a rendering whose source is beside it; None for
/// other elements.
pub(super) fn of(element: ElementRef<'_>, hints: Hints) -> Option<Markup> {
    match element.value().name() {
        "script" => script(element),
        "math" => formula(mathml::tex(element), is_block(element)),
        "mjx-container" => {
            let display = element.attr("display").is_some_and(|value| value != "false");
            formula(inside(element), display).or_else(|| unreadable(element, display))
        }
        "math-renderer" => delimited(&text(element), has_class(element, |word| word.contains("display"))),
        "d-math" | "math-field" | "la-tex" => delimited(&text(element), element.attr("block").is_some()),
        "amp-mathml" => {
            let source = element.attr("data-formula").unwrap_or_default();
            delimited(source, element.attr("inline").is_none() && !source.trim_start().starts_with("\\("))
        }
        "img" => image(element),
        "svg" => {
            let tex = attribute(element).or_else(|| inside(element))?;
            formula(Some(stripped(&tex)), is_displayed(element, &tex))
        }
        "span" | "div" | "p" | "section" | "figure" | "code" | "pre" | "eq" | "eqn" | "tex-math"
            if hints.has(Hints::FORMULA) =>
        {
            classed(element)
        }
        _ => None,
    }
}

/// Returns the TeX in an element's attribute; None where there is none.
fn attribute(element: ElementRef<'_>) -> Option<String> {
    let mut attrs = element.value().attrs();
    let found = attrs.find(|(name, value)| SOURCES.contains(name) && !matches!(value.trim(), "" | "true" | "false"))?;
    Some(found.1.to_owned())
}

/// Returns the TeX in an attribute of an element with a formula's class.
fn likely_attribute(element: ElementRef<'_>) -> Option<String> {
    let mut attrs = element.value().attrs();
    let found = attrs.find(|(name, value)| LIKELY_SOURCES.contains(name) && looks_like_tex(value))?;
    Some(stripped(found.1))
}

/// Returns whether a formula in an attribute is displayed on a line of its own.
fn is_displayed(element: ElementRef<'_>, tex: &str) -> bool {
    let mut words = String::new();
    for name in ["class", "data-type", "display", "data-display", "data-math-style", "mode"] {
        words.push_str(element.attr(name).unwrap_or_default());
        words.push(' ');
    }
    let words = words.to_ascii_lowercase();
    let set = style(element).unwrap_or_default();
    if words.contains("inline") || set.contains("display:inline") {
        return false;
    }
    let name = element.value().name();
    let is_declared = ["block", "display", "true"].iter().any(|word| words.contains(word));
    let is_shown = below(element).take(4).any(|one| has_class(one, |word| word == "katex-display"));
    let by_name = match name {
        "span" | "code" | "eq" => false,
        "svg" => set.contains("display:block") || stands_alone(element),
        _ => true,
    };
    is_declared || is_shown || by_name || tex.trim_end().ends_with("\\\\")
}

fn classed(element: ElementRef<'_>) -> Option<Markup> {
    if let Some(tex) = attribute(element) {
        return formula(Some(stripped(&tex)), is_displayed(element, &tex));
    }
    if let Some(style) = element.attr("data-math-style") {
        return delimited(&text(element), style == "display");
    }
    element.attr("class")?;
    let is = |wanted: &str| has_class(element, |word| word == wanted);
    if is("latex-rendered") {
        return substack(element);
    }
    if is("katex-display") || is("katex") || is("katex-mathml") || is("katex-html") || is("katex-error") {
        return of_katex(element);
    }
    if is("mwe-math-element") {
        let display =
            is("mwe-math-element-block") || below(element).any(|one| has_class(one, |c| c.ends_with("display")));
        return formula(inside(element), display);
    }
    if has_class(element, is_mathjax) {
        return mathjax(element);
    }
    let marked = ["math", "kdmath", "latex", "arithmatex", "tex"].into_iter().any(is);
    let likely =
        ["math-container", "math-inline", "math-display", "math-block", "inline-math", "display-math", "equation"];
    let likely = !marked && likely.into_iter().any(is);
    if (marked || likely)
        && element.value().name() != "pre"
        && below(element).all(|one| matches!(one.value().name(), "br" | "em" | "sub" | "sup"))
    {
        let shown = text(element);
        if (likely || shown.trim().chars().count() > PROSE)
            && !(looks_like_tex(&shown) || likely && is_delimited(&shown))
        {
            return None;
        }
        let display = has_class(element, |word| word.contains("display") || word == "kdmath" || word == "math-block")
            || element.value().name() == "div";
        return delimited(&shown, display);
    }
    None
}

fn is_delimited(text: &str) -> bool {
    let text = text.trim();
    text.len() > 2 && (text.starts_with('$') && text.ends_with('$') || text.starts_with("\\("))
}

/// Returns the source that Substack keeps beside a formula that a script renders.
fn substack(element: ElementRef<'_>) -> Option<Markup> {
    let kept: serde_json::Value = serde_json::from_str(element.attr("data-attrs")?).ok()?;
    let tex = kept.get("persistentExpression")?.as_str()?;
    formula(Some(stripped(tex)), true)
}

/// Returns the formula of a KaTeX rendering, with or without MathML beside it.
fn of_katex(element: ElementRef<'_>) -> Option<Markup> {
    let is = |one: ElementRef<'_>, wanted: &str| has_class(one, |word| word == wanted);
    let sibling = |one: Option<ElementRef<'_>>, wanted: &str| one.is_some_and(|one| is(one, wanted));
    if is(element, "katex-html") && sibling(element.prev_siblings().find_map(ElementRef::wrap), "katex-mathml") {
        return Some(Markup::Nothing);
    }
    let mut around = std::iter::once(element).chain(ancestors(element).take(2));
    let display = around.any(|one| {
        has_class(one, |word| {
            matches!(word, "katex-display" | "katex--display" | "math-display" | "katex-block" | "math-block")
        })
    });
    if is(element, "katex-error") {
        return delimited(&text(element), display);
    }
    let own = || likely_attribute(element).or_else(|| below(element).take(3).find_map(likely_attribute));
    let drawn = || {
        let html = std::iter::once(element).chain(below(element)).find(|one| is(*one, "katex-html"));
        html.or_else(|| next_element(element).filter(|one| is(*one, "katex-html")))
    };
    let tex =
        inside(element).or_else(|| bare_mathml(element, drawn())).or_else(own).or_else(|| drawn().and_then(katex::tex));
    formula(tex, display).or_else(|| unreadable(drawn().unwrap_or(element), display))
}

/// Returns a formula that cannot be read; None where it shows nothing.
fn unreadable(element: ElementRef<'_>, display: bool) -> Option<Markup> {
    let spoken = || element.attr("aria-label").unwrap_or_default().to_owned();
    let visible = text(element);
    let shown = if visible.trim().is_empty() { spoken() } else { visible };
    let shown: String = crate::html::text::collapse(&shown);
    let is_drawn = || below(element).next().is_some();
    if shown.is_empty() && !is_drawn() || shown.chars().count() > SHOWN {
        return None;
    }
    Some(Markup::Unreadable { seen: shown, display })
}

/// Returns true for the classes of MathJax 2 renderings.
fn is_mathjax(word: &str) -> bool {
    word == "MathJax" || word.starts_with("MathJax_") || word.starts_with("MJXc-") || word == "mjx-chtml"
}

/// Returns the formula of a MathJax 2 rendering; the script with its source follows.
fn mathjax(element: ElementRef<'_>) -> Option<Markup> {
    let mut following = std::iter::successors(next_element(element), |one| next_element(*one)).take(3);
    if has_class(element, |word| word == "MathJax_Preview") {
        if following.any(|one| is_source(one) || has_class(one, is_mathjax)) || text(element).trim().is_empty() {
            return Some(Markup::Nothing);
        }
        return delimited(&text(element), stands_alone(element));
    }
    let next = following.find(|one| !has_class(*one, |word| word == "MathJax_Preview"));
    if let Some(own) = below_named(element, "script").find(|one| is_source(*one)) {
        return script(own);
    }
    if next.is_some_and(is_source) {
        return Some(Markup::Nothing);
    }
    let display = has_class(element, |word| word.to_ascii_lowercase().contains("display"));
    if let Some(tex) = inside(element) {
        return formula(Some(tex), display);
    }
    let source = element.attr("data-mathml").or_else(|| below(element).find_map(|one| one.attr("data-mathml")));
    let Some(source) = source else {
        let is_whole = has_class(element, |word| !word.ends_with("Processing") && !word.ends_with("Processed"));
        return if is_whole { unreadable(element, display) } else { None };
    };
    let parsed = crate::html::fragment(source);
    let math = parsed.root().descendants().filter_map(ElementRef::wrap).find(|one| one.value().name() == "math")?;
    formula(mathml::tex(math), display || is_block(math))
}

fn is_source(element: ElementRef<'_>) -> bool {
    element.value().name() == "script"
        && element.attr("type").is_some_and(|kind| kind.trim_start().starts_with("math/"))
}

fn script(element: ElementRef<'_>) -> Option<Markup> {
    let kind = element.attr("type")?.trim();
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
    if kind.contains("ascii") {
        let seen = crate::html::text::collapse(&source);
        return Some(Markup::Unreadable { seen, display });
    }
    // A CDATA section that hides the source from XML parsers; to TeX its lines are comments.
    let bare = source.trim().trim_start_matches("% <![CDATA[").trim_end_matches("%]]>");
    let bare = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    formula(Some(bare), display)
}

/// Returns the TeX inside an element: of its MathML, an attribute, a rendering, or its image's alternative text.
fn inside(element: ElementRef<'_>) -> Option<String> {
    below_named(element, "math")
        .find_map(mathml::tex)
        .or_else(|| attribute(element))
        .or_else(|| below(element).find_map(attribute))
        .or_else(|| below_named(element, "annotation").map(text).find(|tex| !tex.trim().is_empty()))
        .or_else(|| below_named(element, "img").find_map(|img| img.attr("alt").map(str::to_owned)))
        .or_else(|| mathjax::tex(element))
}

/// Returns the source from the text of MathML whose tags a site removed.
fn bare_mathml(element: ElementRef<'_>, drawn: Option<ElementRef<'_>>) -> Option<String> {
    let mut all = std::iter::once(element).chain(below(element));
    let bare = all.find(|one| has_class(*one, |word| word == "katex-mathml"))?;
    let drawn = drawn.map(text).unwrap_or_default();
    Some(without_parts(&text(bare), &drawn)).filter(|tex| !tex.is_empty())
}

fn is_block(math: ElementRef<'_>) -> bool {
    math.attr("display") == Some("block")
        || math.attr("mode") == Some("display")
        || ancestors(math).take(3).any(|above| has_class(above, |word| word == "katex-display"))
}

/// Parts of equation servers' URLs.
const SERVED: [&str; 10] = [
    "/equation?tex=",
    "latex.codecogs.com",
    "latex.php?latex=",
    "chart.googleapis.com/chart?cht=tx",
    "chart.apis.google.com/chart?cht=tx",
    "/render/math?math=",
    "math.now.sh?from=",
    "math.vercel.app?from=",
    "/cgi-bin/mathtex.cgi?",
    "/cgi-bin/mimetex.cgi?",
];

/// Returns the formula of an image that an equation server renders.
fn image(img: ElementRef<'_>) -> Option<Markup> {
    let src = img.attr("src").or_else(|| img.attr("data-src")).unwrap_or_default();
    let classed = has_class(img, |word| {
        matches!(word, "latex" | "tex" | "math" | "ee_img" | "equation" | "mathjax")
            || word.starts_with("mwe-math-fallback")
            || matches!(word, "equation_image" | "ql-img-inline-formula" | "ql-img-displayed-equation" | "latex-image")
    });
    // Every known server has one of these in its URLs.
    let may_be_served = ["tex", "math", "cht=tx"].iter().any(|part| src.contains(part));
    let is_served = may_be_served && SERVED.iter().any(|part| src.contains(part));
    if !classed && !is_served {
        return None;
    }
    let display = has_class(img, |word| word.contains("display"))
        || img.attr("data-display") == Some("block")
        || img.attr("alt").is_some_and(|alt| alt.trim_end().ends_with("\\\\"));
    let alt = [img.attr("data-formula"), img.attr("alt")].into_iter().flatten().find(|alt| !alt.trim().is_empty());
    let alt = alt.filter(|alt| classed || looks_like_tex(alt)).map(stripped);
    formula(Some(alt.or_else(|| from_query(src))?), display)
}

fn from_query(src: &str) -> Option<String> {
    let url = Url::options().base_url(Url::parse("https://a.invalid/").ok().as_ref()).parse(src).ok()?;
    if let Some((_, tex)) =
        url.query_pairs().find(|(key, _)| matches!(&**key, "tex" | "latex" | "chl" | "math" | "from"))
    {
        return Some(tex.into_owned());
    }
    // codecogs takes the complete query as the formula.
    let whole = url.query().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(whole).decode_utf8_lossy().into_owned();
    Some(decoded).filter(|tex| !tex.trim().is_empty())
}
