//! The types that cross modules: plain data, without I/O, async or HTML.

mod article;
mod credentials;
mod date;
mod digest;
mod feed_item;
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
#[doc(hidden)]
pub use credentials::without_credentials;
pub use date::PageDate;
pub use digest::Digest;
#[doc(hidden)]
pub use digest::{Hasher, ParseDigestError};
#[doc(hidden)]
pub use feed_item::{FeedItem, GuidTrust, item_fragment, item_url};
pub use image::{Image, ImageFormat, ImageMap, ImageRef, ReferrerPolicy};
pub use loss::{Loss, LossKind};
pub use outcome::{Failure, Finding, FindingKind, Outcome, Stage, Update};
#[doc(hidden)]
pub use page::{Exchange, Hop, Request, refresh};
pub use page::{Headers, Origin, RawPage};
#[doc(hidden)]
pub use slug::{MAX_SLUG_BYTES, safe_name, slug};
#[doc(hidden)]
pub use time::ParseTimestampError;
pub use time::{Clock, Timestamp};
#[doc(hidden)]
pub use url_key::UrlKey;
pub use warning::{Warning, WarningKind};
