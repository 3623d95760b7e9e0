//! Identifies images by their bytes alone, since servers and extensions are often wrong.

use crate::model::{Digest, Image, ImageFormat};

/// Why bytes are not kept as an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// There are no bytes.
    #[error("the image is empty")]
    Empty,
    /// The bytes are something else.
    #[error("not an image but {what}")]
    NotAnImage {
        /// What it is, as part of a sentence: `an HTML page`, `a PDF file`, `unknown data`.
        what: &'static str,
    },
    /// A tracking pixel or a spacer.
    #[error("only {width}×{height} pixels: a tracking pixel or spacer")]
    TooSmall {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A `data:` URL that cannot be decoded.
    #[error("invalid data: URL `{start}…`")]
    BrokenData {
        /// Its first 40 characters.
        start: String,
    },
    /// There are more bytes than allowed.
    #[error("larger than the limit of {cap} bytes")]
    TooLarge {
        /// The limit in bytes.
        cap: usize,
    },
}

/// Identifies an image by its bytes.
///
/// # Errors
/// Bytes that are not an image, or an image of at most 2×2 pixels.
pub fn identify(bytes: Vec<u8>) -> Result<Image, ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    let Some(format) = sniff(&bytes) else { return Err(ImageError::NotAnImage { what: other(&bytes) }) };
    if let Some((width, height)) = dimensions(&bytes).filter(|&(width, height)| width <= 2 && height <= 2) {
        return Err(ImageError::TooSmall { width, height });
    }
    Ok(Image { digest: Digest::of(&bytes), format, bytes })
}

/// Returns the format of an image; None for bytes that are not an image.
pub fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    if is_svg(bytes) {
        return Some(ImageFormat::Svg);
    }
    let kind = infer::get(bytes)?;
    if kind.matcher_type() != infer::MatcherType::Image {
        return None;
    }
    Some(match kind.mime_type() {
        "image/jpeg" => ImageFormat::Jpg,
        "image/png" => ImageFormat::Png,
        "image/gif" => ImageFormat::Gif,
        "image/webp" => ImageFormat::Webp,
        "image/avif" => ImageFormat::Avif,
        "image/bmp" => ImageFormat::Bmp,
        "image/vnd.microsoft.icon" => ImageFormat::Ico,
        "image/tiff" => ImageFormat::Tiff,
        "image/heif" | "image/heic" => ImageFormat::Heic,
        "image/jxl" => ImageFormat::Jxl,
        _ => ImageFormat::Bin,
    })
}

/// Describes bytes that are not an image, as part of a sentence.
fn other(bytes: &[u8]) -> &'static str {
    let start: Vec<u8> = bytes.iter().take(512).map(u8::to_ascii_lowercase).collect();
    let contains = |word: &str| start.windows(word.len()).any(|window| window == word.as_bytes());
    if contains("<html") || contains("<!doctype html") || contains("<head") || contains("<body") {
        return "an HTML page";
    }
    match infer::get(bytes).map(|kind| kind.matcher_type()) {
        Some(infer::MatcherType::Video) => "a video",
        Some(infer::MatcherType::Audio) => "an audio file",
        Some(_) if bytes.starts_with(b"%PDF") => "a PDF file",
        _ if std::str::from_utf8(&bytes[..bytes.len().min(256)]).is_ok() => "text",
        _ => "unknown data",
    }
}

/// Returns true when the first element is `<svg`, after white space, an XML declaration, comments and a doctype.
fn is_svg(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    rest = &rest[..rest.len().min(8192)];
    let after =
        |rest: &[u8], end: &[u8]| rest.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    loop {
        rest = rest.trim_ascii_start();
        let skip = if rest.starts_with(b"<?") {
            after(rest, b"?>")
        } else if rest.starts_with(b"<!--") {
            after(rest, b"-->")
        } else if rest.len() > 9 && rest[..9].eq_ignore_ascii_case(b"<!doctype") {
            // The internal subset of a doctype ends in `]>`.
            let plain = after(rest, b">");
            match (rest.iter().position(|&b| b == b'['), plain) {
                (Some(open), Some(close)) if open < close => after(rest, b"]>"),
                _ => plain,
            }
        } else {
            return rest.starts_with(b"<svg") && rest.get(4).is_some_and(|b| b.is_ascii_whitespace() || *b == b'>');
        };
        match skip {
            Some(skip) => rest = &rest[skip..],
            None => return false,
        }
    }
}

