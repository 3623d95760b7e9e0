//! Writes TextPacks (TextBundle v2 in a ZIP file): an article's newest text, its images, a description with their digests,
//! and a manifest with the same digests for `sha256sum`.

mod describe;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::archive::{Archive, Entry, Snapshot};
use crate::model::{Digest, Timestamp};

use super::manifest::{self, MANIFEST};
use super::pack::{Checksums, Packer};
use super::piece::{Piece, Source};
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, Rules, Tree};
use describe::{INFO, VENDOR};

const TEXT: &str = "text.md";

/// TextBundle v2 in a ZIP file: an article's text with its images. A target that is a folder, or ends in `/`, becomes a
/// folder with a file for each article.
#[derive(Debug, Clone, Copy)]
pub struct TextPack;

impl BundleFormat for TextPack {
    fn name(&self) -> &'static str {
        "textpack"
    }

    fn about(&self) -> &'static str {
        "One article's text with its images in TextBundle v2, for editors"
    }

    fn write(
        &self,
        archive: &Archive,
        target: &Path,
        options: &BundleOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BundleSummary, BundleError> {
        let mut folders = Vec::new();
        options.selection.each(archive, &mut |entry| folders.push(entry.folder))?;
        let mut summary = BundleSummary { articles: 0, files: 0, bytes: 0, written: Vec::new(), skipped: Vec::new() };
        let in_folder = is_folder(target);
        if in_folder {
            fs::create_dir_all(target).map_err(|error| BundleError::io("create the folder", target, error))?;
        } else if folders.len() != 1 {
            return Err(BundleError::SeveralTexts { path: target.to_owned(), count: folders.len() });
        }
        for (at, folder) in folders.iter().enumerate() {
            let entry = &archive.entry(folder)?;
            let slug = entry.folder.rsplit('/').next().unwrap_or_default();
            let path = if in_folder { target.join(format!("{slug}.textpack")) } else { target.to_owned() };
            let Some(newest) = entry.record.newest() else { continue };
            let files = files(archive, entry, newest, options)?;
            let mut ignore = |_| {};
            let date = options.date.unwrap_or(newest.captured);
            let mut packer = Packer::create(&path, date, Checksums::Sha256, &options.stop, &mut ignore)?;
            for (name, piece) in &files {
                packer.add(&format!("{slug}.textbundle/{name}"), piece)?;
                summary.bytes += piece.length;
            }
            packer.finish()?;
            summary.written.push(path);
            summary.articles += 1;
            summary.files += files.len();
            progress(at as u64 + 1, folders.len() as u64);
        }
        Ok(summary)
    }

    fn is_in(&self, folder: &Tree) -> bool {
        let names = folder.names();
        let has_text = names.iter().any(|name| name.starts_with("text."));
        let is_named = folder.path().extension().is_some_and(|extension| extension == "textbundle");
        names.contains(INFO) && has_text || is_named && (has_text || names.contains(INFO))
    }

    fn rules(&self) -> Rules {
        Rules::Listed(describe::describe)
    }
}

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
    own: VendorInfo<'a>,
}

#[derive(Serialize)]
struct VendorInfo<'a> {
    format: u32,
    software: &'a str,
    url: &'a str,
    captured: Timestamp,
    /// The digest of the text in the archive, where its image links differ.
    text_sha256: Digest,
    /// The digests of the files by path in the bundle.
    sha256: &'a BTreeMap<String, Digest>,
    /// The digest of `info.json` with this value empty.
    self_sha256: String,
}

/// Returns whether a target is a folder for a file of each article.
fn is_folder(target: &Path) -> bool {
    target.is_dir() || target.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

fn files(
    archive: &Archive,
    entry: &Entry,
    newest: &Snapshot,
    options: &BundleOptions,
) -> Result<BTreeMap<String, Piece>, BundleError> {
    let path = format!("{}/{}", entry.folder, newest.file);
    let bytes = fs::read(archive.root().join(&path)).map_err(|error| BundleError::damaged(&path, error.to_string()))?;
    let found = Digest::of(&bytes);
    if found != newest.sha256 {
        let cause = format!("its digest is {found}, and its record has {}", newest.sha256);
        return Err(BundleError::damaged(&path, cause));
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
        let digest = digest.ok_or_else(|| BundleError::damaged(image, "its name is not a digest"))?;
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
        own: VendorInfo {
            format: 1,
            software: &options.software,
            url,
            captured: newest.captured,
            text_sha256: newest.sha256,
            sha256: &sha256,
            self_sha256: String::new(),
        },
    };
    let io = |error: serde_json::Error| BundleError::Text { path: path.clone(), cause: error.to_string() };
    info.own.self_sha256 = Digest::of(&json(&info).map_err(io)?).to_string();
    files.insert(INFO.to_owned(), Piece::of_bytes(json(&info).map_err(io)?));
    let lines = manifest::write(files.iter().map(|(path, piece)| (path.as_str(), piece.digest)));
    files.insert(MANIFEST.to_owned(), Piece::of_bytes(lines));
    Ok(files)
}

fn json(info: &Info<'_>) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(info)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Returns the text with its images linked as `assets/<name>`, and with the digest of the changed body in its front matter.
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

/// Replaces every link to an image, with any prefix before its folder and name, by one to the file in `assets/`.
fn relinked(text: &str, images: &[&str]) -> String {
    let names: BTreeMap<&str, &str> = images
        .iter()
        .filter_map(|image| image.strip_prefix("images/"))
        .filter_map(|below| Some((below, below.split_once('/')?.1)))
        .collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // An image is found by its folder and name: `ab/` and 64 digits that begin with the same two.
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

/// Returns where the next `<2 hex>/<64 hex>` begins; None if there is none.
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
    fn image_links_with_any_prefix_become_links_to_assets() {
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
