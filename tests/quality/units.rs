//! Whether what stands in an article is kept whole: images, tables, lists, and inputs in the shape of complaints.
//!
//! Each prints its figure. The floors are what was measured last, and only rise.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::{convert_all, measuring, python};

/// Images of the reference extraction that are kept, in percent, on `pages-open`.
const IMAGES: f64 = 96.4;

/// Tables of data of the reference extraction that are kept there, of 8.
const TABLES: u32 = 8;

/// Of the tables and lists that are kept, the share that is broken, in percent.
const BROKEN: [(&str, f64, f64); 2] = [("wcxb-dev", 1.3, 0.9), ("pages-open", 0.0, 5.5)];

/// Inputs that hold, of those that are pages.
const PAGES_HELD: u32 = 204;

/// A scorer's output. Those that are used here end with 1 where their own aim is missed; the floors decide.
fn output_of(script: &Path, arguments: &[&std::ffi::OsStr]) -> String {
    let output = Command::new(python()).arg(script).args(arguments).output().expect("Python runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let broke = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!broke.contains("Traceback"), "{}: {broke}", script.display());
    println!("{text}");
    text
}

/// The first number after a word.
fn number_after(text: &str, word: &str) -> f64 {
    let rest = text.split_once(word).map(|(_, rest)| rest).unwrap_or_else(|| panic!("no `{word}` in {text}"));
    let digits: String =
        rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().unwrap()
}

#[test]
fn images_and_tables_of_a_reference_extraction_are_kept() {
    let Some((corpus, score)) = measuring() else { return };
    let (pages, folder) = (corpus.join("pages-open"), tempfile::tempdir().unwrap());
    let (html, markdown) = (folder.path().join("html"), folder.path().join("md"));
    let media = score.join("media.py");
    output_of(&media, &["lay-out".as_ref(), pages.as_os_str(), html.as_os_str()]);
    convert_all(&html, &markdown, false);
    let text = output_of(&media, &[pages.as_os_str(), markdown.as_os_str(), "-v".as_ref()]);
    let images = number_after(&text[text.find('(').unwrap()..], "(");
    assert!(images >= IMAGES, "{images} % of the images, the floor is {IMAGES} %");
    assert!(number_after(&text, "table:") as u32 >= TABLES, "{text}");
    whole("pages-open", &score, &html, &markdown);
}

/// Tables and lists that are kept are whole.
pub fn whole(set: &str, score: &Path, html: &Path, markdown: &Path) {
    let text = output_of(&score.join("integrity.py"), &[html.as_os_str(), markdown.as_os_str(), "-v".as_ref()]);
    let (_, tables, lists) = BROKEN.into_iter().find(|(name, ..)| *name == set).expect("the set has a floor");
    for (kind, most) in [("tables kept", tables), ("lists kept", lists)] {
        let line = text.lines().find(|line| line.starts_with(kind)).unwrap_or_else(|| panic!("no `{kind}` in {text}"));
        let broken = number_after(line, "(");
        assert!(broken <= most, "{set}: {line}; no more than {most} % may be broken");
    }
}

#[test]
fn inputs_in_the_shape_of_complaints_hold() {
    let Some((_, score)) = measuring() else { return };
    let cases = score.join("../cases");
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let text = output_of(&score.join("cases.py"), &[bindery.as_ref(), cases.as_os_str()]);
    let shares = text.lines().find(|line| line.starts_with("A1 ")).expect("a line of shares");
    // `A1 16/16  A2 10/10 …`; causes of pages are a letter with a number up to 2, or `M-` and a name.
    let shares: BTreeMap<&str, u32> = shares
        .split("  ")
        .filter_map(|share| share.split_once(' '))
        .filter_map(|(cause, held)| Some((cause, held.split_once('/')?.0.parse().ok()?)))
        .collect();
    let is_of_pages = |cause: &str| {
        cause.starts_with("M-") || ["A1", "A2", "B1", "B2", "C1", "T1", "control"].contains(&cause) || cause.len() == 1
    };
    let held: u32 = shares.iter().filter(|(cause, _)| is_of_pages(cause)).map(|(_, held)| held).sum();
    println!("pages: {held} held");
    assert!(held >= PAGES_HELD, "{held} inputs hold, the floor is {PAGES_HELD}");
}
