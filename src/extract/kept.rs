//! From chosen blocks to parts of the page: which elements, texts and pictures the article's tree is built from.

use super::blocks::containers::heading_level;
use super::blocks::names;
use super::cues::Cue;
use super::judge::Judged;
use super::scan::Scan;

/// The share of the kept text that the article's own part of the page holds at least.
const REGION: f64 = 0.9;

/// How many blocks before the first kept one a leading picture may stand.
const LEAD: usize = 6;

/// What is kept below each element.
pub struct Kept<'s, 'a> {
    scan: &'s Scan<'a>,
    judged: &'s Judged,
    /// Sum of the weight of kept blocks, over the first blocks.
    weights: Vec<u64>,
    /// Number of kept blocks, over the first blocks.
    blocks: Vec<u32>,
    /// Number of kept pictures and players, over the first entries.
    media: Vec<u32>,
    /// The smallest element that holds nearly all that is kept.
    region: usize,
}

impl<'s, 'a> Kept<'s, 'a> {
    /// Lays out what is kept.
    pub fn new(scan: &'s Scan<'a>, judged: &'s Judged) -> Self {
        let mut kept = Self { scan, judged, weights: vec![0], blocks: vec![0], media: Vec::new(), region: 0 };
        let (mut weight, mut count) = (0, 0);
        for (block, &is_kept) in judged.blocks.iter().zip(&judged.kept) {
            weight += u64::from(is_kept) * u64::from(block.text.weight);
            count += u32::from(is_kept);
            kept.weights.push(weight);
            kept.blocks.push(count);
        }
        kept.region = kept.find_region();
        let mut media = 0;
        kept.media.push(0);
        for at in 0..scan.entries.len() {
            media += u32::from(is_media(scan.name(at)) && kept.keeps_media(at));
            kept.media.push(media);
        }
        kept
    }

    /// Whether the text at `at` is the article's.
    pub fn keeps_text(&self, at: usize) -> bool {
        let (from, to) = self.judged.containers.range(self.scan, at);
        // White space between blocks says nothing, and inside one it belongs to it: the block that began last.
        let block = if to > from { from } else { from.wrapping_sub(1) };
        self.judged.kept.get(block).is_some_and(|kept| *kept && at < self.judged.blocks[block].end)
    }

    /// Why an element is left out; None when it, or something in it, is the article's.
    pub fn reason(&self, at: usize) -> Option<&'static str> {
        let end = self.scan.entries[at].end;
        let media = self.media[end] - self.media[at];
        if media > 0 || self.inside(at).0 > 0 {
            return None;
        }
        let name = self.scan.name(at);
        if is_media(name) {
            return Some("not beside the article's text");
        }
        let (from, to) = self.judged.containers.range(self.scan, at);
        if to > from {
            return Some("not the article's text");
        }
        // Nothing in it: a rule or a break counts where it stands among what is kept.
        let beside = self.is_kept(from.checked_sub(1)) && (self.is_kept(Some(from)) || name == "br");
        let inside = self.judged.blocks.get(from.wrapping_sub(1)).is_some_and(|block| at < block.end);
        (!(beside || inside && self.is_kept(from.checked_sub(1)))).then_some("")
    }

    fn is_kept(&self, block: Option<usize>) -> bool {
        block.and_then(|block| self.judged.kept.get(block)).is_some_and(|kept| *kept)
    }

    /// Kept blocks below an element, and their weight.
    fn inside(&self, at: usize) -> (u32, u64) {
        let (from, to) = self.judged.containers.range(self.scan, at);
        (self.blocks[to] - self.blocks[from], self.weights[to] - self.weights[from])
    }

    fn find_region(&self) -> usize {
        let all = self.inside(0).1 as f64;
        let mut at = 0;
        while let Some(child) = self
            .scan
            .children(at)
            .filter(|&child| self.scan.element(child).is_some())
            .find(|&child| all > 0.0 && self.inside(child).1 as f64 >= REGION * all)
        {
            at = child;
        }
        at
    }

    /// A picture belongs to the text around it: it is kept where most of the text in the smallest part with any is.
    fn keeps_media(&self, at: usize) -> bool {
        let entry = &self.scan.entries[at];
        if entry.unseen {
            return false;
        }
        let mut around = at;
        let mut passed = 0u64;
        loop {
            let (from, to) = self.judged.containers.range(self.scan, around);
            if to > from || around == 0 {
                break;
            }
            passed |= self.scan.entries[around].topics;
            if matches!(self.scan.entries[around].cue, Cue::Beside(_)) {
                return false;
            }
            around = self.scan.entries[around].parent;
        }
        let (count, weight) = self.inside(around);
        let (from, to) = self.judged.containers.range(self.scan, around);
        let all = u64::from(self.judged.containers.between(from, to).weight);
        let next = self.judged.containers.range(self.scan, at).0;
        let between = self.is_kept(next.checked_sub(1)) && self.is_kept(Some(next));
        let in_line = to - from == 1 && count == 1;
        if in_line {
            return true;
        }
        if passed & names::FURNITURE != 0 || entry.hidden {
            return false;
        }
        if self.scan.name(at) == "iframe" && !is_player(self.scan, at) {
            return false;
        }
        let region = &self.scan.entries[self.region];
        let inside = at >= self.region && at < region.end;
        inside && (between || count > 0 && weight * 2 >= all) || self.leads(at, next)
    }

    /// A large picture or a figure between the headline and the first text.
    fn leads(&self, at: usize, next: usize) -> bool {
        let before_all = self.blocks[next] == 0;
        let soon = (next..next + LEAD).any(|block| self.is_kept(Some(block)));
        let mut above = std::iter::successors(Some(at), |&at| Some(self.scan.entries[at].parent).filter(|_| at > 0));
        let is_figure = above.by_ref().take(6).any(|above| self.scan.name(above) == "figure");
        let after_title = self.judged.blocks[..next.min(self.judged.blocks.len())]
            .iter()
            .rev()
            .take(8)
            .any(|block| heading_level(self.scan.name(block.element)) == 1);
        before_all && soon && is_figure && after_title
    }

    /// The weight of all that is kept.
    pub fn weight(&self) -> usize {
        self.inside(0).1 as usize
    }
}

/// Hosts whose frames show something that belongs to a text; others show advertisements and counters.
const PLAYERS: [&str; 30] = [
    "youtube",
    "youtu.be",
    "vimeo",
    "dailymotion",
    "bilibili",
    "youku",
    "v.qq.com",
    "iqiyi",
    "nicovideo",
    "tv.naver",
    "soundcloud",
    "spotify",
    "podcasts.apple",
    "twitter",
    "instagram",
    "facebook.com/plugins",
    "tiktok",
    "codepen",
    "jsfiddle",
    "gist.github",
    "ted.com",
    "slideshare",
    "google.com/maps",
    "datawrapper",
    "flourish",
    "infogram",
    "wistia",
    "jwplatform",
    "brightcove",
    "megaphone",
];

fn is_player(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    ["src", "data-src"].iter().filter_map(|name| element.attr(name)).any(|src| {
        let src = src.to_ascii_lowercase();
        PLAYERS.iter().any(|host| src.contains(host))
    })
}

fn is_media(name: &str) -> bool {
    matches!(name, "img" | "amp-img" | "video" | "audio" | "iframe" | "embed")
}
