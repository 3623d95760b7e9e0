//! The archive's whole cycle: written, visited again, cut off by a kill, damaged, checked.

mod captures;
mod cycle;
mod damage;
pub mod fixture;
mod interrupted;
mod refusals;
mod year;
