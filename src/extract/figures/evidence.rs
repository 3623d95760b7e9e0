//! What speaks against an image: each piece of evidence has a weight, and two points are enough.

use super::words::{self, Beside};
use crate::extract::blocks::Block;
use crate::extract::blocks::containers::heading_level;
use crate::extract::blocks::names::{self, FURNITURE};
use crate::extract::naming;
use crate::extract::page_regions::PageRegion;
use crate::extract::scan::Scan;
use crate::extract::selection::Selection;
use crate::html::ElementRef;

/// Points from which an image is no part of the article.
pub const ENOUGH: u32 = 2;

/// Elements between an image and its box that are looked at.
const PATH: usize = 40;

/// Blocks of a box whose words are read.
const READ: usize = 12;

/// Linked text of less weight (15 letters, five Han characters) is a control rather than a title.
const TITLE: u32 = 15;

/// Text beside an image that is heavier than this is no caption.
const CAPTION: u32 = 240;

/// Both sides of an icon are no longer than this, in pixels.
const ICON: f64 = 32.0;

/// Both sides of a small image are no longer than this.
const SMALL: f64 = 64.0;

/// Both sides of a portrait are no longer than this.
const PORTRAIT: f64 = 160.0;

/// Both sides of an image that is more than a sign are longer than this.
const LARGE: f64 = 200.0;

/// Sizes that advertisements are sold in (Interactive Advertising Bureau, fixed sizes).
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

/// Names of advertisements that mean nothing else. Lower case, without `-` and `_`.
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

/// Words in names of signs.
const SIGNS: [&str; 9] = ["icon", "icons", "ico", "logo", "logos", "sprite", "emoji", "badge", "favicon"];

/// Folders of a site's own design.
const DESIGN: [&str; 4] = ["themes", "skin", "skins", "templates"];

/// Words in names of codes that a telephone reads.
const CODES: [&str; 3] = ["qrcode", "ewm", "erweima"];

/// Where an image stands.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The smallest element around the image that holds text of the article; the root when none does.
    pub host: usize,
    /// The largest element around the image that holds none.
    pub holder: usize,
    /// It stands in a line of text that is kept.
    pub is_in_line: bool,
    /// Text that was left out parts it from the article's text.
    pub is_apart: bool,
}

/// Returns what speaks against an image or player with so many points at least; None when it stays.
pub fn against(scan: &Scan<'_>, selection: &Selection, at: usize, around: &Surroundings, enough: u32) -> Option<Why> {
    let mut case = Case { points: 0, why: Vec::new() };
    if around.is_apart {
        case.add(1, "apart from the article's text");
    }
    names_on_the_way(scan, at, around.holder, &mut case);
    let element = scan.element(at)?;
    own_looks(scan, at, element, around.holder, &mut case);
    link(scan, at, around.holder, &mut case);
    words_beside(scan, selection, around.holder, &mut case);
    (case.points >= enough).then(|| Why::Evidence(case.why.join(", ")))
}

/// Why an image or player is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No reader sees it.
    Hidden,
    /// It stands outside the article's text.
    Elsewhere,
    /// A frame of a site that is not known to show anything.
    UnknownFrame,
    /// What speaks against it, in words.
    Evidence(String),
}

impl Why {
    /// Returns true when nothing speaks against the image itself.
    pub fn is_unexplained(&self) -> bool {
        matches!(self, Self::Elsewhere | Self::UnknownFrame)
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hidden => "hidden",
            Self::Elsewhere => "not beside the article's text",
            Self::UnknownFrame => "a frame of an unknown site",
            Self::Evidence(words) => words,
        })
    }
}

/// Points, and the evidence that gave them.
struct Case {
    points: u32,
    why: Vec<&'static str>,
}

impl Case {
    fn add(&mut self, points: u32, why: &'static str) {
        self.why.push(why);
        self.points += points;
    }
}

fn path<'s>(scan: &'s Scan<'_>, at: usize, holder: usize) -> impl Iterator<Item = usize> + 's {
    super::up_to(scan, at, holder).take(PATH)
}

/// Tags and names of the elements from the image up to its box.
fn names_on_the_way(scan: &Scan<'_>, at: usize, holder: usize, case: &mut Case) {
    let mut named = false;
    let mut sure = false;
    for at in path(scan, at, holder) {
        let entry = &scan.entries[at];
        named |= entry.topics & FURNITURE != 0 || matches!(entry.region, PageRegion::Boilerplate(_));
        let Some(element) = scan.element(at) else { continue };
        let role = element.attr("role").unwrap_or_default();
        sure |= matches!(scan.name(at), "nav" | "footer" | "dialog")
            || matches!(role, "navigation" | "contentinfo" | "search" | "complementary");
        if ["class", "id"].iter().filter_map(|name| element.attr(name)).any(is_ad_name) {
            case.add(ENOUGH, "an advertisement by its name");
            return;
        }
    }
    if sure {
        case.add(ENOUGH, "in a part of the page that is no article");
    } else if named {
        case.add(1, "a name of boilerplate around it");
    }
}

fn is_ad_name(value: &str) -> bool {
    value.split_ascii_whitespace().take(24).any(|name| {
        let letters = || name.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
        AD_NAMES.iter().any(|known| letters().eq(known.bytes()))
    })
}

