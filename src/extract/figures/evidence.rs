//! Evidence against an image: each piece has points, and two points are enough to leave the image out.

use super::words::{self, NearbyText};
use crate::extract::blocks::Block;
use crate::extract::blocks::containers::heading_level;
use crate::extract::blocks::names::{self, ILLUSTRATED};
use crate::extract::naming;
use crate::extract::page_regions::PageRegion;
use crate::extract::scan::Scan;
use crate::extract::selection::Selection;
use crate::html::ElementRef;

/// The number of points from which an image is left out.
pub const ENOUGH: u32 = 2;

/// The maximum number of elements between an image and its box that are checked.
const PATH: usize = 40;

/// The maximum number of blocks of a box whose words are read.
const READ: usize = 12;

/// Linked text of less weight (15 letters, five Han characters) is a control rather than a title.
const TITLE: u32 = 15;

/// The maximum weight of a caption beside an image.
const CAPTION: u32 = 240;

/// The maximum length of both sides of an icon, in pixels.
const ICON: f64 = 32.0;

/// The maximum length of both sides of a small image, in pixels.
const SMALL: f64 = 64.0;

/// The maximum length of both sides of a portrait, in pixels.
const PORTRAIT: f64 = 160.0;

/// Images with both sides longer than this are not logos, in pixels.
const LARGE: f64 = 200.0;

/// Sizes of advertisements, in pixels (Interactive Advertising Bureau, fixed sizes).
const AD_SIZES: [(u32, u32); 12] = [
    (300, 250),
    (336, 280),
    (728, 90),
    (970, 90),
    (970, 250),
    (160, 600),
    (120, 600),
    (300, 600),
    (320, 50),
    (320, 100),
    (468, 60),
    (250, 250),
];

/// Names of advertisements that mean nothing else. Lower points, without `-` and `_`.
const AD_NAMES: [&str; 24] = [
    "adbox",
    "adsbox",
    "adslot",
    "adcontainer",
    "adwrapper",
    "adwrap",
    "adunit",
    "adbanner",
    "bannerad",
    "adblock",
    "advert",
    "advertisement",
    "advertising",
    "adsbygoogle",
    "googlead",
    "googleads",
    "dfpad",
    "gptad",
    "adplacement",
    "sponsorlogo",
    "ads",
    "ad",
    "guanggao",
    "adarea",
];

/// Words in names of portraits.
const PORTRAITS: [&str; 12] = [
    "avatar",
    "avatars",
    "gravatar",
    "headshot",
    "mugshot",
    "portrait",
    "userpic",
    "profilepic",
    "authorphoto",
    "authorimage",
    "touxiang",
    "staff",
];

/// Words in names of icons and logos.
const SYMBOLS: [&str; 9] = ["icon", "icons", "ico", "logo", "logos", "sprite", "emoji", "badge", "favicon"];

/// Folders of a site's design files.
const DESIGN: [&str; 4] = ["themes", "skin", "skins", "templates"];

/// Words in names of QR codes.
const CODES: [&str; 3] = ["qrcode", "ewm", "erweima"];

/// Where an image stands relative to the kept text.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The smallest element around the image that contains kept text; the root when none does.
    pub host: usize,
    /// The image's box: the largest element around it that contains no kept text.
    pub holder: usize,
    /// True when it stands in a kept line of text.
    pub is_in_line: bool,
    /// True when text that was left out separates it from the article's text.
    pub is_apart: bool,
}

/// Returns the evidence against an image or player when it reaches `enough` points; None when the image stays.
pub fn against(
    scan: &Scan<'_>,
    selection: &Selection,
    at: usize,
    around: &Surroundings,
    enough: u32,
) -> Option<Reason> {
    let mut points = Points { points: 0, why: Vec::new() };
    if around.is_apart {
        points.add(1, "apart from the article's text");
    }
    names_around(scan, at, around.holder, &mut points);
    let element = scan.element(at)?;
    own_looks(scan, at, element, around.holder, &mut points);
    link(scan, at, around.holder, &mut points);
    nearby_words(scan, selection, around.holder, &mut points);
    (points.points >= enough).then(|| Reason::Evidence(points.why.join(", ")))
}

