//! Articles: what a record says against the texts and images that are there.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use url::Url;

use crate::model::FindingKind::{Changed, Malformed, Missing, Unexpected};
use crate::model::{Digest, ImageFormat, UrlKey};

use super::hash::Reader;
use super::leaf::{Checked, Files, MANIFEST, Seen, see, unreadable};
use super::notes::Notes;
use super::walk::{Leaf, names_or_note, stray};

const RECORD: &str = "record.json";
const INDEX: &str = "index.md";
/// The format's limit for a record.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// The fields of a record that can be re-derived.
#[derive(Deserialize)]
struct Record {
    format: u32,
    address: String,
    snapshots: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Snapshot {
    file: String,
    sha256: Digest,
    front_matter_bytes: u64,
    body_sha256: Digest,
    #[serde(default)]
    images: Vec<Image>,
}

#[derive(Deserialize)]
struct Image {
    path: Option<String>,
}

/// An article's folder as it was read.
pub(super) struct Article {
    /// Its name.
    slug: String,
    /// Its record; None when there is none, otherwise what keeps it from being read.
    record: Option<Result<Record, String>>,
    /// Digest of each text's body, by file name; None where the text ends before the body begins.
    bodies: BTreeMap<String, Option<Digest>>,
}

/// Reads every file of a year's folder.
pub(super) fn read(
    root: &Path,
    leaf: &Leaf,
    reader: &mut Reader,
    files: &mut Files,
    out: &mut Checked,
) -> Vec<Article> {
    let names = names_or_note(root, &leaf.path, &mut out.notes);
    for name in names.files.iter().filter(|name| *name != MANIFEST) {
        foreign(root, leaf, name, reader, files, out);
    }
    names.folders.into_iter().map(|slug| article(root, leaf, slug, reader, files, out)).collect()
}

fn article(
    root: &Path,
    leaf: &Leaf,
    slug: String,
    reader: &mut Reader,
    files: &mut Files,
    out: &mut Checked,
) -> Article {
    let folder = format!("{}/{slug}", leaf.path);
    let names = names_or_note(root, &folder, &mut out.notes);
    names.folders.iter().for_each(|name| stray(&format!("{folder}/{name}"), &mut out.notes));
    let mut article = Article { slug, record: None, bodies: BTreeMap::new() };
    // The record first: it says where the bodies of the texts begin.
    if names.files.iter().any(|name| name == RECORD) {
        out.articles += 1;
        article.record = read_record(root, leaf, &article.slug, reader, files, &mut out.notes);
    }
    let offsets: BTreeMap<String, u64> = match &article.record {
        Some(Ok(record)) => record.snapshots.iter().map(|text| (text.file.clone(), text.front_matter_bytes)).collect(),
        _ => BTreeMap::new(),
    };
    for name in names.files.iter().filter(|name| *name != RECORD) {
        let below = format!("{}/{name}", article.slug);
        if name != INDEX && !is_text_name(name) {
            foreign(root, leaf, &below, reader, files, out);
            continue;
        }
        match reader.hash(&root.join(&leaf.path).join(&below), offsets.get(name).copied()) {
            Ok(hashed) => {
                article.bodies.insert(name.clone(), hashed.tail);
                files.insert(below, Seen { digest: hashed.digest, modified: hashed.modified });
            }
            Err(error) => unreadable(&format!("{folder}/{name}"), &error, &mut out.notes),
        }
    }
    article
}

fn read_record(
    root: &Path,
    leaf: &Leaf,
    slug: &str,
    reader: &mut Reader,
    files: &mut Files,
    notes: &mut Notes,
) -> Option<Result<Record, String>> {
    let below = format!("{slug}/{RECORD}");
    let path = format!("{}/{below}", leaf.path);
    match reader.bytes(&root.join(&path), MAX_RECORD_BYTES) {
        Ok((bytes, hashed)) => {
            files.insert(below, Seen { digest: hashed.digest, modified: hashed.modified });
            Some(serde_json::from_slice(&bytes).map_err(|error| format!("is no record: {error}")))
        }
        Err(error) => {
            unreadable(&path, &error, notes);
            None
        }
    }
}

/// A file whose name the format does not have: read, since a manifest may list it, and noted.
fn foreign(root: &Path, leaf: &Leaf, below: &str, reader: &mut Reader, files: &mut Files, out: &mut Checked) {
    if let Some(seen) = see(root, leaf, below, reader, &mut out.notes) {
        stray(&format!("{}/{below}", leaf.path), &mut out.notes);
        files.insert(below.to_owned(), seen);
    }
}

/// `20261123T085855Z.md`, `20261123T085855Z-2.md`.
fn is_text_name(name: &str) -> bool {
    let Some((instant, rest)) = name.strip_suffix(".md").and_then(|stem| stem.split_once('Z')) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shape = instant
        .split_once('T')
        .is_some_and(|(day, time)| day.len() == 8 && time.len() == 6 && digits(day) && digits(time));
    shape && (rest.is_empty() || rest.strip_prefix('-').is_some_and(digits))
}

/// A record against the files beside it and the images it names. What was found already is not said twice, and a record
/// that is not what its manifest lists accuses nobody.
pub(super) fn cross_check(root: &Path, leaf: &Leaf, article: &Article, files: &Files, notes: &mut Notes) {
    let folder = format!("{}/{}", leaf.path, article.slug);
    let path = format!("{folder}/{RECORD}");
    if notes.has(&path) {
        return;
    }
    let record = match &article.record {
        Some(Ok(record)) => record,
        Some(Err(cause)) => return notes.add(Malformed, path, cause),
        None => {
            let has_text = article.bodies.keys().next().is_some();
            if has_text && !notes.has_below(&format!("{folder}/")) {
                notes.add(Missing, path, "the texts beside it have no record");
            }
            return;
        }
    };
    if let Some(wrong) = check_self(leaf, &article.slug, record) {
        return notes.add(Malformed, path, wrong);
    }
    check_texts(&folder, article, record, files, notes);
    for image in record.snapshots.iter().flat_map(|text| &text.images).filter_map(|image| image.path.as_deref()) {
        if !is_image_path(image) {
            return notes.add(Malformed, path, format!("`{image}` is the path of no image"));
        }
        let there = root.join(image).symlink_metadata().is_ok_and(|meta| meta.is_file());
        if !there && !notes.has(image) {
            notes.add(Missing, image, format!("{path} names it, and it is not there"));
        }
    }
}

/// What is wrong with a record by itself.
fn check_self(leaf: &Leaf, slug: &str, record: &Record) -> Option<String> {
    if record.format != 1 {
        return Some(format!("has format {}, and the archive has format 1", record.format));
    }
    if record.snapshots.is_empty() {
        return Some("names no text".to_owned());
    }
    if let Some(text) = record.snapshots.iter().find(|text| !is_text_name(&text.file)) {
        return Some(format!("`{}` is the name of no text", text.file));
    }
    let mut names: Vec<&str> = record.snapshots.iter().map(|text| text.file.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Some("names a text twice".to_owned());
    }
    let key = match record.address.strip_prefix("urn:sha256:") {
        Some(hex) => hex.parse().ok().map(|digest| UrlKey::of_bytes(&digest)),
        None => Url::parse(&record.address).ok().filter(Url::has_host).map(|url| UrlKey::of(&url)),
    };
    let Some(key) = key else { return Some(format!("`{}` is no address", record.address)) };
    let end = &Digest::of(key.as_str().as_bytes()).hex()[..8];
    let host = leaf.path.split('/').nth(1).unwrap_or_default();
    let at_home = host == key.host_folder() && slug.strip_suffix(end).is_some_and(|rest| rest.ends_with('-'));
    (!at_home).then(|| format!("its address `{}` does not belong in this folder", record.address))
}

fn check_texts(folder: &str, article: &Article, record: &Record, files: &Files, notes: &mut Notes) {
    let digest = |name: &str| files.get(&format!("{}/{name}", article.slug)).map(|seen| seen.digest);
    let mut expect = |name: &str, sha256: &Digest, body: Option<&Digest>| {
        let path = format!("{folder}/{name}");
        if notes.has(&path) {
            return;
        }
        match digest(name) {
            None => notes.add(Missing, path, format!("{RECORD} beside it names it, and it is not there")),
            Some(found) if found != *sha256 => {
                notes.add(Changed, path, format!("{RECORD} beside it has it as {sha256}, and it is {found}"));
            }
            Some(_) if body.is_some_and(|body| article.bodies.get(name) != Some(&Some(*body))) => {
                let record = format!("{folder}/{RECORD}");
                notes.add(Malformed, record, format!("its digest of the body of {name} is not that body's"));
            }
            Some(_) => {}
        }
    };
    for text in &record.snapshots {
        expect(&text.file, &text.sha256, Some(&text.body_sha256));
    }
    if let Some(newest) = record.snapshots.last() {
        expect(INDEX, &newest.sha256, None);
    }
    let named = |name: &str| record.snapshots.iter().any(|text| text.file == name);
    for name in article.bodies.keys().filter(|name| *name != INDEX && !named(name)) {
        let path = format!("{folder}/{name}");
        if !notes.has(&path) {
            notes.add(Unexpected, path, format!("{RECORD} beside it does not name it"));
        }
    }
}

/// `images/<2 hex>/<sha256>.<ext>`.
fn is_image_path(path: &str) -> bool {
    let Some((folder, name)) = path.strip_prefix("images/").and_then(|rest| rest.split_once('/')) else { return false };
    let Some((hex, extension)) = name.split_once('.') else { return false };
    let named = hex.parse::<Digest>().is_ok() && ImageFormat::from_extension(extension).is_some();
    named && folder == &hex[..2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_texts_and_images_are_told_from_others() {
        assert!(is_text_name("20261123T085855Z.md") && is_text_name("20261123T085855Z-2.md"));
        for name in ["index.md", "20261123T085855Z-.md", "2026T1Z.md", "20261123T085855.md", "20261123T085855Z.txt"] {
            assert!(!is_text_name(name), "{name}");
        }
        let hex = Digest::of(b"x").hex();
        assert!(is_image_path(&format!("images/{}/{hex}.png", &hex[..2])));
        for path in [format!("images/00/{hex}.png"), format!("images/{}/{hex}.exe", &hex[..2]), "../x".to_owned()] {
            assert!(!is_image_path(&path), "{path}");
        }
    }
}
