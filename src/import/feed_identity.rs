//! Distinguishes the items of a feed: by the pages to which they link, or by their contents if they have no link or share one.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::feed_entry::FeedEntry;
use super::item::ItemIdentity;
use crate::model::{Digest, FeedItem, GuidTrust, UrlKey, item_url};

/// A digest, truncated to a length that distinguishes the items of one feed.
type Mark = [u8; 16];

/// What distinguishes one item of a feed from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The page to which it links; None without a link.
    page: Option<Mark>,
    /// The link with its fragment.
    link: Mark,
    guid: Option<Mark>,
    /// The number at the end of the identifier.
    number: Option<usize>,
    title: Mark,
    /// The title and the date.
    heading: Mark,
    /// The text; None without one.
    text: Option<Mark>,
}

impl Facts {
    /// Returns the facts of an item; `link` is its link, absolute.
    pub fn of(entry: &FeedEntry, link: Option<&Url>) -> Self {
        let guid = entry.id.trim();
        let digits = guid.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let text = text_of(entry);
        let key = link.map(UrlKey::of);
        let fragment = link.and_then(Url::fragment).unwrap_or_default();
        Self {
            page: key.as_ref().map(|key| mark(key.as_str())),
            link: mark_of(&[key.as_ref().map_or("", UrlKey::as_str), "#", fragment]),
            guid: (!guid.is_empty()).then(|| mark(guid)),
            number: guid[digits..].parse().ok(),
            title: mark(entry.title.trim()),
            heading: mark(&heading(entry)),
            text: (!text.is_empty()).then(|| mark(text)),
        }
    }

    /// Returns what two items have in common that are the same although their identifiers differ; None for an item with
    /// neither title nor text.
    fn contents(&self) -> Option<Mark> {
        let is_empty = self.text.is_none() && self.title == mark("");
        (!is_empty).then(|| mark_of(&[self.link, self.heading, self.text.unwrap_or_default()]))
    }
}

fn mark(text: &str) -> Mark {
    mark_of(&[text.as_bytes()])
}

fn mark_of(parts: &[impl AsRef<[u8]>]) -> Mark {
    let mut bytes = Vec::new();
    parts.iter().for_each(|part| bytes.extend_from_slice(part.as_ref()));
    let mut mark = Mark::default();
    mark.copy_from_slice(&Digest::of(&bytes).as_bytes()[..16]);
    mark
}

fn text_of(entry: &FeedEntry) -> &str {
    [&entry.content, &entry.summary].into_iter().map(|text| text.trim()).find(|text| !text.is_empty()).unwrap_or("")
}

fn heading(entry: &FeedEntry) -> String {
    let date = entry.published.or(entry.modified).map(|date| date.to_string()).unwrap_or_default();
    format!("{}\n{date}", entry.title.trim())
}

/// What an item of a feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The page to which it links.
    Page,
    /// An article of its own, whose text is the feed's.
    Item(Identifier),
    /// The same as an earlier item.
    Repeated,
    /// Nothing: it shares its link with another item, and has no text.
    WithoutText,
    /// Nothing: it has neither a link nor a text.
    Empty,
    /// Nothing: too many items of the feed share their links.
    TooMany,
}

/// What identifies an item that is an article of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier {
    /// Its identifier.
    Guid,
    /// The fragment of its link.
    Link,
    /// Its title and date.
    Heading,
    /// Its title, date and text.
    Text,
}

/// The result of distinguishing the items of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standings {
    /// What each item is, in the order of the feed.
    pub all: Vec<Standing>,
    /// Identifiers that several items have, by mistake.
    ambiguous: HashSet<Mark>,
    /// How far the identifiers are trusted.
    pub trust: GuidTrust,
}

impl Standings {
    /// Distinguishes the items of a feed. `home` is the site's own page, which is the page of no item; of items without a
    /// page of their own at most `most` are kept.
    pub fn of(facts: &[Facts], home: Option<&Url>, most: usize) -> Self {
        let ambiguous = ambiguous(facts);
        let home = home.map(|home| mark(UrlKey::of(home).as_str()));
        let mut all = vec![Standing::Page; facts.len()];
        for (page, members) in pages(facts) {
            let members = distinct(members, facts, &ambiguous, &mut all);
            let is_shared = members.len() > 1 || page.is_some() && page == home;
            if page.is_none() || is_shared {
                distinguish(&members, facts, &ambiguous, &mut all);
            }
        }
        let own = all.iter_mut().filter(|standing| matches!(standing, Standing::Item(_)));
        own.skip(most).for_each(|standing| *standing = Standing::TooMany);
        let is_place = |(at, item): (usize, &Facts)| item.number.is_some_and(|number| number == at || number == at + 1);
        let trust = match facts.iter().enumerate().all(is_place) {
            true => GuidTrust::IfTextsAgree,
            false => GuidTrust::Certain,
        };
        Self { all, ambiguous, trust }
    }