/// Why an image or player is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No reader sees it.
    Hidden,
    /// It stands outside the article's text.
    Elsewhere,
    /// A frame of an unknown site.
    UnknownFrame,
    /// The evidence against it, in words.
    Evidence(String),
}

impl Reason {
    /// Returns true when there is no evidence against the image itself.
    pub fn is_unexplained(&self) -> bool {
        matches!(self, Self::Elsewhere | Self::UnknownFrame)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hidden => "hidden",
            Self::Elsewhere => "not beside the article's text",
            Self::UnknownFrame => "a frame of an unknown site",
            Self::Evidence(words) => words,
        })
    }
}

/// The points against an image, and the evidence for them.
struct Points {
    points: u32,
    why: Vec<&'static str>,
}

impl Points {
    fn add(&mut self, points: u32, why: &'static str) {
        self.why.push(why);
        self.points += points;
    }
}

fn path<'s>(scan: &'s Scan<'_>, at: usize, holder: usize) -> impl Iterator<Item = usize> + 's {
    super::up_to(scan, at, holder).take(PATH)
}

/// Adds the evidence of the tags and names of the elements from the image up to its box.
fn names_around(scan: &Scan<'_>, at: usize, holder: usize, points: &mut Points) {
    let mut named = false;
    let mut sure = false;
    for at in path(scan, at, holder) {
        let entry = &scan.entries[at];
        named |= entry.topics & ILLUSTRATED != 0 || matches!(entry.region, PageRegion::Boilerplate(_));
        let Some(element) = scan.element(at) else { continue };
        let role = element.attr("role").unwrap_or_default();
        sure |= matches!(scan.name(at), "nav" | "footer" | "dialog")
            || matches!(role, "navigation" | "contentinfo" | "search" | "complementary");
        if ["class", "id"].iter().filter_map(|name| element.attr(name)).any(is_ad_name) {
            points.add(ENOUGH, "an advertisement by its name");
            return;
        }
    }
    if sure {
        points.add(ENOUGH, "in navigation, a footer or a dialog");
    } else if named {
        points.add(1, "inside an element named as boilerplate");
    }
}

fn is_ad_name(value: &str) -> bool {
    value.split_ascii_whitespace().take(24).any(|name| {
        let letters = || name.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
        AD_NAMES.iter().any(|known| letters().eq(known.bytes()))
    })
}

/// Adds the evidence of the image's own size, URL and names.
fn own_looks(scan: &Scan<'_>, at: usize, element: ElementRef<'_>, holder: usize, points: &mut Points) {
    if let Some((width, height)) = size(element) {
        if width <= ICON && height <= ICON {
            points.add(ENOUGH, "an icon by its size");
        } else if width <= SMALL && height <= SMALL {
            points.add(1, "a small image");
        }
        if AD_SIZES.contains(&(width as u32, height as u32)) {
            points.add(1, "of an advertisement's size");
        }
    }
    own_names(scan, at, element, holder, points);
}

