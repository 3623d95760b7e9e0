//! One file a command.

pub mod about;
#[cfg(feature = "net")]
pub mod archive;
pub mod convert;
#[cfg(feature = "net")]
mod inputs;
pub mod list;
pub mod show;
pub mod verify;