    /// Returns how an item that was kept is identified; None for an item that was not. `feeds` are the feed's URLs, the
    /// first of which an item without a link gets.
    pub fn identity(&self, at: usize, entry: &FeedEntry, link: Option<&Url>, feeds: &[Url]) -> Option<ItemIdentity> {
        let standing = self.all.get(at)?;
        let guid = Some(entry.id.trim()).filter(|guid| !guid.is_empty() && !self.ambiguous.contains(&mark(guid)));
        let base = link.or(feeds.first());
        let url = match standing {
            Standing::Page => None,
            Standing::Item(by) => {
                let written = match by {
                    Identifier::Guid => entry.id.trim().to_owned(),
                    Identifier::Link => {
                        link.map_or_else(String::new, |link| format!("#{}", link.fragment().unwrap_or("")))
                    }
                    Identifier::Heading => heading(entry),
                    Identifier::Text => format!("{}\n{}", heading(entry), text_of(entry)),
                };
                base.map(|base| item_url(base, &written))
            }
            Standing::Repeated | Standing::WithoutText | Standing::Empty | Standing::TooMany => return None,
        };
        let items = feeds.iter().map(|feed| FeedItem::new(&without_fragment(feed), guid)).collect();
        Some(ItemIdentity { url, items, trust: self.trust })
    }

    /// Returns the number of items with that standing.
    pub fn count(&self, standing: Standing) -> usize {
        self.all.iter().filter(|other| **other == standing).count()
    }
}

fn without_fragment(url: &Url) -> String {
    let mut url = crate::model::without_credentials(url);
    url.set_fragment(None);
    url.into()
}

/// Returns the identifiers that items with another link or title have too.
fn ambiguous(facts: &[Facts]) -> HashSet<Mark> {
    let mut first: HashMap<Mark, (Option<Mark>, Mark)> = HashMap::new();
    let mut found = HashSet::new();
    for item in facts {
        let Some(guid) = item.guid else { continue };
        let own = (item.page, item.title);
        if *first.entry(guid).or_insert(own) != own {
            found.insert(guid);
        }
    }
    found
}

/// Returns the items of each page, and those without one, in the order of the feed.
fn pages(facts: &[Facts]) -> Vec<(Option<Mark>, Vec<usize>)> {
    let mut places: HashMap<Option<Mark>, usize> = HashMap::new();
    let mut pages: Vec<(Option<Mark>, Vec<usize>)> = Vec::new();
    for (at, item) in facts.iter().enumerate() {
        let place = *places.entry(item.page).or_insert_with(|| {
            pages.push((item.page, Vec::new()));
            pages.len() - 1
        });
        pages[place].1.push(at);
    }
    pages
}

/// Returns the members that do not repeat an earlier one: with its identifier, or with its title, date and text.
fn distinct(members: Vec<usize>, facts: &[Facts], ambiguous: &HashSet<Mark>, all: &mut [Standing]) -> Vec<usize> {
    let (mut guids, mut texts) = (HashSet::new(), HashSet::new());
    let mut is_new = |at: &usize| {
        let item = &facts[*at];
        let guid = item.guid.filter(|guid| !ambiguous.contains(guid));
        let is_new_guid = guid.is_none_or(|guid| guids.insert(guid));
        let is_new_text = item.contents().is_none_or(|contents| texts.insert(contents));
        if !is_new_guid || !is_new_text {
            all[*at] = Standing::Repeated;
        }
        is_new_guid && is_new_text
    };
    members.into_iter().filter(|at| is_new(at)).collect()
}