/// Adds the evidence of the image's URL, classes and alternative text.
fn own_names(scan: &Scan<'_>, at: usize, element: ElementRef<'_>, holder: usize, points: &mut Points) {
    let src = ["src", "data-src", "data-original"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    if is_ad_host(src) {
        points.add(ENOUGH, "from an advertiser's host");
    }
    let size = size(element);
    let url = src.split(['?', '#']).next().unwrap_or_default();
    let url = url.split_once("//").map_or(url, |(_, rest)| rest);
    let mut own = NameWords::default();
    [element.attr("class"), element.attr("id"), Some(url)].into_iter().flatten().for_each(|value| own.read(value));
    // An alternative text may mention a portrait that the image shows.
    let is_portrait = own.portrait;
    element.attr("alt").into_iter().for_each(|value| own.read(value));
    if is_portrait {
        let topics = path(scan, at, holder).fold(0, |all, at| all | scan.entries[at].topics);
        let is_small = size.is_some_and(|(width, height)| width <= PORTRAIT && height <= PORTRAIT);
        let is_of_somebody = topics & (names::HEADLINE | names::USER) != 0;
        points.add(if is_small || is_of_somebody { ENOUGH } else { 1 }, "a portrait beside a name");
    }
    let is_large = size.is_some_and(|(width, height)| width > LARGE && height > LARGE);
    if own.logo && !is_large {
        points.add(ENOUGH, "a logo");
    } else if own.symbol {
        points.add(1, "an icon or logo by its name");
    }
    if own.design {
        points.add(1, "an image of the site's design");
    }
    if own.code {
        points.add(ENOUGH, "a QR code");
    }
}

/// What the words in an image's names say.
#[derive(Default)]
struct NameWords {
    portrait: bool,
    logo: bool,
    symbol: bool,
    design: bool,
    code: bool,
}

impl NameWords {
    /// Reads a name. A long one says nothing.
    fn read(&mut self, name: &str) {
        if name.len() > 300 {
            return;
        }
        naming::find_word(name, |word| {
            self.portrait |= PORTRAITS.contains(&word);
            self.logo |= word.ends_with("logo");
            self.symbol |= SYMBOLS.contains(&word);
            self.design |= DESIGN.contains(&word);
            self.code |= CODES.contains(&word);
            None::<()>
        });
    }
}

/// Returns width and height as the page declares them, in pixels; None when one is missing.
fn size(element: ElementRef<'_>) -> Option<(f64, f64)> {
    let side = |name: &str| element.attr(name)?.trim().trim_end_matches("px").parse::<f64>().ok();
    side("width").zip(side("height"))
}

/// Returns true for hosts that serve advertisements, by name or from a list.
fn is_ad_host(url: &str) -> bool {
    let lower = url.trim().to_ascii_lowercase();
    let Some(rest) = lower.split_once("//").map(|(_, rest)| rest) else { return false };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let named = host.split('.').next().is_some_and(|first| {
        matches!(
            first.trim_end_matches(|c: char| c.is_ascii_digit()),
            "ad" | "ads" | "adserver" | "adservice" | "adimg" | "advert"
        )
    });
    let known = [
        "doubleclick.net",
        "googlesyndication.com",
        "adnxs.com",
        "amazon-adsystem.com",
        "taboola.com",
        "outbrain.com",
        "criteo.com",
        "pubmatic.com",
        "mgid.com",
        "tanx.com",
        "pos.baidu.com",
        "cpro.baidu.com",
        "adform.net",
    ];
    named || known.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.')))
}

/// Returns true for an image in a link to another page.
pub fn leads_away(scan: &Scan<'_>, at: usize, holder: usize) -> bool {
    link_around(scan, at, holder).and_then(|link| link.attr("href")).is_some_and(leads_elsewhere)
}

fn link_around<'a>(scan: &Scan<'a>, at: usize, holder: usize) -> Option<ElementRef<'a>> {
    path(scan, at, holder).filter_map(|at| scan.element(at)).find(|one| one.value().name() == "a")
}

/// Adds the evidence of the link around the image.
fn link(scan: &Scan<'_>, at: usize, holder: usize, points: &mut Points) {
    let Some(link) = link_around(scan, at, holder) else { return };
    if link.attr("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "sponsored")) {
        points.add(ENOUGH, "a sponsored link");
    }
    let Some(href) = link.attr("href") else { return };
    if is_ad_host(href) {
        points.add(ENOUGH, "a link to an advertiser's host");
    } else if leads_elsewhere(href) {
        points.add(1, "a link to another page");
    }
}

