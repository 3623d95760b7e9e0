//! Tabs: which label belongs to which panel.
//!
//! A page shows one panel at a time and lists the labels above them. In the article all panels follow each other, each
//! below its label.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::elements;
use super::hints::Hints;
use super::scan::Scan;
use crate::html::text::collapse;

/// The maximum length of a label, in characters.
const LABEL: usize = 80;

/// The maximum number of elements around a list of tabs that are searched for its panels.
const AROUND: usize = 4;

/// The maximum number of nodes of an element that are searched for panels or labels.
const NODES: usize = 4000;

/// The maximum number of tabs in a set.
const MOST: usize = 40;

/// A set of panels with their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabSet {
    /// The index in the scan and the label of each panel, in order.
    pub panels: Vec<(usize, String)>,
    /// The lists of labels and the radio buttons, which are skipped: each panel gets its own label.
    pub skipped: Vec<usize>,
}

/// The tabs of a page.
#[derive(Debug, Default)]
pub struct Tabs {
    labels: BTreeMap<usize, String>,
    skipped: BTreeSet<usize>,
}

impl Tabs {
    /// Collects the sets that `wanted` accepts.
    pub fn of(scan: &Scan<'_>, wanted: impl Fn(&TabSet) -> bool) -> Self {
        let mut tabs = Self::default();
        for set in sets(scan).into_iter().filter(wanted) {
            tabs.labels.extend(set.panels);
            tabs.skipped.extend(set.skipped);
        }
        tabs
    }

    /// Returns the label of a panel; None for other elements.
    pub fn label(&self, at: usize) -> Option<&str> {
        self.labels.get(&at).map(String::as_str)
    }

    /// Returns true for lists of labels and radio buttons.
    pub fn skips(&self, at: usize) -> bool {
        self.skipped.contains(&at)
    }
}

/// Returns every set of tabs on a page, in order. A panel belongs to one set.
pub fn sets(scan: &Scan<'_>) -> Vec<TabSet> {
    let mut ids: Option<HashMap<&str, usize>> = None;
    let mut sets: Vec<TabSet> = Vec::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    // Elements that contain radio buttons, each examined once.
    let mut parents: BTreeSet<usize> = BTreeSet::new();
    for at in 0..scan.entries.len() {
        let found = if scan.entries[at].hints.has(Hints::TABS) && is_list_of_tabs(scan, at) {
            let ids = ids.get_or_insert_with(|| places(scan));
            listed(scan, at, ids)
        } else if is_radio(scan, at) && parents.insert(scan.entries[at].parent) {
            chosen(scan, scan.entries[at].parent)
        } else {
            None
        };
        if let Some(set) = found
            && set.panels.iter().all(|(panel, _)| !taken.contains(panel))
        {
            taken.extend(set.panels.iter().map(|(panel, _)| *panel));
            sets.push(set);
        }
    }
    sets
}

/// Returns the index of each id.
fn places<'a>(scan: &Scan<'a>) -> HashMap<&'a str, usize> {
    let mut ids = HashMap::new();
    for at in 0..scan.entries.len() {
        if let Some(id) = scan.element(at).and_then(|element| element.attr("id")) {
            ids.entry(id).or_insert(at);
        }
    }
    ids
}

fn is_list_of_tabs(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let name = element.value().name();
    let class = element.attr("class").unwrap_or_default();
    let is_list = |token: &str| {
        let token = token.to_ascii_lowercase();
        matches!(
            token.as_str(),
            "nav-tabs" | "tab-nav" | "tabs-nav" | "tab-list" | "tabs-list" | "tablist" | "tab-links"
        ) || matches!(token.as_str(), "tabs" | "tab-titles" | "tab-labels") && name == "ul"
    };
    element.attr("role") == Some("tablist")
        || matches!(name, "ul" | "ol" | "div" | "nav") && class.split_ascii_whitespace().any(is_list)
}

