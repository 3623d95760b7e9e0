//! Images: a mention on a page, the bytes, the name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;

/// An image's type, told by its bytes. The table is closed; its extensions are part of archive format 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ImageFormat {
    Jpg,
    Png,
    Gif,
    Webp,
    Avif,
    Svg,
    Bmp,
    Ico,
    Tiff,
    Heic,
    Jxl,
    /// An image of a type that is none of the others.
    Bin,
}

impl ImageFormat {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::Jpg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Avif,
        Self::Svg,
        Self::Bmp,
        Self::Ico,
        Self::Tiff,
        Self::Heic,
        Self::Jxl,
        Self::Bin,
    ];

    /// File extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Svg => "svg",
            Self::Bmp => "bmp",
            Self::Ico => "ico",
            Self::Tiff => "tiff",
            Self::Heic => "heic",
            Self::Jxl => "jxl",
            Self::Bin => "bin",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Svg => "image/svg+xml",
            Self::Bmp => "image/bmp",
            Self::Ico => "image/vnd.microsoft.icon",
            Self::Tiff => "image/tiff",
            Self::Heic => "image/heic",
            Self::Jxl => "image/jxl",
            Self::Bin => "application/octet-stream",
        }
    }

    /// The format with this extension (lower case, no dot); None when it is not in the table.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// The bytes of one image, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// SHA-256 of `bytes`.
    pub digest: Digest,
    /// What the bytes are.
    pub format: ImageFormat,
    /// The file itself.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Where the image lives below an `images` folder: `ab/ab…cd.png`.
    pub fn path(&self) -> String {
        let hex = self.digest.hex();
        format!("{}/{hex}.{}", &hex[..2], self.format.extension())
    }
}

/// What a page asks for in its `Referrer-Policy`.
/// <https://www.w3.org/TR/referrer-policy/#referrer-policies>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReferrerPolicy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

/// A mention of an image in an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// The image's URL: absolute where the page's base is known, else as written; a `data:` URI stays whole.
    /// It is the `src` of the article's `img` node and the key into `ImageMap`.
    pub url: String,
    /// The URL exactly as the page wrote it; saved pages find their images on disk by it.
    pub written: String,
    /// Other URLs of the same image, best first, for when `url` cannot be had. Absolute like `url`.
    pub alternatives: Vec<String>,
    /// The Referer policy that holds for this image.
    pub referrer_policy: ReferrerPolicy,
}

/// From an image's URL (`ImageRef::url`) to what the Markdown links to. A URL that is not in it stays as it is.
pub type ImageMap = BTreeMap<String, String>;
