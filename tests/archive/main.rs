//! The archive's whole cycle: written, visited again, cut off by a kill, damaged, checked.

#![allow(clippy::unwrap_used)]

mod captures;
mod cycle;
mod damage;
mod fixture;
mod kill;
mod refusals;
mod year;
