//! Notes: an item of Joplin in its tar file, and a page and a table of Notion.

use std::ops::ControlFlow;

use bindery::convert::{Options, one};
use bindery::frontmatter::Profile;
use bindery::import::{Input, ItemContent, Kind, open};

use super::inert;

const ID: &str = "e65ec18c87607b653d1693a4a104149a";

pub fn body(input: &[u8]) {
    joplin(input);
    for name in [format!("灯 {ID}.md"), format!("灯 {ID}_all.csv")] {
        convert(input, &name);
    }
}

fn joplin(input: &[u8]) {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in [(format!("{ID}.md"), input), (format!("resources/{ID}.png"), b"png")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes).unwrap();
    }
    let export = Input::memory(tar.into_inner().unwrap(), "notes.jex");
    let report = open(&export, Kind::Joplin, None, &mut |item| {
        match item.content {
            ItemContent::Body(raw, info) => {
                assert!(info.categories.len() < 100 && item.losses.len() <= input.len());
                assert!(raw.body.len() < 200 * input.len() + 1000, "{} bytes", raw.body.len());
            }
            ItemContent::Broken(error) => super::assert_said(&error.to_string()),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    if let Err(error) = report {
        super::assert_said(&error.to_string());
    }
}

fn convert(input: &[u8], name: &str) {
    let profile = Profile { front_matter: false, ..Profile::default() };
    match one(input.to_vec(), name, &Options::new(profile)) {
        Ok(converted) => {
            if let Some(live) = inert::live(&converted.text, inert::Source::Body) {
                panic!("{live}:\n{}", converted.text);
            }
        }
        Err(failure) => super::assert_said(&failure.message),
    }
}

/// The same note with a longer text: its title and properties stay.
pub fn grown(bytes: &[u8], times: usize) -> Vec<u8> {
    let find = |part: &[u8]| bytes.windows(part.len()).rposition(|window| window == part);
    match find(b"\n\nid: ") {
        Some(at) => [&bytes[..at].repeat(times), &bytes[at..]].concat(),
        None => bytes.repeat(times),
    }
}
