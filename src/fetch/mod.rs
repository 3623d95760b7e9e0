//! The HTTP client: limits, retries, recorded redirects, robots.txt, a delay per host, and a guard on private addresses.
//!
//! This module does not interpret pages.

mod address;
mod chain;
mod client;
mod closed;
mod cookies;
mod error;
mod exchange;
mod fetcher;
mod pace;
mod proxy;
mod redirect;
mod retry;
mod robots;
mod settings;
mod shared;
mod tls;

pub use address::is_global;
pub use client::{CRAWL_DELAY_CAP, Client};
pub use cookies::{Cookie, CookieFileError, cookie_file};
pub use error::{FetchError, Limit};
pub use fetcher::{Fetcher, Pending};
pub use proxy::{Bypass, Proxies};
pub use robots::{PARSED, PRODUCT, Robots, Rules};
pub use settings::{Event, Events, Settings, Spacing};
