//! TextPack: TextBundle v2, packed. An article's newest text, its images beside it, and a description with the digests of
//! both, and the same as a manifest that sha256sum reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::archive::{Archive, Entry, Snapshot};
use crate::model::{Digest, Timestamp};

use super::lines;
use super::pack::Packer;
use super::plan::{MANIFEST, Piece, Source};
use super::{BundleError, Made, Making, Seal};

const VENDOR: &str = "org.bindery";
const TEXT: &str = "text.md";

/// `info.json`; fields in the order in which they are written.
#[derive(Serialize)]
struct Info<'a> {
    version: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    transient: bool,
    #[serde(rename = "creatorIdentifier")]
    creator: &'static str,
    #[serde(rename = "sourceURL", skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(rename = "org.bindery")]
    own: Own<'a>,
}

#[derive(Serialize)]
struct Own<'a> {
    format: u32,
    software: &'a str,
    url: &'a str,
    captured: Timestamp,
    /// Digest of the text as the archive has it, its images linked there.
    text_sha256: Digest,
    /// Path in the bundle → digest.
    sha256: &'a BTreeMap<String, Digest>,
    /// Digest of this file with this value empty.
    self_sha256: String,
}

/// Packs the newest text of each selected article: of one article as the file `target`, or each as a file in the folder
/// `target`.
pub(super) fn write(
    archive: &Archive,
    target: &Path,
    as_folder: bool,
    making: &Making,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Made, BundleError> {
    let mut folders = Vec::new();
    making.selection.each(archive, &mut |entry| folders.push(entry.folder))?;
    let mut made = Made { articles: 0, files: 0, bytes: 0, seals: Vec::new(), skipped: Vec::new() };
    if !as_folder && folders.len() != 1 {
        return Err(BundleError::SeveralTexts { path: target.to_owned(), count: folders.len() });
    }
    if as_folder {
        fs::create_dir_all(target).map_err(|error| BundleError::io("create the folder", target, error))?;
    }
    for (at, folder) in folders.iter().enumerate() {
        let entry = &archive.entry(folder)?;
        let slug = entry.folder.rsplit('/').next().unwrap_or_default();
        let path = if as_folder { target.join(format!("{slug}.textpack")) } else { target.to_owned() };
        let Some(newest) = entry.record.newest() else { continue };
        let files = files(archive, entry, newest, making)?;
        if let Some(Source::Bytes(bytes)) = files.get(MANIFEST).map(|piece| &piece.source) {
            made.seals.push(Seal { path: path.clone(), bytes: bytes.clone() });
        }
        let mut ignore = |_| {};
        let mut packer =
            Packer::create(&path, making.date.unwrap_or(newest.captured), false, &making.stop, &mut ignore)?;
        for (name, piece) in &files {
            packer.add(&format!("{slug}.textbundle/{name}"), piece)?;
            made.bytes += piece.length;
        }
        packer.finish()?;
        made.articles += 1;
        made.files += files.len();
        progress(at as u64 + 1, folders.len() as u64);
    }
    Ok(made)
}

fn files(
    archive: &Archive,
    entry: &Entry,
    newest: &Snapshot,
    making: &Making,
) -> Result<BTreeMap<String, Piece>, BundleError> {
    let path = format!("{}/{}", entry.folder, newest.file);
    let bytes = fs::read(archive.root().join(&path)).map_err(|error| BundleError::damaged(&path, error.to_string()))?;
    let found = Digest::of(&bytes);
    if found != newest.sha256 {
        return Err(BundleError::damaged(&path, format!("its record has {}, and it is {found}", newest.sha256)));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| BundleError::Text { path: path.clone(), cause: "it is not UTF-8".to_owned() })?;
    let images: Vec<&str> = newest.images.iter().filter_map(|image| image.path.as_deref()).collect();
    let text = with_assets(&text, newest, &images);
    let mut files = BTreeMap::from([(TEXT.to_owned(), Piece::of_bytes(text.into_bytes()))]);
    for image in images {
        let name = image.rsplit('/').next().unwrap_or_default();
        let digest = name.split('.').next().and_then(|hex| hex.parse().ok());
        let file = archive.root().join(image);
        let length = file.metadata().map_err(|error| BundleError::damaged(image, error.to_string()))?.len();
        let digest = digest.ok_or_else(|| BundleError::damaged(image, "it is not named by its bytes"))?;
        files.insert(format!("assets/{name}"), Piece { source: Source::File(file), length, digest });
    }
    let sha256: BTreeMap<String, Digest> = files.iter().map(|(path, piece)| (path.clone(), piece.digest)).collect();
    let url = &entry.record.url;
    let mut info = Info {
        version: 2,
        kind: "net.daringfireball.markdown",
        transient: false,
        creator: VENDOR,
        source: Some(url.as_str()).filter(|url| url.starts_with("http")),
        own: Own {
            format: 1,
            software: &making.software,
            url,
            captured: newest.captured,
            text_sha256: newest.sha256,
            sha256: &sha256,
            self_sha256: String::new(),
        },
    };
    let io = |error: serde_json::Error| BundleError::Text { path: path.clone(), cause: error.to_string() };
    info.own.self_sha256 = Digest::of(&json(&info).map_err(io)?).to_string();
    files.insert("info.json".to_owned(), Piece::of_bytes(json(&info).map_err(io)?));
    let lines = lines::write(files.iter().map(|(path, piece)| (path.as_str(), piece.digest)));
    files.insert(MANIFEST.to_owned(), Piece::of_bytes(lines));
    Ok(files)
}

fn json(info: &Info<'_>) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(info)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The text with its saved images linked as `assets/<name>`, and the digest of the body that front matter has made that of
/// the body it now stands before.
fn with_assets(text: &str, newest: &Snapshot, images: &[&str]) -> String {
    let start = usize::try_from(newest.front_matter_bytes).unwrap_or_default();
    let (head, body) = match (text.get(..start), text.get(start..)) {
        (Some(head), Some(body)) => (head, body),
        _ => ("", text),
    };
    let body = relinked(body, images);
    let digest = Digest::of(body.as_bytes()).hex();
    relinked(head, images).replace(&newest.body_sha256.hex(), &digest) + &body
}

/// Every link to an image, whatever comes before its folder and name, becomes one to the file in `assets/`.
fn relinked(text: &str, images: &[&str]) -> String {
    let names: BTreeMap<&str, &str> = images
        .iter()
        .filter_map(|image| image.strip_prefix("images/"))
        .filter_map(|below| Some((below, below.split_once('/')?.1)))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // `ab/` and 64 digits that begin with the same two: where a link's own part begins.
    while let Some(at) = next_name(rest) {
        let end = rest[at..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '.')))
            .map_or(rest.len(), |length| at + length);
        let end = rest[at..end].find('.').map_or(end, |dot| {
            let extension = rest[at + dot + 1..end].chars().take_while(char::is_ascii_alphanumeric).count();
            at + dot + 1 + extension
        });
        match names.get(&rest[at..end]) {
            Some(name) => {
                let begin = rest[..at]
                    .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '<' | '"' | '\'' | '['))
                    .map_or(0, |before| before + rest[before..].chars().next().map_or(1, char::len_utf8));
                out.push_str(&rest[..begin]);
                out.push_str("assets/");
                out.push_str(name);
            }
            None => out.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    out + rest
}

/// Where the next `<2 hex>/<64 hex>` begins.
fn next_name(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'/', bytes).filter_map(|slash| slash.checked_sub(2)).find(|at| {
        let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digest = bytes.get(at + 3..at + 67);
        digest.is_some_and(|digest| digest.iter().all(hex) && digest[..2] == bytes[*at..at + 2])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_assets_whatever_came_before_them() {
        let hex = Digest::of(b"x").hex();
        let below = format!("{}/{hex}.png", &hex[..2]);
        let image = format!("images/{below}");
        let text = format!(
            "image: /images/{below}\n![图](../../../../images/{below} \"标题\")<img src=\"https://a/{below}\">![](<../{below}>) {below}x/"
        );
        let expected = format!(
            "image: assets/{hex}.png\n![图](assets/{hex}.png \"标题\")<img src=\"assets/{hex}.png\">![](<assets/{hex}.png>) {below}x/"
        );
        assert_eq!(relinked(&text, &[&image]), expected);
        assert_eq!(relinked(&text, &[]), text);
    }
}