/// Size, URL and names of the image itself.
fn own_looks(scan: &Scan<'_>, at: usize, element: ElementRef<'_>, holder: usize, case: &mut Case) {
    if let Some((width, height)) = size(element) {
        if width <= ICON && height <= ICON {
            case.add(ENOUGH, "an icon by its size");
        } else if width <= SMALL && height <= SMALL {
            case.add(1, "a small image");
        }
        if AD_SIZES.contains(&(width as u32, height as u32)) {
            case.add(1, "of an advertisement's size");
        }
    }
    own_names(scan, at, element, holder, case);
}

/// What the image's URL, classes and alternative text name.
fn own_names(scan: &Scan<'_>, at: usize, element: ElementRef<'_>, holder: usize, case: &mut Case) {
    let src = ["src", "data-src", "data-original"].iter().find_map(|name| element.attr(name)).unwrap_or_default();
    if is_ad_host(src) {
        case.add(ENOUGH, "from an advertiser's host");
    }
    let size = size(element);
    let url = src.split(['?', '#']).next().unwrap_or_default();
    let url = url.split_once("//").map_or(url, |(_, rest)| rest);
    let mut own = Named::default();
    [element.attr("class"), element.attr("id"), Some(url)].into_iter().flatten().for_each(|value| own.read(value));
    // An alternative text may speak of portraits that the image shows.
    let is_portrait = own.portrait;
    element.attr("alt").into_iter().for_each(|value| own.read(value));
    if is_portrait {
        let topics = path(scan, at, holder).fold(0, |all, at| all | scan.entries[at].topics);
        let is_small = size.is_some_and(|(width, height)| width <= PORTRAIT && height <= PORTRAIT);
        let is_of_somebody = topics & (names::HEADLINE | names::USER) != 0;
        case.add(if is_small || is_of_somebody { ENOUGH } else { 1 }, "a portrait beside a name");
    }
    let is_large = size.is_some_and(|(width, height)| width > LARGE && height > LARGE);
    if own.logo && !is_large {
        case.add(ENOUGH, "a logo");
    } else if own.sign {
        case.add(1, "a sign by its name");
    }
    if own.design {
        case.add(1, "an image of the site's design");
    }
    if own.code {
        case.add(ENOUGH, "a code to scan");
    }
}

/// What the words in the names of an image say of it.
#[derive(Default)]
struct Named {
    portrait: bool,
    logo: bool,
    sign: bool,
    design: bool,
    code: bool,
}

impl Named {
    /// Reads a name; a long one names nothing.
    fn read(&mut self, name: &str) {
        if name.len() > 300 {
            return;
        }
        naming::find_word(name, |word| {
            self.portrait |= PORTRAITS.contains(&word);
            self.logo |= word.ends_with("logo");
            self.sign |= SIGNS.contains(&word);
            self.design |= DESIGN.contains(&word);
            self.code |= CODES.contains(&word);
            None::<()>
        });
    }
}

/// Width and height as the page gives them; None where one is missing.
fn size(element: ElementRef<'_>) -> Option<(f64, f64)> {
    let side = |name: &str| element.attr(name)?.trim().trim_end_matches("px").parse::<f64>().ok();
    side("width").zip(side("height"))
}

/// Hosts that serve advertisements: named so, or known for it.
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

/// Where the link around the image leads.
fn link(scan: &Scan<'_>, at: usize, holder: usize, case: &mut Case) {
    let Some(link) = link_around(scan, at, holder) else { return };
    if link.attr("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "sponsored")) {
        case.add(ENOUGH, "a sponsored link");
    }
    let Some(href) = link.attr("href") else { return };
    if is_ad_host(href) {
        case.add(ENOUGH, "a link to an advertiser's host");
    } else if leads_elsewhere(href) {
        case.add(1, "a link to another page");
    }
}

/// A link to another page, not to an image or to the image's own page.
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

/// The line has a link to the page of somebody who writes here.
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

/// Returns what speaks against an image in a line of text that is kept: only what it is itself.
pub fn against_in_line(scan: &Scan<'_>, at: usize) -> Option<Why> {
    let element = scan.element(at)?;
    let mut case = Case { points: 0, why: Vec::new() };
    own_names(scan, at, element, at, &mut case);
    (case.points >= ENOUGH).then(|| Why::Evidence(case.why.join(", ")))
}

/// What the text in the image's box says, none of which is the article's.
fn words_beside(scan: &Scan<'_>, selection: &Selection, holder: usize, case: &mut Case) {
    let (from, to) = selection.containers.range(scan, holder);
    let in_figure = scan.name(holder) == "figure";
    let (mut weight, mut linked, mut headed) = (0, 0, false);
    for block in &selection.blocks[from..to.min(from + READ)] {
        let is_short = block.text.weight <= CAPTION;
        match if is_short { words::beside(&block.words(scan), block.text.weight) } else { Beside::Text } {
            Beside::AdLabel => return case.add(ENOUGH, "labelled as an advertisement"),
            Beside::Scan => return case.add(ENOUGH, "a code to scan, or a program to install"),
            Beside::Control => continue,
            Beside::Text => {}
        }
        let in_caption = super::is_in_figcaption(scan, block, holder);
        headed |= heading_level(scan.name(block.element)) > 0;
        if !in_caption && block.text.linked > 0 && is_by_somebody(scan, block) {
            return case.add(ENOUGH, "a portrait beside a name");
        }
        if !in_caption {
            weight += block.text.weight;
            linked += block.text.linked;
        }
    }
    if linked * 2 > weight && linked >= TITLE {
        case.add(1, "beside the title of another page");
    }
    if headed {
        case.add(1, "under a heading of its own");
    }
    if weight > CAPTION && !in_figure {
        case.add(1, "beside text that is not the article's");
    }
}