/// Returns the panels of a list of tabs, by the ids in the tabs or by order.
fn listed(scan: &Scan<'_>, list: usize, ids: &HashMap<&str, usize>) -> Option<TabSet> {
    let end = scan.entries[list].end;
    let role = |at: usize| scan.element(at).and_then(|element| element.attr("role"));
    let mut tabs: Vec<usize> = (list + 1..end).filter(|&at| role(at) == Some("tab")).take(MOST + 1).collect();
    if tabs.is_empty() {
        tabs = (list + 1..end).filter(|&at| matches!(scan.name(at), "a" | "button")).take(MOST + 1).collect();
    }
    if tabs.is_empty() || tabs.len() > MOST {
        return None;
    }
    let labels: Vec<String> = tabs.iter().map(|&tab| label(scan, tab)).collect();
    let named: Vec<Option<usize>> = tabs.iter().map(|&tab| target(scan, tab, ids)).collect();
    let outside = |panel: &usize| !(list..end).contains(panel) && scan.entries[*panel].end > *panel + 1;
    let panels = match named.iter().all(|panel| panel.as_ref().is_some_and(outside)) {
        true => named.into_iter().flatten().collect(),
        false => in_order(scan, list, tabs.len())?,
    };
    finish(panels, labels, vec![list])
}

/// Returns the panel that a tab's attributes name.
fn target(scan: &Scan<'_>, tab: usize, ids: &HashMap<&str, usize>) -> Option<usize> {
    let end = scan.entries[tab].end;
    let elements = (tab..end).take(6).filter_map(|at| scan.element(at));
    let mut named = elements.flat_map(|element| {
        let value = |name| element.attr(name);
        let linked = [value("href"), value("data-target"), value("data-bs-target")];
        let linked = linked.into_iter().flatten().filter_map(|href| href.trim().strip_prefix('#'));
        let ids_named: Vec<&str> = value("aria-controls").into_iter().chain(linked).chain(value("data-tab")).collect();
        ids_named
    });
    named.find_map(|id| ids.get(id.trim()).copied())
}

/// Returns the panels near a list, when there are as many as tabs.
fn in_order(scan: &Scan<'_>, list: usize, count: usize) -> Option<Vec<usize>> {
    let mut around = list;
    for _ in 0..AROUND {
        around = scan.entries[around].parent;
        let mut found: Vec<usize> = Vec::new();
        let mut at = around + 1;
        let end = scan.entries[around].end.min(around + NODES);
        while at < end && found.len() <= count {
            if at == list {
                at = scan.entries[at].end;
            } else if is_panel(scan, at) {
                found.push(at);
                at = scan.entries[at].end;
            } else {
                at += 1;
            }
        }
        if !found.is_empty() {
            return (found.len() == count).then_some(found);
        }
    }
    None
}

fn is_panel(scan: &Scan<'_>, at: usize) -> bool {
    let Some(element) = scan.element(at) else { return false };
    let class = element.attr("class").unwrap_or_default();
    let is_called = |token: &str| {
        matches!(
            token,
            "tab-pane" | "tab-panel" | "tabpanel" | "tab-content-item" | "tabs-panel" | "tab-item" | "tabbed-block"
        )
    };
    element.attr("role") == Some("tabpanel") || class.split_ascii_whitespace().any(is_called)
}

fn is_radio(scan: &Scan<'_>, at: usize) -> bool {
    let element = if scan.name(at) == "input" { scan.element(at) } else { None };
    element.is_some_and(|element| element.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("radio")))
}

/// Returns the panels that radio buttons open: each after its label, or all together after the labels.
fn chosen(scan: &Scan<'_>, around: usize) -> Option<TabSet> {
    let children: Vec<usize> =
        scan.children(around).filter(|&child| scan.element(child).is_some()).take(4 * MOST).collect();
    let radios: Vec<usize> = children.iter().copied().filter(|&at| is_radio(scan, at)).collect();
    if radios.len() < 2 || radios.len() > MOST {
        return None;
    }
    let named = |at: usize| {
        let id = scan.element(at)?.attr("for")?;
        radios.iter().find(|&&radio| scan.element(radio).is_some_and(|radio| radio.attr("id") == Some(id)))
    };
    let is_label = |at: usize| scan.name(at) == "label" && named(at).is_some();
    let end = scan.entries[around].end;
    let labels: Vec<usize> = (around + 1..end.min(around + NODES)).filter(|&at| is_label(at)).take(MOST + 1).collect();
    if labels.len() != radios.len() {
        return None;
    }
    let holds_label = |at: usize| labels.iter().any(|label| (at..scan.entries[at].end).contains(label));
    let boxes: Vec<usize> = children
        .iter()
        .copied()
        .filter(|&at| !is_radio(scan, at) && !holds_label(at) && !elements::is_inline(scan.name(at)))
        .collect();
    let panels = match boxes.as_slice() {
        boxes if boxes.len() == labels.len() => boxes.to_vec(),
        [one] => panels_in(scan, *one, labels.len())?,
        // The labels are in a box, and the panels beside that box.
        _ => panels_in(scan, next_element(scan, around)?, labels.len())?,
    };
    let words = labels.iter().map(|&at| label(scan, at)).collect();
    let skipped = children.iter().copied().filter(|&at| is_radio(scan, at) || holds_label(at)).collect();
    finish(panels, words, skipped)
}

