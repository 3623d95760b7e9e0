//! Several forms of one image: preview and full size, the copy in a `noscript`, the large file behind a link.

use std::collections::HashMap;

use crate::extract::media::{self, Shown};
use crate::extract::scan::Scan;
use crate::html::ElementRef;
use crate::images::{self, Attrs, ImageChoice, Pick, SizeClass};

/// The maximum number of entries on each side that are searched for other forms of an image.
const NEAR: usize = 16;

/// The maximum number of other images that are compared on each side.
const OTHERS: usize = 3;

/// The maximum number of elements from an image up to the element around all its forms.
const LEVELS: usize = 3;

/// Class names of images that are not visible yet.
const HIDDEN: [&str; 6] = ["hidden", "d-none", "is-hidden", "invisible", "hide", "lightbox-image"];

/// Which of its forms an image is.
pub enum FormRole<'a> {
    /// The form to keep, with the best URL, and the element with that URL when it is another one.
    Main(Pick, Option<ElementRef<'a>>),
    /// Another form of an image before it.
    Duplicate,
}

/// The URLs of a page's images, each read once.
#[derive(Default)]
pub struct Forms {
    known: HashMap<usize, ImageChoice>,
}

impl Forms {
    /// Returns what [`own`] does.
    pub fn own(&mut self, scan: &Scan<'_>, at: usize) -> ImageChoice {
        self.known.entry(at).or_insert_with(|| own(scan, at)).clone()
    }
}

/// Returns the URL of an element's image from its attributes, its `source`s and the `noscript` beside it.
fn own(scan: &Scan<'_>, at: usize) -> ImageChoice {
    let Some(element) = scan.element(at) else { return images::pick(&[], &[], &[]) };
    let name = element.value().name();
    let mut attrs = attrs_of(element);
    if matches!(name, "object" | "embed") {
        // An `object` shows its file, or its content when it cannot.
        let file = element.attr("data").or(element.attr("src")).unwrap_or_default();
        attrs = vec![("src", file)];
    }
    let image = if name == "picture" { Some(element) } else { enclosing_picture(element) };
    let sources: Vec<Vec<(&str, &str)>> = image
        .map(|image| {
            let below = image.descendants().take(NEAR * 4).filter_map(ElementRef::wrap);
            below.filter(|child| child.value().name() == "source").map(attrs_of).collect()
        })
        .unwrap_or_default();
    let fallbacks: Vec<Vec<(&str, &str)>> = fallbacks(scan, at, element).into_iter().map(attrs_of).collect();
    let sources: Vec<Attrs<'_>> = sources.iter().map(Vec::as_slice).collect();
    let fallbacks: Vec<Attrs<'_>> = fallbacks.iter().map(Vec::as_slice).collect();
    images::pick(&attrs, &sources, &fallbacks)
}

/// Returns which of its forms an image is.
pub fn role<'a>(forms: &mut Forms, scan: &Scan<'a>, at: usize, pick: Pick) -> FormRole<'a> {
    let (before, after) = neighbours(scan, at);
    let mut best = (pick, None);
    for other in before.iter().chain(&after).copied() {
        let ImageChoice::Image(its) = forms.own(scan, other) else { continue };
        let is_same = is_one_image(scan, (at, &best.0), (other, &its));
        if !is_same {
            continue;
        }
        if other < at && !scan.entries[other].unseen && !scan.entries[other].hidden {
            return FormRole::Duplicate;
        }
        let element = scan.element(other);
        let unless_worse = is_hidden(scan, other) && !is_hidden(scan, at);
        best = if unless_worse { joined_unless_worse(best, (its, element)) } else { joined(best, (its, element)) };
    }
    let (pick, other) = best;
    // A link to a larger file replaces the URL of an image that is a small one.
    let target = linked_file(scan, at).filter(|target| {
        images::size_class(&pick.written) > SizeClass::Full
            || images::is_better(target, &pick.written) && images::is_same_image(target, &pick.written)
    });
    let pick = match target {
        Some(target) => joined_pick(Pick { written: target.to_owned(), alternatives: Vec::new() }, pick),
        None => pick,
    };
    FormRole::Main(pick, other)
}

type Form<'a> = (Pick, Option<ElementRef<'a>>);

/// Joins two forms of one image: the better URL first, the others as alternatives.
fn joined<'a>(one: Form<'a>, other: Form<'a>) -> Form<'a> {
    if images::is_better(&other.0.written, &one.0.written) {
        (joined_pick(other.0, one.0), other.1)
    } else {
        (joined_pick(one.0, other.0), one.1.or(other.1))
    }
}

