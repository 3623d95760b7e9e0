//! The archive's whole cycle: written, visited again, cut off by a kill, damaged, checked.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod captures;
mod cycle;
mod damage;
mod fixture;
mod kill;
mod refusals;
mod year;
