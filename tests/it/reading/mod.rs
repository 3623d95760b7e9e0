//! The formats for reading: books, pages and JSON Lines, made from pages with everything that a text may hold.
#![cfg(feature = "cli")]

mod book;
mod browser;
mod checked;
mod lines;
mod page;

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::packed::unzip;
use crate::support::program::Program;

const NOW: &str = "2026-11-24T10:00:00Z";
const LAMP: &str = "https://river.example.cn/2025/lamp.html";
const BRIDGE: &str = "https://river.example.cn/2025/bridge.html";

/// An archive of two pages that link to each other, the first with images of four types.
pub fn archived() -> Program {
    let program = Program::in_memory();
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reading/pages");
    for (name, url) in [("lamp.html", LAMP), ("bridge.html", BRIDGE)] {
        let page = pages.join(name).to_str().unwrap().to_owned();
        program.run_to(0, &["archive", &page, "--url", url, "--now", NOW]);
    }
    program
}

/// Makes a book of what is selected, and returns its files.
fn book(program: &Program, name: &str, selectors: &[&str]) -> BTreeMap<String, Vec<u8>> {
    program.run_to(0, &[&["bundle", "--format", "epub", "-o", name], selectors].concat());
    unzip(&program.path(name))
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", files.keys()));
    String::from_utf8(bytes.clone()).unwrap()
}