/// Joins two forms of one image, of which the other is hidden until it is loaded: its URL first unless it is the worse one.
fn joined_unless_worse<'a>(one: Form<'a>, hidden: Form<'a>) -> Form<'a> {
    if images::is_better(&one.0.written, &hidden.0.written) {
        joined(one, hidden)
    } else {
        (joined_pick(hidden.0, one.0), hidden.1)
    }
}

fn joined_pick(best: Pick, rest: Pick) -> Pick {
    let mut alternatives: Vec<String> = Vec::new();
    for url in best.alternatives.into_iter().take(2).chain([rest.written]).chain(rest.alternatives) {
        if url != best.written && !alternatives.contains(&url) && alternatives.len() < 4 {
            alternatives.push(url);
        }
    }
    Pick { written: best.written, alternatives }
}

/// Returns the images before and after an image with no text between them, nearest first.
fn neighbours(scan: &Scan<'_>, at: usize) -> (Vec<usize>, Vec<usize>) {
    let is_text = |index: usize| {
        let entry = &scan.entries[index];
        !entry.unseen && entry.node.value().as_text().is_some_and(|text| !text.text.trim().is_empty())
    };
    let is_image =
        |index: usize| scan.name(index) == "img" && !is_in_noscript(scan, index) && levels(scan, at, index) <= LEVELS;
    let mut before = Vec::new();
    for index in (at.saturating_sub(NEAR)..at).rev() {
        if is_text(index) || before.len() == OTHERS {
            break;
        }
        before.extend(Some(index).filter(|&index| is_image(index)));
    }
    let mut after = Vec::new();
    let mut index = scan.entries[at].end;
    for _ in 0..NEAR {
        if index >= scan.entries.len() || is_text(index) || after.len() == OTHERS {
            break;
        }
        after.extend(Some(index).filter(|&index| is_image(index)));
        index = if scan.name(index) == "noscript" { scan.entries[index].end } else { index + 1 };
    }
    (before, after)
}

/// Returns the number of elements from the first node up to one that contains both; `usize::MAX` when it is too far.
fn levels(scan: &Scan<'_>, from: usize, to: usize) -> usize {
    let mut at = from;
    for level in 0..=LEVELS + 1 {
        let entry = &scan.entries[at];
        if at <= to && to < entry.end {
            return level;
        }
        at = entry.parent;
    }
    usize::MAX
}

/// Returns true when two images are forms of one: by their URLs, or because one is a preview and the other the nearest
/// image to it, or because they are the only two of a figure that shows one of them later.
fn is_one_image(scan: &Scan<'_>, one: (usize, &Pick), other: (usize, &Pick)) -> bool {
    let ((a, one), (b, other)) = (one, other);
    if one.written == other.written {
        return figure_of(scan, a).is_some_and(|figure| figure_of(scan, b) == Some(figure));
    }
    if images::is_same_image(&one.written, &other.written) {
        return true;
    }
    let is_preview = |pick: &Pick| images::size_class(&pick.written) == SizeClass::Preview;
    match (is_preview(one), is_preview(other)) {
        (true, false) => original_of(scan, a) == Some(b),
        (false, true) => original_of(scan, b) == Some(a),
        _ => is_hidden(scan, a) != is_hidden(scan, b) && are_alone_in_figure(scan, a, b),
    }
}

/// Returns the image that a preview stands for: the nearest in the tree, the following one first.
fn original_of(scan: &Scan<'_>, preview: usize) -> Option<usize> {
    let (before, after) = neighbours(scan, preview);
    let candidates = after.first().into_iter().chain(before.first()).copied();
    candidates.min_by_key(|&other| levels(scan, preview, other))
}

fn are_alone_in_figure(scan: &Scan<'_>, one: usize, other: usize) -> bool {
    let Some(figure) = figure_of(scan, one).filter(|&figure| figure_of(scan, other) == Some(figure)) else {
        return false;
    };
    let end = scan.entries[figure].end.min(figure + NEAR * 4);
    let count = (figure..end).filter(|&at| scan.name(at) == "img" && !is_in_noscript(scan, at)).count();
    count == 2
}

fn figure_of(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(6).find(|&above| scan.name(above) == "figure")
}

fn is_hidden(scan: &Scan<'_>, at: usize) -> bool {
    let entry = &scan.entries[at];
    let class = scan.element(at).and_then(|element| element.attr("class")).unwrap_or_default();
    entry.hidden || entry.unseen || class.split_whitespace().any(|name| HIDDEN.contains(&name))
}

fn is_in_noscript(scan: &Scan<'_>, at: usize) -> bool {
    let above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    above.take(4).any(|above| scan.name(above) == "noscript")
}