/// Distinguishes items without a page of their own.
fn distinguish(members: &[usize], facts: &[Facts], ambiguous: &HashSet<Mark>, all: &mut [Standing]) {
    let count = |of: fn(&Facts) -> Mark| {
        let mut counts: HashMap<Mark, usize> = HashMap::new();
        members.iter().for_each(|at| *counts.entry(of(&facts[*at])).or_default() += 1);
        counts
    };
    let (links, headings) = (count(|item| item.link), count(|item| item.heading));
    let mut page_is_taken = false;
    for &at in members {
        let item = &facts[at];
        all[at] = match item.text {
            Some(_) => Standing::Item(match item.guid {
                Some(guid) if !ambiguous.contains(&guid) => Identifier::Guid,
                _ if item.page.is_some() && links[&item.link] == 1 && members.len() > 1 => Identifier::Link,
                _ if headings[&item.heading] == 1 => Identifier::Heading,
                _ => Identifier::Text,
            }),
            None if item.page.is_none() => Standing::Empty,
            // The page itself stands for the first that has no text.
            None if std::mem::replace(&mut page_is_taken, true) => Standing::WithoutText,
            None => Standing::Page,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An item: link, identifier, title, text.
    fn entry((link, id, title, text): (&str, &str, &str, &str)) -> FeedEntry {
        let [link, id, title, content] = [link, id, title, text].map(str::to_owned);
        FeedEntry { link, id, title, content, ..FeedEntry::default() }
    }

    fn of_feed(items: &[(&str, &str, &str, &str)], most: usize) -> (Standings, Vec<Option<ItemIdentity>>) {
        let feed = Url::parse("https://news.test/rss").unwrap();
        let link = |entry: &FeedEntry| feed.join(&entry.link).ok().filter(|_| !entry.link.is_empty());
        let entries: Vec<FeedEntry> = items.iter().map(|item| entry(*item)).collect();
        let facts: Vec<Facts> = entries.iter().map(|entry| Facts::of(entry, link(entry).as_ref())).collect();
        let standings = Standings::of(&facts, Some(&feed.join("/").unwrap()), most);
        let identity = |(at, entry)| standings.identity(at, entry, link(entry).as_ref(), std::slice::from_ref(&feed));
        let identities = entries.iter().enumerate().map(identity).collect();
        (standings, identities)
    }

    #[test]
    fn items_that_share_a_link_are_distinguished_by_identifier() {
        let (standings, identities) =
            of_feed(&[("/log#1", "a", "一", "甲"), ("/log#2", "b", "二", "乙"), ("/other", "c", "三", "丙")], 9);
        let by_guid = Standing::Item(Identifier::Guid);
        assert_eq!(standings.all, [by_guid, by_guid, Standing::Page]);
        let urls: Vec<Url> = identities.iter().flatten().filter_map(|identity| identity.url.clone()).collect();
        assert!(urls.iter().all(|url| url.path() == "/log") && urls[0] != urls[1]);
        assert_eq!(identities[2].as_ref().unwrap().items[0].guid.as_deref(), Some("c"));
    }

    #[test]
    fn items_without_identifiers_are_distinguished_by_what_they_have() {
        let (by_link, _) = of_feed(&[("/log#1", "", "x", "甲"), ("/log#2", "", "x", "乙")], 9);
        assert_eq!(by_link.all, [Standing::Item(Identifier::Link); 2]);
        let (by_title, _) = of_feed(&[("/log", "same", "一", "甲"), ("/log", "same", "二", "乙")], 9);
        assert_eq!(by_title.all, [Standing::Item(Identifier::Heading); 2]);
        let (by_text, _) = of_feed(&[("", "", "x", "甲"), ("", "", "x", "乙"), ("", "", "x", "")], 9);
        assert_eq!(by_text.all[..2], [Standing::Item(Identifier::Text); 2]);
        assert_eq!(by_text.all[2], Standing::Empty);
    }

    #[test]
    fn one_identifier_for_all_items_is_none() {
        let (standings, identities) = of_feed(&[("/1", "same", "一", "甲"), ("/2", "same", "二", "乙")], 9);
        assert_eq!(standings.all, [Standing::Page; 2]);
        assert_eq!(identities[0].as_ref().unwrap().items[0].guid, None);
    }

    #[test]
    fn an_item_that_is_listed_twice_is_one() {
        let (standings, _) = of_feed(
            &[
                ("/1", "g", "一", "甲"),
                ("/1?utm_source=feed", "g", "一", "甲"),
                ("/2", "", "二", ""),
                ("/2", "", "二", ""),
            ],
            9,
        );
        let expected = [Standing::Page, Standing::Repeated, Standing::Page, Standing::Repeated];
        assert_eq!(standings.all, expected);
    }

    #[test]
    fn of_items_with_one_link_and_no_text_the_page_stands_for_one() {
        let (standings, _) = of_feed(&[("/log", "a", "一", ""), ("/log", "b", "二", ""), ("/log", "c", "三", "丙")], 9);
        assert_eq!(standings.all, [Standing::Page, Standing::WithoutText, Standing::Item(Identifier::Guid)]);
        let (home, _) = of_feed(&[("/", "a", "一", "甲")], 9);
        assert_eq!(home.all, [Standing::Item(Identifier::Guid)], "the home page is the page of no item");
    }

    #[test]
    fn a_hundred_thousand_items_with_one_link_are_counted_quickly() {
        let ids: Vec<String> = (0..100_000).map(|n| format!("id-{n}x")).collect();
        let items: Vec<_> = ids.iter().map(|id| ("/log", id.as_str(), id.as_str(), "甲")).collect();
        let (standings, _) = of_feed(&items, 1000);
        assert_eq!(standings.count(Standing::Item(Identifier::Guid)), 1000);
        assert_eq!(standings.count(Standing::TooMany), 99_000);
    }

    #[test]
    fn identifiers_that_are_places_in_the_feed_are_trusted_less() {
        let (places, _) = of_feed(&[("/b", "item-0", "二", ""), ("/a", "item-1", "一", "")], 9);
        assert_eq!(places.trust, GuidTrust::IfTextsAgree);
        let (numbers, _) = of_feed(&[("/b", "12", "二", ""), ("/a", "11", "一", "")], 9);
        assert_eq!(numbers.trust, GuidTrust::Certain);
    }
}
