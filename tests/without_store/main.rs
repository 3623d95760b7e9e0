//! The tests of `tests/it` that differ in a program without the index in SQLite: crawls that cannot be resumed, bundles, and
//! the commands that say what they lack. A program of their own, because all of `tests/it` takes a minute to compile.
#![cfg(not(feature = "store"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../it/bundle_command.rs"]
mod bundle_command;
#[path = "../it/crawl.rs"]
mod crawl;
#[path = "../it/support/mod.rs"]
mod support;
