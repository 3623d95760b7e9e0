//! What the archive is told of one visit.

use crate::archive::{Answer, AnswerSource, COMMENTS, FRAGMENT, TOLD, Urls, Visit, VisitImage};
use crate::frontmatter::ProfileName;
use crate::model::{Article, Digest, Document, Hop, Origin, RawPage, Sourced, Timestamp, UrlKey};

use super::Settings;

/// What was made of the page on the way here.
pub struct Made {
    pub key: UrlKey,
    pub text_digest: Digest,
    pub document: Document,
    pub profile: ProfileName,
    pub taken: Timestamp,
    pub images: Vec<VisitImage>,
    /// Further pages of the article.
    pub parts: Vec<RawPage>,
}

/// Puts the visit together.
pub fn describe(raw: RawPage, article: Article, settings: &Settings, made: Made) -> Visit {
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
        // Whoever asks for a URL that redirects here means this page.
        aliases: raw.requested.iter().chain(raw.redirects.iter().map(|hop| &hop.url)).cloned().collect(),
        title: value(metadata.title).unwrap_or_default(),
        authors: metadata.authors.map(|found| found.value).unwrap_or_default(),
        site: value(metadata.site),
        published: metadata.published.map(|found| found.value),
        licence: value(metadata.licence),
        captured: made.taken,
        document: made.document,
        text_digest: made.text_digest,
        images: made.images,
        confidence: Some(article.confidence),
        warnings: article.warnings,
        losses: article.losses,
        charset: article.charset,
        profile: made.profile.to_string(),
        etag: header("etag"),
        last_modified: header("last-modified"),
        status: raw.status,
        redirects: raw.redirects.iter().map(|hop| (hop.url.clone(), hop.status)).collect(),
        payload_digest: Digest::of(&raw.body),
        origin: origin_word(&raw.origin).to_owned(),
        software: settings.software.clone(),
        options: match (&raw.origin, settings.comments) {
            // A feed's own text.
            (Origin::Import(_), _) => vec![FRAGMENT.to_owned(), TOLD.to_owned()],
            (_, true) => vec![COMMENTS.to_owned()],
            (_, false) => Vec::new(),
        },
        parts: made.parts.into_iter().map(|page| answers(page, made.taken)).collect(),
        answers: answers(raw, made.taken),
    }
}

/// What was sent: the redirects, then the page; `taken` is when a page without a time was received.
pub fn answers(raw: RawPage, taken: Timestamp) -> Vec<Answer> {
    let received = raw.captured.unwrap_or(taken);
    let source = match (raw.exchange, raw.url) {
        (Some(exchange), Some(url)) => AnswerSource::Http { url, status: raw.status, headers: raw.headers, exchange },
        (_, url) => AnswerSource::File {
            uri: url.map_or_else(|| format!("urn:sha256:{}", Digest::of(&raw.body)), String::from),
            media_type: "text/html".to_owned(),
        },
    };
    let page = Answer { received, body: Some(raw.body), source };
    raw.redirects.into_iter().map(hop).chain([page]).collect()
}

/// What was sent for an image: the redirects, then the image. Its bytes are those of its stored file, unless a content
/// coding was on them.
pub fn image_answers(raw: RawPage, is_coded: bool, taken: Timestamp) -> Vec<Answer> {
    let mut answers = answers(raw, taken);
    if let Some(last) = answers.last_mut().filter(|_| !is_coded) {
        last.body = None;
    }
    answers
}

fn hop(hop: Hop) -> Answer {
    let Hop { url, status, headers, body, captured, exchange } = hop;
    Answer { received: captured, body: Some(body), source: AnswerSource::Http { url, status, headers, exchange } }
}

fn origin_word(origin: &Origin) -> &'static str {
    match origin {
        Origin::Network => "network",
        Origin::File(_) => "file",
        Origin::Import(_) => "import",
        Origin::Replay => "replay",
    }
}
