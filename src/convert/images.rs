//! The images of one article: found in it, beside it or wherever a caller finds them, and stored by their bytes.

use std::path::Path;

use url::Url;

use crate::images::{data_uri, identify, inert};
use crate::import::{IMAGE_CAP, Resources};
use crate::model::{Article, Image, ImageMap, ImageRef};

/// Gets an image that is nowhere in the import: from the web, if the caller has one. `Err` is the reason for the report.
pub type Remote = dyn Fn(&ImageRef, Option<&Url>) -> Result<Image, String> + Send + Sync;

/// An image that is available.
pub(super) struct FoundImage {
    /// The URL that the article calls it by.
    pub url: String,
    /// What is stored.
    pub image: Image,
    /// The bytes of its file; None if they are stored as they are.
    pub original: Option<Vec<u8>>,
}

/// URLs of images that are not available, and why.
pub(super) type MissingImages = Vec<(String, String)>;

/// Returns the images that are available, and why the others are not.
pub(super) fn gather(
    article: &Article,
    around: &dyn Resources,
    remote: Option<&Remote>,
) -> (Vec<FoundImage>, MissingImages) {
    let mut had = Vec::new();
    let mut missing = Vec::new();
    for reference in &article.images {
        // A page in one file may hold the image beside the URL of a larger one.
        let embedded =
            std::iter::once(&reference.url).chain(&reference.alternatives).find(|url| url.starts_with("data:"));
        let embedded = || data_uri(embedded?, usize::try_from(IMAGE_CAP).unwrap_or(usize::MAX)).ok();
        let bytes = around.image(reference).or_else(embedded);
        let local = bytes.map(inert).map(|(bytes, original)| match identify(bytes) {
            Ok(image) => Ok((image, original)),
            Err(error) => Err(error.to_string()),
        });
        let found = match (local, remote) {
            (Some(Ok(found)), _) => Ok(found),
            (_, Some(remote)) if is_web(&reference.url) => {
                remote(reference, article.url.as_ref()).map(|image| (image, None))
            }
            (Some(Err(why)), _) => Err(why),
            (None, _) if is_web(&reference.url) => Err("it is on the web; --fetch-images brings it".to_owned()),
            (None, _) => Err("it is not in the import".to_owned()),
        };
        match found {
            Ok((image, original)) => had.push(FoundImage { url: reference.url.clone(), image, original }),
            Err(why) => missing.push((short(&reference.url), why)),
        }
    }
    (had, missing)
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// A `data:` URL is as long as its image.
fn short(url: &str) -> String {
    url.chars().take(200).collect()
}

/// What the text at `output` links to: the images below `images/` of the output folder, or below the `base` of a site.
pub(super) fn links(had: &[FoundImage], output: &Path, base: Option<&str>) -> ImageMap {
    let up = "../".repeat(output.components().count().saturating_sub(1));
    let target = |image: &Image| match base {
        Some(base) => format!("{base}{}", image.path()),
        None => format!("{up}images/{}", image.path()),
    };
    had.iter().map(|found| (found.url.clone(), target(&found.image))).collect()
}