/// Returns the image file that the link around an image points to; None when the link contains another image first.
fn linked_file<'a>(scan: &Scan<'a>, at: usize) -> Option<&'a str> {
    let mut above = std::iter::successors(Some(at), |&at| Some(scan.entries[at].parent).filter(|_| at > 0));
    let link = above.by_ref().take(5).find(|&above| scan.name(above) == "a")?;
    let end = scan.entries[link].end.min(link + NEAR * 2);
    let first = (link..end).find(|&below| scan.name(below) == "img" && !is_in_noscript(scan, below));
    let href = scan.element(link)?.attr("href")?;
    let is_image = || matches!(images::pick(&[("src", href)], &[], &[]), ImageChoice::Image(_));
    (images::leads_to_an_image(href) && first.is_none_or(|first| first == at) && is_image()).then_some(href)
}

fn enclosing_picture(img: ElementRef<'_>) -> Option<ElementRef<'_>> {
    img.ancestors().take(3).filter_map(ElementRef::wrap).find(|above| above.value().name() == "picture")
}

/// Returns the images that a browser shows when it cannot show this one: in a `noscript` inside or beside it, or in an
/// `object`.
fn fallbacks<'a>(scan: &Scan<'a>, at: usize, element: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    if element.value().name() != "img" {
        let inside: Vec<ElementRef<'a>> = images_below(element).take(4).collect();
        if !inside.is_empty() {
            return inside;
        }
    }
    let beside = beside(element);
    if beside.is_empty() { behind(scan, at) } else { beside }
}

/// Returns the images in a `noscript` beside this one, or beside its `picture` or link.
fn beside(img: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    let mut at = *img;
    for _ in 0..3 {
        for sibling in
            [at.next_siblings().find(|n| n.value().is_element()), at.prev_siblings().find(|n| n.value().is_element())]
        {
            if let Some(noscript) = sibling.and_then(ElementRef::wrap).filter(|s| s.value().name() == "noscript") {
                return images_below(noscript).take(4).collect();
            }
        }
        match at
            .parent()
            .filter(|parent| parent.value().as_element().is_some_and(|e| matches!(e.name(), "picture" | "a" | "span")))
        {
            Some(parent) => at = parent,
            None => break,
        }
    }
    Vec::new()
}

/// Returns the images in the `noscript` that follows this one with nothing visible between them.
fn behind<'a>(scan: &Scan<'a>, at: usize) -> Vec<ElementRef<'a>> {
    let end = scan.entries[at].end;
    for index in end..end + NEAR {
        let Some(entry) = scan.entries.get(index) else { break };
        let is_text = !entry.unseen && entry.node.value().as_text().is_some_and(|text| !text.text.trim().is_empty());
        if is_text || levels(scan, at, index) > LEVELS || media::shown(scan, index) == Some(Shown::Image) {
            break;
        }
        if scan.name(index) == "noscript"
            && let Some(noscript) = scan.element(index)
        {
            return images_below(noscript).take(4).collect();
        }
    }
    Vec::new()
}

/// Returns an element's attributes sorted by name: their order on the page has no meaning.
pub fn attrs_of(element: ElementRef<'_>) -> Vec<(&str, &str)> {
    let mut attrs: Vec<(&str, &str)> = element.value().attrs().collect();
    attrs.sort_unstable_by_key(|(name, _)| *name);
    attrs
}

/// Returns the `img` elements below an element.
pub fn images_below(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendants().filter_map(ElementRef::wrap).filter(|below| below.value().name() == "img")
}

#[cfg(test)]
mod tests {
    use crate::extract::{Options, extract};
    use crate::model::{Origin, RawPage};

