//! WARC files: what is written, what is read back, and what damage is told apart.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod damage;
mod fixture;
mod foreign;
mod oracle;
#[path = "../oracle/mod.rs"]
mod peers;
mod round_trip;
