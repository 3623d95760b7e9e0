//! Writes TextPacks (TextBundle v2 in a ZIP file): an article's newest text, its images, a description with their digests,
//! and a manifest with the same digests for `sha256sum`.

mod describe;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::archive::Archive;
use crate::model::{Digest, Timestamp};

use super::manifest::{self, MANIFEST};
use super::pack::{Checksums, Packer};
use super::piece::Piece;
use super::stored::{StoredText, next_name};
use super::{BundleError, BundleFormat, BundleOptions, BundleSummary, Rules, Tree, single};
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
        single::each(archive, (target, "textpack"), options, progress, &mut |stored, path, summary| {
            let files = files(archive, stored, options)?;
            let mut ignore = |_| {};
            let date = options.date.unwrap_or(stored.newest.captured);
            let mut packer = Packer::create(path, date, Checksums::Sha256, &options.stop, &mut ignore)?;
            for (name, piece) in &files {
                packer.add(&format!("{}.textbundle/{name}", stored.slug()), piece)?;
                summary.bytes += piece.length;
            }
            summary.files += files.len();
            packer.finish()
        })
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

fn files(
    archive: &Archive,
    stored: &StoredText<'_>,
    options: &BundleOptions,
) -> Result<BTreeMap<String, Piece>, BundleError> {
    let (entry, newest) = (stored.entry, stored.newest);
    let mut files = BTreeMap::from([(TEXT.to_owned(), Piece::of_bytes(with_assets(stored).into_bytes()))]);
    for image in stored.images.values() {
        files.insert(format!("assets/{}", image.name()), image.piece(archive)?);
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
    let io = |error: serde_json::Error| BundleError::Text { path: entry.folder.clone(), cause: error.to_string() };
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
fn with_assets(stored: &StoredText<'_>) -> String {
    let images: Vec<&str> = stored.images.values().map(|image| image.path.as_str()).collect();
    let (head, body) = stored.parts();
    let body = relinked(body, &images);
    let digest = Digest::of(body.as_bytes()).hex();
    relinked(head, &images).replace(&stored.newest.body_sha256.hex(), &digest) + &body
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
