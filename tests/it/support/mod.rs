//! What tests are made with: the program in a folder of its own, a server on loopback, other programs to ask, and a way to
//! leave out what cannot be tried here.
#![allow(dead_code, reason = "each test binary and each set of features uses its part")]

pub mod generators;
pub mod growth;
pub mod oracle;
#[cfg(feature = "cli")]
pub mod program;
pub mod server;
pub mod skip;