/// Returns true for a link to another page, not to an image or to the image's own page.
fn leads_elsewhere(href: &str) -> bool {
    let lower = href.trim().to_ascii_lowercase();
    if lower.is_empty() || lower.starts_with('#') || lower.starts_with("javascript:") || lower.starts_with("data:") {
        return false;
    }
    let is_of_images = naming::words(&lower).iter().any(|word| {
        matches!(
            word.as_str(),
            "jpg"
                | "jpeg"
                | "png"
                | "gif"
                | "webp"
                | "avif"
                | "svg"
                | "image"
                | "images"
                | "img"
                | "photo"
                | "photos"
                | "gallery"
                | "galleries"
                | "attachment"
                | "file"
                | "media"
                | "picture"
                | "pictures"
                | "slideshow"
                | "lightbox"
                | "uploads"
                | "pic"
                | "pics"
        )
    });
    !is_of_images
}

/// Returns true when the line links to an author's page.
fn is_by_somebody(scan: &Scan<'_>, block: &Block) -> bool {
    (block.first..block.end).filter(|&at| scan.name(at) == "a" || scan.entries[at].linked).any(|at| {
        let link = super::up_to(scan, at, 0).take(3).find(|&at| scan.name(at) == "a");
        let Some(link) = link.and_then(|at| scan.element(at)) else { return false };
        let rel = link.attr("rel").unwrap_or_default();
        let href = link.attr("href").unwrap_or_default();
        rel == "author"
            || href.split('/').any(|part| {
                matches!(part, "author" | "authors" | "people" | "staff" | "contributor" | "contributors" | "writers")
            })
    })
}

/// Returns true when a name or tag around an image, below `top`, says that it is boilerplate.
pub fn is_in_boilerplate(scan: &Scan<'_>, at: usize, top: usize) -> bool {
    path(scan, at, top).take_while(|&at| at != top).any(|at| {
        let entry = &scan.entries[at];
        entry.topics & names::BOILERPLATE != 0 || matches!(entry.region, PageRegion::Boilerplate(_))
    })
}

/// Returns the evidence against an image in a kept line of text, where only the image itself counts; None when it stays.
pub fn against_in_line(scan: &Scan<'_>, at: usize) -> Option<Reason> {
    let element = scan.element(at)?;
    let mut points = Points { points: 0, why: Vec::new() };
    own_names(scan, at, element, at, &mut points);
    (points.points >= ENOUGH).then(|| Reason::Evidence(points.why.join(", ")))
}

/// Adds the evidence of the text in the image's box, none of which is kept.
fn nearby_words(scan: &Scan<'_>, selection: &Selection, holder: usize, points: &mut Points) {
    let (from, to) = selection.containers.range(scan, holder);
    let in_figure = scan.name(holder) == "figure";
    let (mut weight, mut linked, mut headed) = (0, 0, false);
    for block in &selection.blocks[from..to.min(from + READ)] {
        let is_short = block.text.weight <= CAPTION;
        match if is_short { words::nearby_text(&block.words(scan), block.text.weight) } else { NearbyText::Text } {
            NearbyText::AdLabel => return points.add(ENOUGH, "labelled as an advertisement"),
            NearbyText::Scan => return points.add(ENOUGH, "beside an invitation to scan a code or install an app"),
            NearbyText::Control => continue,
            NearbyText::Text => {}
        }
        let in_caption = super::is_in_figcaption(scan, block, holder);
        headed |= heading_level(scan.name(block.element)) > 0;
        if !in_caption && block.text.linked > 0 && is_by_somebody(scan, block) {
            return points.add(ENOUGH, "a portrait beside a name");
        }
        if !in_caption {
            weight += block.text.weight;
            linked += block.text.linked;
        }
    }
    if linked * 2 > weight && linked >= TITLE {
        points.add(1, "beside the title of another page");
    }
    if headed {
        points.add(1, "under a heading of its own");
    }
    if weight > CAPTION && !in_figure {
        points.add(1, "beside text that is not the article's");
    }
}