    /// Returns the file names of the images of an article that contains `part`.
    fn images(part: &str) -> String {
        let text =
            "<p>石阶是老石匠带着六个徒弟铺的，一天只铺二十级，雨天就在凉亭里磨凿子，谁也不着急，茶山上总有雾。</p>";
        let page = format!("<title>茶山</title><article><h1>茶山</h1>{text}{text}{part}{text}{text}</article>");
        let raw = RawPage::from_bytes(page.into(), "https://a.cn/1".parse().ok(), Origin::Replay, None);
        let article = extract(&raw, Options::default()).unwrap();
        let tree = &article.content;
        let found = tree.descendants(tree.root()).filter(|&id| tree.name(id) == "img");
        let names = found.filter_map(|id| tree.attr(id, "src")).map(|src| match src.strip_prefix("data:image/") {
            Some(data) => data.split(';').next().unwrap_or_default(),
            None => src.rsplit('/').next().unwrap_or_default(),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn all_forms_of_an_image_are_one() {
        let blur = format!("data:image/jpeg;base64,/9j/{}", "A".repeat(600));
        for (part, expected) in [
            ("<figure><img src=/low/a-20.jpg class=blur><noscript><img src=/full/a.jpg></noscript></figure>", "a.jpg"),
            ("<figure><div><img src=/low/a-20.jpg></div><noscript><img src=/full/a.jpg></noscript></figure>", "a.jpg"),
            ("<p><img src=/thumbs/a.jpg data-zoom=/large/a.jpg></p>", "a.jpg"),
            ("<figure><img src=/a-small.jpg><img src=/a-large.jpg class=hidden></figure>", "a-large.jpg"),
            ("<figure><img src=/x1.jpg><img src=/x2.jpg class=hidden></figure>", "x2.jpg"),
            ("<figure><img src=/a-480.jpg class=mobile><img src=/a-1600.jpg class=desktop></figure>", "a-1600.jpg"),
            (
                "<div><img src=https://m.cn/freeze/max/60/1*ab.jpeg?q=20><canvas></canvas><img data-src=https://m.cn/max/1600/1*ab.jpeg><noscript><img src=https://m.cn/max/1600/1*ab.jpeg></noscript></div>",
                "1*ab.jpeg",
            ),
            ("<p><a href=/up/a.jpg><img src=/up/a-300x200.jpg></a></p>", "a.jpg"),
            ("<p><a href=/wiki/File:A.jpg><img src=/thumb/a.jpg></a></p>", "a.jpg"),
            ("<p><img src=/bridge-1.jpg><img src=/bridge-2.jpg></p>", "bridge-1.jpg bridge-2.jpg"),
            ("<figure><img src=/before.jpg><img src=/after.jpg></figure>", "before.jpg after.jpg"),
        ] {
            assert_eq!(images(part), expected, "{part}");
        }
        let gatsby = format!(
            "<div class=gatsby><img aria-hidden=true src='{blur}'><picture><source srcset='/a-400.webp 400w, /a-800.webp 800w'><img data-src=/a.jpg></picture><noscript><img src=/a.jpg></noscript></div>"
        );
        assert_eq!(images(&gatsby), "a.jpg");
        let gallery = format!(
            "<div><div><img src='{blur}'><img src=/m.jpg></div><div><img src='{blur}'><img src=/n.jpg></div></div>"
        );
        assert_eq!(images(&gallery), "m.jpg n.jpg");
    }

    #[test]
    fn other_elements_show_images_too() {
        for (part, expected) in [
            ("<p><lazy-img src=/a.jpg alt=x></lazy-img></p>", "a.jpg"),
            (
                "<div><progressive-image data-src=/a.jpg><noscript><img src=/a.jpg></noscript></progressive-image></div>",
                "a.jpg",
            ),
            ("<app-image><img src=/a.jpg></app-image>", "a.jpg"),
            (
                "<figure><picture><source srcset='/s.jpg 400w, /l.jpg 900w'></picture><figcaption>雾</figcaption></figure>",
                "l.jpg",
            ),
            ("<figure><div style='background: url(/a.jpg) center'></div><figcaption>雾</figcaption></figure>", "a.jpg"),
            ("<figure style='background-image:url(/a.jpg)'><figcaption>雾</figcaption></figure>", "a.jpg"),
            ("<figure><span data-bg=/a.jpg></span><figcaption>雾</figcaption></figure>", "a.jpg"),
            ("<div role=img aria-label=雾 style='background-image:url(/a.jpg)'></div>", "a.jpg"),
            ("<figure style='background:url(/paper.png)'><img src=/a.jpg></figure>", "a.jpg"),
            ("<p><object data=/a.svg type=image/svg+xml><img src=/a.png alt=雾></object></p>", "a.svg"),
            ("<p><embed src=/a.svg></p>", "a.svg"),
            ("<p><video poster=/p.jpg src=/v.mp4></video></p>", "p.jpg"),
            (
                "<figure><svg viewBox='0 0 400 200'><rect/><text>三月</text></svg><figcaption>收成</figcaption></figure>",
                "svg+xml",
            ),
            (
                "<div><svg viewBox='0 0 400 200' role=img aria-label=收成><rect/><text>三月</text></svg></div>",
                "svg+xml",
            ),
        ] {
            assert_eq!(images(part), expected, "{part}");
        }
    }

    #[test]
    fn icons_and_decorations_stay_out() {
        for part in [
            "<p><svg viewBox='0 0 24 24'><path/><path/><path/></svg></p>",
            "<p><a href=/share><svg viewBox='0 0 400 400'><path/><text>a</text><text>b</text></svg></a></p>",
            "<p><svg viewBox='0 0 400 400'><use href='#icon-share'></use><path/><path/><path/></svg></p>",
            "<div><svg viewBox='0 0 1440 320'><path/><path/><path/></svg></div>",
            "<div style='background:url(/paper.png)'><p>雾</p></div>",
            "<p><object data=/film.swf><param name=x></object></p>",
        ] {
            assert_eq!(images(part), "", "{part}");
        }
    }
}
