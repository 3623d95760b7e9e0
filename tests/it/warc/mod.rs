//! WARC files: what is written, what is read back, and what damage is told apart.

mod damage;
pub mod fixture;
mod foreign;
mod oracle;
mod round_trip;
