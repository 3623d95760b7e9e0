//! The images of one article: from the page itself, the files around it, or a caller's own source.

use std::path::Path;

use url::Url;

use crate::images::{data_uri, identify, inert};
use crate::import::{IMAGE_CAP, Resources};
use crate::model::{Article, Failure, Image, ImageMap, ImageRef};

/// Fetches an image that the import does not contain; the second argument is the page's URL. `Err` is the reason for
/// the report.
pub type Remote = dyn Fn(&ImageRef, Option<&Url>) -> Result<Image, String> + Send + Sync;

/// Rewrites the links of an extracted article and returns its local images, before it is written.
pub(super) type Localise<'a> = &'a mut dyn FnMut(&mut Article) -> Result<ImageMap, Failure>;

/// An image that is available.
pub(super) struct AvailableImage {
    /// Its URL in the article.
    pub url: String,
    /// The image that is stored.
    pub image: Image,
    /// The file's own bytes, if the stored ones differ.
    pub original: Option<Vec<u8>>,
}

/// The URLs of images that are not available, each with the reason.
pub(super) type MissingImages = Vec<(String, String)>;

/// Returns the images that are available, and the others with the reasons.
pub(super) fn gather(
    article: &Article,
    resources: &dyn Resources,
    remote: Option<&Remote>,
) -> (Vec<AvailableImage>, MissingImages) {
    let mut available = Vec::new();
    let mut missing = Vec::new();
    for reference in &article.images {
        // A page in a single file may embed the image and link to a larger one.
        let embedded =
            std::iter::once(&reference.url).chain(&reference.alternatives).find(|url| url.starts_with("data:"));
        let embedded = || data_uri(embedded?, usize::try_from(IMAGE_CAP).unwrap_or(usize::MAX)).ok();
        let bytes = resources.image(reference).or_else(embedded);
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
            (None, _) if is_web(&reference.url) => Err("it is on the web; add --fetch-images to fetch it".to_owned()),
            (None, _) => Err("it is not in the import".to_owned()),
        };
        match found {
            Ok((image, original)) => available.push(AvailableImage { url: reference.url.clone(), image, original }),
            Err(why) => missing.push((short(&reference.url), why)),
        }
    }
    (available, missing)
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// Shortens a URL for the report: a `data:` URL is as long as its image.
fn short(url: &str) -> String {
    url.chars().take(200).collect()
}

/// Returns the link targets of images in the text at `output`: files below `images/` of the output folder, or URLs
/// below `base`.
pub(super) fn links(available: &[AvailableImage], output: &Path, base: Option<&str>) -> ImageMap {
    let up = "../".repeat(output.components().count().saturating_sub(1));
    let target = |image: &Image| match base {
        Some(base) => format!("{base}{}", image.path()),
        None => format!("{up}images/{}", image.path()),
    };
    available.iter().map(|found| (found.url.clone(), target(&found.image))).collect()
}
