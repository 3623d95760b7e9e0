//! What lies below the program fails: disks that are full, read-only or broken, indexes that are locked or damaged, clocks that go
//! back, names that change their URLs, files that
//! cannot be opened any more, and a kill at every change that reaches the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(all(feature = "cli", feature = "net", feature = "store", target_os = "linux"))]

mod clock;
mod disk;
mod index;
mod names;
mod site;
mod stops;
#[path = "../it/support/mod.rs"]
mod support;
