//! How many articles of the measuring sets render back to themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};

/// The least share of perfect articles, in percent.
const FLOOR: f64 = 98.0;

#[derive(Debug, Default)]
struct Tally {
    articles: usize,
    perfect: usize,
    /// Differences by kind.
    kinds: BTreeMap<String, usize>,
}

fn count(pages: &[PathBuf]) -> Tally {
    let mut tally = Tally::default();
    for path in pages {
        let raw = RawPage::from_bytes(std::fs::read(path).unwrap(), None, Origin::Replay, None);
        // A page without an article has no Markdown to be judged.
        let Ok(article) = extract(&raw, Options::default()) else { continue };
        let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
        tally.articles += 1;
        tally.perfect += usize::from(document.fidelity.is_empty());
        for difference in document.fidelity {
            println!("{}: {difference}", path.display());
            *tally.kinds.entry(difference.kind).or_default() += 1;
        }
    }
    tally
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn share_of_perfect_articles(set: &str) {
    let Some(corpus) = std::env::var_os("BINDERY_CORPUS") else {
        println!("skipped: BINDERY_CORPUS is not set");
        return;
    };
    let pages = pages(&Path::new(&corpus).join(set).join("html"));
    let halves = pages.split_at(pages.len() / 2);
    let (first, second) = std::thread::scope(|scope| {
        let other = scope.spawn(|| count(halves.1));
        (count(halves.0), other.join().unwrap())
    });
    let (articles, perfect) = (first.articles + second.articles, first.perfect + second.perfect);
    let share = 100.0 * perfect as f64 / articles as f64;
    println!("{set}: {perfect} of {articles} articles render back to themselves, {share:.2} %");
    println!("{:?} {:?}", first.kinds, second.kinds);
    assert!(share >= FLOOR, "{set}: {share:.2} %, the floor is {FLOOR}");
}

#[test]
fn pages_of_seven_kinds() {
    share_of_perfect_articles("wcxb-dev");
}

#[test]
fn chinese_japanese_and_korean_pages() {
    share_of_perfect_articles("cjk-open");
}
