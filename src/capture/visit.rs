//! What the archive is told of one visit.

use crate::archive::{Urls, Visit, VisitImage};
use crate::model::{Article, Digest, Document, Origin, RawPage, Sourced, Timestamp, UrlKey};

use super::Settings;

/// What was made of the page on the way here.
pub struct Made {
    pub key: UrlKey,
    pub text_digest: Digest,
    pub document: Document,
    pub taken: Timestamp,
    pub images: Vec<VisitImage>,
}

/// Puts the visit together.
pub fn describe(raw: &RawPage, article: Article, settings: &Settings, made: Made) -> Visit {
    let metadata = article.metadata;
    let value = |field: Option<Sourced<String>>| field.map(|found| found.value);
    let header = |name: &str| raw.headers.get(name).map(str::to_owned);
    Visit {
        key: made.key,
        urls: Urls {
            requested: raw.requested.clone(),
            answered: raw.url.clone(),
            canonical: metadata.canonical.map(|found| found.value),
        },
        // Whoever asks for an address that redirects here means this page.
        aliases: raw.requested.iter().chain(raw.redirects.iter().map(|hop| &hop.url)).cloned().collect(),
        title: value(metadata.title).unwrap_or_default(),
        authors: metadata.authors.map(|found| found.value).unwrap_or_default(),
        site: value(metadata.site),
        published: metadata.published.map(|found| found.value),
        captured: made.taken,
        document: made.document,
        text_digest: made.text_digest,
        images: made.images,
        doubts: article.doubts,
        charset: article.charset,
        profile: settings.profile.name.to_string(),
        etag: header("etag"),
        last_modified: header("last-modified"),
        status: raw.status,
        redirects: raw.redirects.iter().map(|hop| (hop.url.clone(), hop.status)).collect(),
        payload_digest: Digest::of(&raw.body),
        origin: origin_word(&raw.origin).to_owned(),
        software: settings.software.clone(),
    }
}

fn origin_word(origin: &Origin) -> &'static str {
    match origin {
        Origin::Network => "network",
        Origin::File(_) => "file",
        Origin::Import(_) => "import",
        Origin::Replay => "replay",
    }
}
