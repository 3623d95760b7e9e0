//! Bundles: made, checked by bindery and by the programs of others, tampered with, restored.

mod bag;
mod foreign;
mod malformed;
pub mod packed;
mod parts;
mod tamper;
mod textpack;
mod wacz;
