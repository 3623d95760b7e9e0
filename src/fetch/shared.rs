//! What all handles of a client share, and what it knows about origins.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::OnceCell;
use url::Url;

use super::address::Guard;
use super::closed::{ClosedOrigins, origin};
use super::cookies::Jar;
use super::pace::Pace;
use super::{Events, Rules, Settings};
use crate::model::{Clock, Timestamp};

/// The robots.txt of one origin, or why it could not be read.
pub(super) type RobotsOnce = OnceCell<Result<Rules, String>>;

/// What all handles of a client share.
pub(super) struct Inner {
    pub(super) http: reqwest::Client,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    pub(super) events: Events,
    pub(super) pace: Pace,
    pub(super) closed: ClosedOrigins,
    pub(super) jar: Jar,
    pub(super) guard: Guard,
    /// Origins that the user named, with the value of `Authorization` if the URL contained a user name or password.
    pub(super) named: RwLock<BTreeMap<String, Option<String>>>,
    /// By origin, with the time of the request.
    pub(super) robots: Mutex<HashMap<String, (Timestamp, Arc<RobotsOnce>)>>,
}

impl Inner {
    /// Returns whether the user named the origin.
    pub(super) fn is_named(&self, url: &Url) -> bool {
        self.named.read().contains_key(&origin(url))
    }

    /// Returns the value of `Authorization` for the origin; None if the user gave none.
    pub(super) fn authorization(&self, url: &Url) -> Option<String> {
        self.named.read().get(&origin(url)).cloned().flatten()
    }
}
