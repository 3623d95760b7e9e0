//! What the selected blocks cover: which elements, texts and images of the page the article's tree is built from.

use super::blocks::containers::heading_level;
use super::figures::{self, Reason, Surroundings};
use super::formulas_and_code;
use super::frames::Frame;
use super::media::{self, Shown};
use super::page_regions::PageRegion;
use super::references;
use super::scan::{Scan, Unit};
use super::selection::Selection;
use crate::model::Step;

/// The minimum share of the kept text that the article's region contains.
const REGION: f64 = 0.9;

/// The maximum number of blocks between a leading image and the first kept block.
const LEAD: usize = 15;

/// The maximum number of blocks between the headline and a leading image.
const UNDER_TITLE: usize = 8;

/// Where an image stands relative to the article.
enum ImagePosition {
    /// In the article's region.
    Inside,
    /// Directly before or after it.
    AtEdge,
    /// Anywhere else.
    Elsewhere,
}

/// Text of this weight between a leading image and the article separates them.
const APART: u32 = 300;

/// The maximum number of elements from a cell up to its table: cell, row, group of rows, table.
const CELL: usize = 4;

/// Which parts of a page are kept: answers for each element, text and image.
pub struct Coverage<'s, 'a> {
    scan: &'s Scan<'a>,
    selection: &'s Selection,
    layout: Layout,
}

/// Sums and indexes over the kept parts of a page; valid while the selection stays the same.
#[derive(Default)]
pub struct Layout {
    /// Sum of the weight of kept blocks, over the first blocks.
    weights: Vec<u64>,
    /// Number of kept blocks, over the first blocks.
    blocks: Vec<u32>,
    /// Number of kept images, players and formulas, over the first entries.
    media: Vec<u32>,
    /// Images and players that are left out, each with the reason, in page order.
    against: Vec<(usize, Reason)>,
    /// For each element, the nearest element that contains kept text (itself or an ancestor), and that element's child on
    /// the path down to it; twice the element itself when it contains kept text.
    hosts: Vec<(u32, u32)>,
    /// The article's region: the smallest element that contains nearly all kept text.
    region: usize,
}

impl<'s, 'a> Coverage<'s, 'a> {
    /// Computes what a selection covers.
    pub fn new(scan: &'s Scan<'a>, selection: &'s Selection) -> Self {
        let mut kept = Self { scan, selection, layout: Layout::default() };
        let (mut weight, mut count) = (0, 0);
        (kept.layout.weights, kept.layout.blocks, kept.layout.media) = (vec![0], vec![0], vec![0]);
        for (block, &is_kept) in selection.blocks.iter().zip(&selection.kept) {
            weight += u64::from(is_kept) * u64::from(block.text.weight);
            count += u32::from(is_kept);
            kept.layout.weights.push(weight);
            kept.layout.blocks.push(count);
        }
        kept.layout.region = kept.find_region();
        kept.layout.hosts = kept.find_hosts();
        let mut count = 0;
        for at in 0..scan.entries.len() {
            if kept.is_formula(at) {
                count += u32::from(formulas_and_code::keeps_formula(scan, selection, at));
            } else if let Some(why) = kept.media_decision(at) {
                match why {
                    None => count += 1,
                    Some(why) if selection.media.shown(at).is_some() => kept.layout.against.push((at, why)),
                    Some(_) => {}
                }
            }
            kept.layout.media.push(count);
        }
        kept
    }

    /// Returns the layout, for [`Coverage::from_layout`].
    pub fn into_layout(self) -> Layout {
        self.layout
    }

    /// Reuses a layout. The selection must be the one that it was computed from.
    pub fn from_layout(scan: &'s Scan<'a>, selection: &'s Selection, layout: Layout) -> Self {
        Self { scan, selection, layout }
    }

    /// Returns how an element shows an image or plays media; None when it does neither.
    pub fn shown(&self, at: usize) -> Option<Shown> {
        self.selection.media.shown(at)
    }

    /// Returns true when the text node at `at` is kept.
    pub fn keeps_text(&self, at: usize) -> bool {
        let (from, to) = self.selection.containers.range(self.scan, at);
        // White space inside a block belongs to it; between blocks it belongs to none.
        let block = if to > from { from } else { from.wrapping_sub(1) };
        self.selection.kept.get(block).is_some_and(|kept| *kept && at < self.selection.blocks[block].end)
    }

    /// Returns true when the footnote reference at `at` is kept.
    pub fn keeps_reference(&self, at: usize) -> bool {
        references::is_kept(self.scan, self.selection, at)
    }

