//! `bindery restore`.

use std::path::PathBuf;

use clap::Args;

/// Make an archive of a bag
///
/// The bag is checked before anything is written. The archive's folder (-a) must not exist or be
/// empty; it is byte for byte what was packed.
#[derive(Debug, Args)]
pub struct Restore {
    /// The bag, packed or as a folder
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
}