fn next_element(scan: &Scan<'_>, at: usize) -> Option<usize> {
    let parent = scan.entries[at].parent;
    let is_beside = |&at: &usize| scan.entries.get(at).is_some_and(|entry| entry.parent == parent);
    let next = |at: usize| Some(scan.entries[at].end).filter(is_beside);
    std::iter::successors(next(at), |&at| next(at)).find(|&at| scan.element(at).is_some())
}

fn panels_in(scan: &Scan<'_>, at: usize, count: usize) -> Option<Vec<usize>> {
    let panels: Vec<usize> = scan.children(at).filter(|&child| scan.element(child).is_some()).take(count + 1).collect();
    (panels.len() == count).then_some(panels)
}

fn label(scan: &Scan<'_>, at: usize) -> String {
    let Some(element) = scan.element(at) else { return String::new() };
    let said: String = element.text().collect();
    collapse(&said)
}

/// Returns true for `3`, `Item 3` or `Slide 3 of 5`: positions in a carousel, which are not labels.
fn is_number(label: &str) -> bool {
    let words = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.into_iter().all(|word| {
        word.chars().all(|c| c.is_ascii_digit())
            || matches!(word.to_ascii_lowercase().as_str(), "item" | "slide" | "image" | "page" | "go" | "to" | "of")
    })
}

fn finish(panels: Vec<usize>, labels: Vec<String>, skipped: Vec<usize>) -> Option<TabSet> {
    let is_label = |label: &String| !label.is_empty() && label.chars().count() <= LABEL && !is_number(label);
    let apart: BTreeSet<usize> = panels.iter().copied().collect();
    (apart.len() == panels.len() && panels.len() == labels.len() && labels.iter().all(is_label))
        .then(|| TabSet { panels: panels.into_iter().zip(labels).collect(), skipped })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::Page;
    use crate::model::{Origin, RawPage};

    fn labels(html: &str) -> Vec<(String, String)> {
        let raw = RawPage::from_bytes(html.as_bytes().to_vec(), None, Origin::Replay, None);
        let page = Page::parse(&raw);
        let scan = Scan::of(&page);
        let panels = sets(&scan).into_iter().flat_map(|set| set.panels);
        panels.map(|(at, label)| (label, scan.element(at).unwrap().text().collect::<String>())).collect()
    }

    #[test]
    fn panels_are_found_by_id_by_order_and_by_radio_button() {
        for html in [
            "<ul role=tablist><li role=tab aria-controls=b>甲</li><li role=tab aria-controls=a>乙</li></ul><div id=a role=tabpanel>二</div><div id=b role=tabpanel>一</div>",
            "<div><ul role=tablist><li role=tab>甲</li><li role=tab>乙</li></ul><div><div role=tabpanel>一</div><div role=tabpanel hidden>二</div></div></div>",
            "<div class=tabbed-set><input type=radio id=x name=t><input type=radio id=y name=t><div class=tabbed-labels><label for=x>甲</label><label for=y>乙</label></div><div class=tabbed-content><div>一</div><div>二</div></div></div>",
            "<div class=sd-tab-set><input type=radio id=x name=t><label for=x>甲</label><div>一</div><input type=radio id=y name=t><label for=y>乙</label><div>二</div></div>",
            "<div class=vp-code-group><div class=tabs><input type=radio id=x name=t><label for=x>甲</label><input type=radio id=y name=t><label for=y>乙</label></div><div class=blocks><div>一</div><div>二</div></div></div>",
            "<ul class='nav nav-tabs'><li><a href='#a'>甲</a></li><li><a href='#b'>乙</a></li></ul><div class=tab-content><div class=tab-pane id=a>一</div><div class=tab-pane id=b>二</div></div>",
        ] {
            let mut found = labels(html);
            found.sort();
            let mut expected = vec![("甲".to_owned(), "一".to_owned()), ("乙".to_owned(), "二".to_owned())];
            expected.sort();
            assert_eq!(found, expected, "{html}");
        }
    }

    #[test]
    fn a_form_with_radio_buttons_is_not_a_set_of_tabs() {
        let html = "<form><input type=radio id=x><label for=x>Yes</label><input type=radio id=y><label for=y>No</label></form>";
        assert_eq!(labels(html), []);
    }
}
