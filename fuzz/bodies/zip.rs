//! ZIP files, byte for byte: only safe names, and everything read is what its checksum says.

use std::io::Read;
use std::sync::Arc;

use bindery::bundle::{Tree, Zip};
use bindery::verify;

pub fn body(input: &[u8]) {
    let scratch = super::bundle::Scratch::new();
    let path = scratch.path().join("a.zip");
    std::fs::write(&path, input).unwrap();
    match Zip::open(&path) {
        Ok(zip) => assert_sound(zip),
        Err(error) => super::assert_said(&error.to_string()),
    }
    match verify::any(&path, 1, &mut |_| {}) {
        Ok(report) => report.findings.iter().for_each(|finding| assert!(!finding.path.is_empty())),
        Err(error) => super::assert_said(&error.to_string()),
    }
}

fn assert_sound(zip: Zip) {
    let zip = Arc::new(zip);
    let tree = Tree::in_zip(&zip, "");
    for name in zip.names().take(64) {
        assert!(super::bundle::is_safe(name), "{name:?}");
        let mut bytes = Vec::new();
        if let Ok(opened) = tree.open(name)
            && opened.bytes.take(1 << 22).read_to_end(&mut bytes).is_ok()
            && bytes.len() < 1 << 22
        {
            assert_eq!(Some(bytes.len() as u64), tree.length(name), "{name}");
        }
    }
}

/// A file of that many times as many entries: names and contents out of the input, which is one already or becomes one.
pub fn grown(bytes: &[u8], times: usize) -> Vec<u8> {
    let entries = (0..4 * times).map(|n| (format!("folder-{}/{n}.txt", n % 8), bytes.to_vec()));
    super::bundle::packed(entries)
}
