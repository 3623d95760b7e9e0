//! Builds the golden archive anew in an empty folder: `cargo run --example golden -- DIR`.
//!
//! `archive/golden-1` is frozen and is not to be replaced; this is for making `golden-2` one day.

use std::path::PathBuf;
use std::process::ExitCode;

#[path = "../tests/it/golden/build.rs"]
mod build;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("name the folder to build the golden archive in");
        return ExitCode::from(2);
    };
    match build::build(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
