//! The web door: HTTP with limits, retries, redirects on record, robots.txt, one pace a host, and a guard on URLs.
//!
//! Nothing here knows what a page means.

mod address;
mod client;
mod cookies;
mod error;
mod exchange;
mod pace;
mod proxy;
mod redirect;
mod retry;
mod robots;
mod settings;
mod tls;
mod travel;

pub use address::is_global;
pub use client::{CRAWL_DELAY_CAP, Client};
pub use cookies::{Cookie, CookieFileError, cookie_file};
pub use error::{FetchError, Limit};
pub use proxy::{Bypass, Proxies};
pub use robots::{PARSED, PRODUCT, Robots, Rules};
pub use settings::{Event, Events, Settings};
