//! Images: the reference on a page, the bytes, and the file name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Digest;

/// An image's type, detected from its bytes. The set is closed; the extensions are part of archive format 1.
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
    /// Any other type.
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

    /// Returns the file extension, without the dot.
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

    /// Returns the media type.
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

    /// Returns the format with this extension (lower case, no dot); `None` if no format has it.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// The bytes of one image, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// SHA-256 of `bytes`.
    pub digest: Digest,
    /// The type of `bytes`.
    pub format: ImageFormat,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Returns the path of the image below an `images` folder: `ab/ab…cd.png`.
    pub fn path(&self) -> String {
        let hex = self.digest.hex();
        format!("{}/{hex}.{}", &hex[..2], self.format.extension())
    }
}

/// The policy that a page states in `Referrer-Policy`.
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

/// A reference to an image in an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// The image's URL: absolute if the page's base is known, otherwise as written. A `data:` URI is not shortened.
    /// It is the `src` of the article's `img` node and the key into `ImageMap`.
    pub url: String,
    /// The URL exactly as written on the page; it locates the image files of a saved page.
    pub written: String,
    /// Other URLs of the same image, best first, to try if `url` cannot be fetched. Absolute like `url`.
    pub alternatives: Vec<String>,
    /// The Referer policy that applies to this image.
    pub referrer_policy: ReferrerPolicy,
}

/// Maps an image's URL (`ImageRef::url`) to the target of its link in the Markdown. A URL that is not in the map is
/// linked unchanged.
pub type ImageMap = BTreeMap<String, String>;