/// Returns the width and height in pixels of a PNG, GIF, JPEG, WebP or BMP; None for other formats and damaged files.
pub fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let be16 = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let le16 = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let be32 = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let le32 = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match sniff(bytes)? {
        ImageFormat::Png => Some((be32(16)?, be32(20)?)),
        ImageFormat::Gif => Some((le16(6)?, le16(8)?)),
        ImageFormat::Bmp => Some((le32(18)?, le32(22)?)),
        ImageFormat::Jpg => {
            let mut at = 2;
            // Each segment is FF, marker, length; the frame header holds height and width.
            loop {
                let marker = *bytes.get(at + 1)?;
                match marker {
                    0xff => at += 1,
                    0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                        return Some((be16(at + 7)?, be16(at + 5)?));
                    }
                    _ if bytes.get(at) != Some(&0xff) => return None,
                    _ => at += 2 + be16(at + 2)? as usize,
                }
            }
        }
        ImageFormat::Webp => match bytes.get(12..16)? {
            b"VP8 " => Some((le16(26)? & 0x3fff, le16(28)? & 0x3fff)),
            b"VP8L" => {
                let bits = le32(21)?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            b"VP8X" => Some(((le32(24)? & 0xff_ffff) + 1, (le32(27)? & 0xff_ffff) + 1)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gif(width: u8, height: u8) -> Vec<u8> {
        [b"GIF89a".as_slice(), &[width, 0, height, 0, 0, 0, 0]].concat()
    }

    #[test]
    fn the_format_is_recognised_by_the_bytes() {
        for (bytes, format) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], ImageFormat::Jpg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\0\x06", ImageFormat::Png),
            (b"RIFF\x10\0\0\0WEBPVP8 ", ImageFormat::Webp),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", ImageFormat::Avif),
            (
                b"\xef\xbb\xbf <?xml version='1.0'?><!-- x --><!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg xmlns=''>",
                ImageFormat::Svg,
            ),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", ImageFormat::Bmp),
            (b"\0\0\x01\0\x01\0\x10\x10", ImageFormat::Ico),
            (b"II*\0\x08\0\0\0\x01\0\0\x01", ImageFormat::Tiff),
        ] {
            assert_eq!(sniff(bytes), Some(format), "{format:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_an_image_are_described() {
        let what = |bytes: &[u8]| identify(bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(what(b"\n<!DOCTYPE html><title>403"), "not an image but an HTML page");
        assert_eq!(what(b"%PDF-1.7 ..."), "not an image but a PDF file");
        assert_eq!(what("禁止盗链".as_bytes()), "not an image but text");
        assert_eq!(what(b""), "the image is empty");
        assert_eq!(what(b"<html><svg >"), "not an image but an HTML page");
    }

    #[test]
    fn tracking_pixels_are_recognised_by_their_size() {
        assert_eq!(identify(gif(1, 1)), Err(ImageError::TooSmall { width: 1, height: 1 }));
        assert!(identify(gif(1, 40)).is_ok());
        assert_eq!(dimensions(&gif(30, 40)), Some((30, 40)));
    }

    #[test]
    fn the_frame_header_of_a_jpeg_is_found_after_other_segments() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc0\0\x11\x08\0\x07\0\x09\x03";
        assert_eq!(dimensions(jpeg), Some((9, 7)));
        assert_eq!(dimensions(&jpeg[..12]), None);
    }

    #[test]
    fn the_path_of_an_image_consists_of_its_digest() {
        let image = identify(gif(30, 40)).unwrap();
        let hex = Digest::of(&gif(30, 40)).hex();
        assert_eq!(image.path(), format!("{}/{hex}.gif", &hex[..2]));
    }
}
