//! The integration tests, in one program: each of them would link the library, SQLite and a TLS stack for itself.
//!
//! A module that needs features says so at its top. Programs of their own are `tests/faults` (replaces functions of the
//! system below the program), `tests/memory` (measures what its own process takes), `tests/quality` (takes minutes, and has
//! floors that only rise) and `tests/without_store` (a few of these in a program with fewer features). `forgotten` finds a
//! file here that no `mod` names.
//!
//! `cargo test --test it crawl::` runs the tests of one module.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod acceptance;
mod architecture;
mod archive;
mod archive_killed;
mod bad_exports;
mod bulk;
mod bundle;
mod bundle_command;
mod capture;
mod cli;
mod command_line;
mod continuation_pages;
mod corpus;
mod crawl;
mod crawl_killed;
mod crawl_of_broken_sites;
mod cycles;
mod documents;
mod error_messages;
mod export;
mod exports;
mod extract;
mod feed_files;
mod feed_items;
mod fetch;
mod forgotten;
mod fuzz;
mod golden;
mod history;
mod hostile;
mod imports;
mod inert;
mod markdown;
mod markdown_flags;
mod markdown_posts;
mod merge;
mod news;
mod note_exports;
mod one_article;
mod posts;
mod profiles;
mod properties;
mod reading;
mod remote_images;
mod repair;
mod replay;
mod search;
mod secrets;
mod shards;
mod site;
mod sites;
mod snapshot;
mod stream;
mod supply;
mod support;
mod svg;
mod traps;
mod warc;
mod web_archives;
mod words;
mod year;