    /// Returns why an element is left out; None when it, or something in it, is kept. An empty reason is not worth a line in
    /// the trace.
    pub fn reason(&self, at: usize) -> Option<&'static str> {
        let end = self.scan.entries[at].end;
        let media = self.layout.media[end] - self.layout.media[at];
        if media > 0 || self.inside(at).0 > 0 {
            return None;
        }
        let name = self.scan.name(at);
        if self.is_formula(at) {
            return Some("a formula outside the article's text");
        }
        if matches!(name, "td" | "th") && self.is_in_kept_table(at) {
            return None;
        }
        if self.shown(at).is_some() {
            // The trace has its own line for each image.
            return Some("");
        }
        let (from, to) = self.selection.containers.range(self.scan, at);
        if to > from {
            return Some("not the article's text");
        }
        // An empty element, such as a rule or a break, is kept between kept blocks.
        let beside = self.is_kept(from.checked_sub(1)) && (self.is_kept(Some(from)) || name == "br");
        let inside = self.selection.blocks.get(from.wrapping_sub(1)).is_some_and(|block| at < block.end);
        (!(beside || inside && self.is_kept(from.checked_sub(1)))).then_some("")
    }

    fn is_formula(&self, at: usize) -> bool {
        self.scan.entries[at].unit == Some(Unit::Formula)
    }

    /// Returns true for a cell of a kept table: a cell without text still takes its column.
    fn is_in_kept_table(&self, cell: usize) -> bool {
        let above = std::iter::successors(Some(cell), |&at| Some(self.scan.entries[at].parent).filter(|_| at > 0));
        let table = above.take(CELL).find(|&at| self.scan.name(at) == "table");
        table.is_some_and(|table| self.selection.tables.contains(&table))
    }

    fn is_kept(&self, block: Option<usize>) -> bool {
        block.and_then(|block| self.selection.kept.get(block)).is_some_and(|kept| *kept)
    }

    /// Returns the number and weight of the kept blocks below an element.
    fn inside(&self, at: usize) -> (u32, u64) {
        let (from, to) = self.selection.containers.range(self.scan, at);
        (self.layout.blocks[to] - self.layout.blocks[from], self.layout.weights[to] - self.layout.weights[from])
    }

    fn find_hosts(&self) -> Vec<(u32, u32)> {
        let mut hosts: Vec<(u32, u32)> = Vec::with_capacity(self.scan.entries.len());
        for at in 0..self.scan.entries.len() {
            let own = at as u32;
            let parent = self.scan.entries[at].parent;
            let host = if at == 0 || self.inside(at).0 > 0 {
                (own, own)
            } else if hosts[parent].0 as usize == parent {
                (parent as u32, own)
            } else {
                hosts[parent]
            };
            hosts.push(host);
        }
        hosts
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

    /// Returns true for an image or player that is kept.
    pub fn is_kept_image(&self, at: usize) -> bool {
        self.layout.media[at + 1] > self.layout.media[at] && !self.is_formula(at)
    }

    /// Returns where an image or player stands relative to the kept text.
    pub fn surroundings(&self, at: usize) -> Surroundings {
        let containers = &self.selection.containers;
        let parent = self.scan.entries[at].parent;
        let (host, below) = self.layout.hosts[parent];
        let host = host as usize;
        let mut holder = if host == parent { at } else { below as usize };
        if self.layout.blocks[containers.range(self.scan, at).0] == 0
            && containers.inside(self.scan, holder).headings > 0
        {
            // A leading image may share its box with the headline, so this is not evidence about it.
            holder = self.below_headings(at, holder);
        }
        let (from, to) = containers.range(self.scan, host);
        let is_in_line = to - from == 1 && self.inside(host).0 == 1;
        let (from, to) = containers.range(self.scan, holder);
        let (first, last) =
            (self.layout.blocks[from] == 0, self.layout.blocks[to] == self.layout.blocks[self.selection.blocks.len()]);
        let is_apart = if last {
            !self.is_kept(from.checked_sub(1)) && !first
        } else if first {
            let next = (to..self.selection.blocks.len()).take(LEAD + 1).find(|&block| self.is_kept(Some(block)));
            next.is_none_or(|next| containers.between(to, next).weight > APART)
        } else {
            !self.is_kept(from.checked_sub(1)) && !self.is_kept(Some(to))
        };
        Surroundings { host, holder, is_in_line, is_apart }
    }

    /// Returns the largest element around `at`, up to `top`, that contains no heading.
    fn below_headings(&self, at: usize, top: usize) -> usize {
        let mut holder = at;
        while holder != top {
            let parent = self.scan.entries[holder].parent;
            if self.selection.containers.inside(self.scan, parent).headings > 0 {
                break;
            }
            holder = parent;
        }
        holder
    }

    /// Returns why an image or player is left out; None when it is kept. An image belongs to the text around it unless
    /// there is evidence against it.
    fn against(&self, at: usize, shown: Shown) -> Option<Reason> {
        let entry = &self.scan.entries[at];
        if media::is_unseen(self.scan, at, Some(shown)) {
            return Some(Reason::Hidden);
        }
        let around = self.surroundings(at);
        if around.is_in_line {
            return figures::against_in_line(self.scan, at);
        }
        if entry.hidden {
            return Some(Reason::Hidden);
        }
        let position = self.position(at, &around);
        match position {
            ImagePosition::Inside => figures::against(self.scan, self.selection, at, &around, figures::ENOUGH),
            ImagePosition::AtEdge => figures::against(self.scan, self.selection, at, &around, 1),
            ImagePosition::Elsewhere => Some(Reason::Elsewhere),
        }
    }

    /// Returns the images and players that were left out, with the reason for each, in page order.
    pub fn left_out(&self) -> &[(usize, Reason)] {
        &self.layout.against
    }

    /// Returns the trace of the images and players that were left out.
    pub fn steps(&self) -> Vec<Step> {
        let step = |(at, why): &(usize, Reason)| Step {
            step: "image",
            kept: false,
            what: figures::describe(self.scan, *at),
            reason: why.to_string(),
            score: None,
        };
        self.layout.against.iter().map(step).collect()
    }

    /// Returns where an image stands: inside the article when it is between two kept blocks or most text around it is kept.
    fn position(&self, at: usize, around: &Surroundings) -> ImagePosition {
        let containers = &self.selection.containers;
        let region = &self.scan.entries[self.layout.region];
        let is_inside = at >= self.layout.region && at < region.end;
        let (from, to) = containers.range(self.scan, around.holder);
        let (before, after) = (self.is_kept(from.checked_sub(1)), self.is_kept(Some(to)));
        let (count, weight) = self.inside(around.host);
        let own = containers.inside(self.scan, around.holder).weight;
        let all = containers.inside(self.scan, around.host).weight.saturating_sub(own);
        let is_of_host = count > 0 && weight * 2 >= u64::from(all);
        if is_inside && (before && after || is_of_host) {
            return ImagePosition::Inside;
        }
        let (first, last) =
            (self.layout.blocks[from] == 0, self.layout.blocks[to] == self.layout.blocks[self.selection.blocks.len()]);
        let leads = (first || at < self.layout.region) && !around.is_apart && (is_of_host || self.is_under_title(to));
        if leads || last && before && is_of_host { ImagePosition::AtEdge } else { ImagePosition::Elsewhere }
    }

    /// Returns true when the page's headline stands shortly before a block.
    fn is_under_title(&self, block: usize) -> bool {
        let before = &self.selection.blocks[..block.min(self.selection.blocks.len())];
        before.iter().rev().take(UNDER_TITLE).any(|block| heading_level(self.scan.name(block.element)) == 1)
    }

    /// Returns the article's region: the smallest element that contains nearly all kept text.
    pub fn region(&self) -> std::ops::Range<usize> {
        self.layout.region..self.scan.entries[self.layout.region].end
    }

    /// Returns the decision on an image, a player or a frame: the reason to leave it out, or `Some(None)` to keep it. None
    /// for other elements.
    fn media_decision(&self, at: usize) -> Option<Option<Reason>> {
        match (self.selection.media.frame(at), self.shown(at)) {
            (Some(frame), None | Some(Shown::Player | Shown::Background)) => Some(self.against_frame(at, frame)),
            (_, shown) => shown.map(|shown| self.against(at, shown)),
        }
    }

    /// Returns why a frame is left out; None when it is kept. A frame belongs to the text around it as an image does, but a
    /// frame of an unknown site must stand inside the text.
    fn against_frame(&self, at: usize, frame: Frame) -> Option<Reason> {
        let entry = &self.scan.entries[at];
        if frame == Frame::NotContent {
            return Some(Reason::Evidence("an advertisement, a counter or a form in a frame".to_owned()));
        }
        if entry.hidden || self.scan.entries[entry.parent].unseen {
            return Some(Reason::Hidden);
        }
        if self.is_in_boilerplate_box(at) {
            return Some(Reason::Evidence("in boilerplate".to_owned()));
        }
        let around = self.surroundings(at);
        let containers = &self.selection.containers;
        let (from, to) = containers.range(self.scan, around.holder);
        let between = self.is_kept(from.checked_sub(1)) && self.is_kept(Some(to));
        let (count, weight) = self.inside(around.host);
        let own = containers.inside(self.scan, around.holder).weight;
        let all = u64::from(containers.inside(self.scan, around.host).weight.saturating_sub(own));
        let least = if frame == Frame::Known { all * 5 } else { all * 9 };
        let is_inside = at >= self.layout.region && at < self.scan.entries[self.layout.region].end;
        let is_among = is_inside && (between || count > 0 && weight * 10 >= least);
        let opens =
            frame == Frame::Known && self.layout.blocks[from] == 0 && !around.is_apart && self.is_under_title(from);
        let why = if frame == Frame::Known { Reason::Elsewhere } else { Reason::UnknownFrame };
        (!(is_among || opens || around.is_in_line)).then_some(why)
    }

    /// Returns true when an element between a frame and the text around it is named as boilerplate.
    fn is_in_boilerplate_box(&self, at: usize) -> bool {
        let mut around = self.scan.entries[at].parent;
        while around > 0 && self.selection.containers.inside(self.scan, around).blocks == 0 {
            if matches!(self.scan.entries[around].region, PageRegion::Boilerplate(word) if word != "social") {
                return true;
            }
            around = self.scan.entries[around].parent;
        }
        false
    }

    /// Returns the weight of all kept text.
    pub fn weight(&self) -> usize {
        self.inside(0).1 as usize
    }
}
