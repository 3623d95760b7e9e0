//! The types that cross modules: plain data, without I/O, async or HTML.

mod article;
mod brief;
mod credentials;
mod date;
mod digest;
mod domain;
mod failure;
mod feed_item;
mod image;
mod loss;
mod outcome;
mod page;
mod slug;
mod time;
mod tracking;
pub mod tree;
mod url_key;
mod warning;

pub use article::{
    Article, Charset, CharsetSource, Difference, DifferenceKind, Document, Metadata, Publication, Sourced, Step,
};
#[doc(hidden)]
pub use brief::{MOST_OF_MESSAGE, brief};
#[doc(hidden)]
pub use credentials::{shown_url, without_credentials};
pub use date::PageDate;
pub use digest::Digest;
#[doc(hidden)]
pub use digest::{Hasher, ParseDigestError};
#[doc(hidden)]
pub use domain::registrable_domain;
pub use failure::{Failure, FailureKind, Stage};
#[doc(hidden)]
pub use feed_item::{FeedItem, GuidTrust, item_fragment, item_url};
pub use image::{Image, ImageFormat, ImageMap, ImageRef, ReferrerPolicy};
pub use loss::{Loss, LossKind};
pub use outcome::{Finding, FindingKind, Outcome, Update};
#[doc(hidden)]
pub use page::{Exchange, Hop, Request, refresh};
pub use page::{Headers, Origin, RawPage};
#[doc(hidden)]
pub use slug::{MAX_SLUG_BYTES, folded_name, safe_name, slug, title_name};
#[doc(hidden)]
pub use time::ParseTimestampError;
pub use time::{Clock, Timestamp};
#[doc(hidden)]
pub use tracking::Tracking;
#[doc(hidden)]
pub use url_key::UrlKey;
pub use warning::{Warning, WarningKind};
