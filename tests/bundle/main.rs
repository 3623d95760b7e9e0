//! Bundles: made, checked by bindery and by the programs of others, tampered with, restored.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod bad;
mod bag;
mod foreign;
mod packed;
mod parts;
#[path = "../archive/fixture.rs"]
#[allow(dead_code, reason = "the archive's tests use the rest")]
mod store;
mod tamper;
mod textpack;
mod wacz;
