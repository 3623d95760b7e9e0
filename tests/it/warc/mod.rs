//! WARC files: what is written, what is read back, and which kinds of damage are distinguished.

mod damage;
pub mod fixture;
mod foreign;
mod oracle;
mod round_trip;
