//! The types that cross modules: plain data, without I/O, async or HTML.

mod article;
mod credentials;
mod date;
mod digest;
mod image;
mod loss;
mod outcome;
mod page;
mod slug;
mod time;
pub mod tree;
mod url_key;
mod warning;

pub use article::{
    Article, Charset, CharsetSource, Difference, DifferenceKind, Document, Metadata, Sourced, Step, Trace,
};
pub use credentials::without_credentials;
pub use date::PageDate;
pub use digest::{Digest, Hasher, ParseDigestError};
pub use image::{Image, ImageFormat, ImageMap, ImageRef, ReferrerPolicy};
pub use loss::{Loss, LossKind};
pub use outcome::{Failure, Finding, FindingKind, Outcome, Stage, Update};
pub use page::{Exchange, Headers, Hop, Origin, RawPage, Request, refresh};
pub use slug::{MAX_SLUG_BYTES, safe_name, slug};
pub use time::{Clock, ParseTimestampError, Timestamp};
pub use url_key::UrlKey;
pub use warning::{Warning, WarningKind};
