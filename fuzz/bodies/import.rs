//! Exports of every kind, told by their bytes: safe names, plain messages, inert Markdown.

use std::ops::ControlFlow;
use std::path::{Component, Path};

use bindery::convert::{Options, one};
use bindery::frontmatter::Profile;
use bindery::import::{self, Input, ItemContent, Kind, open};

use super::inert;

/// More items than this are not looked at.
const MOST: usize = 200;

pub fn body(input: &[u8]) {
    let whole = Input::memory(input.to_vec(), "export.bin");
    let Ok(start) = whole.start() else { return };
    let Some(kind) = Kind::detect(&start) else { return };
    let mut items = 0;
    let report = open(&whole, kind, None, &mut |item| {
        assert!(item.name.components().all(|part| matches!(part, Component::Normal(_))), "{:?}", item.name);
        look_at(&item.content, &item.name);
        items += 1;
        if items < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    match report {
        Ok(report) => {
            report.cut.iter().for_each(|cut| super::assert_said(cut));
            report.left_out.keys().chain(report.losses.keys()).for_each(|what| super::assert_said(what));
        }
        Err(error) => super::assert_said(&error.to_string()),
    }
    if kind.is_single() {
        convert(input);
    }
}

fn look_at(what: &ItemContent, name: &Path) {
    match what {
        ItemContent::Broken(error) => super::assert_said(&error.to_string()),
        ItemContent::File(input, _, place) => {
            assert!(place.page.split('/').all(|part| part != ".."), "{} in {name:?}", place.page);
            // Read once: its checksum is held against its bytes.
            let _ = input.start();
        }
        ItemContent::UrlList(found) => {
            let is_web = |url: &str| url.to_ascii_lowercase().trim().starts_with("http");
            assert!(found.iter().all(|url| is_web(&url.url)));
        }
        ItemContent::Page(_) | ItemContent::Post(_) | ItemContent::Body(..) => {}
    }
}

/// What one input becomes, without its front matter: that of a post is kept to the letter.
fn convert(input: &[u8]) {
    let profile = Profile { front_matter: false, ..Profile::default() };
    match one(input.to_vec(), "export.html", &Options::new(profile)) {
        Ok(converted) if !converted.is_list && import::post(input).is_none() => {
            if let Some(live) = inert::live(&converted.text, inert::Source::Body) {
                panic!("{live}:\n{}", converted.text);
            }
        }
        Ok(_) => {}
        Err(failure) => super::assert_said(&failure.message),
    }
}

/// More of the same export.
pub fn grown(bytes: &[u8], times: usize) -> Vec<u8> {
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    if bytes.starts_with(b"PK") {
        return super::zip::grown(b"<html><title>x</title><p>text of a page in a file", times);
    }
    if has(b"<item") && has(b"</item>") {
        return super::inner_repeated(bytes, b"<item", b"</item>", times);
    }
    if has(b"---\n") {
        let (head, body) = bytes.split_at(bytes.windows(4).rposition(|window| window == b"---\n").unwrap_or(0) + 4);
        return [head, &body.repeat(times)].concat();
    }
    bytes.repeat(times)
}
