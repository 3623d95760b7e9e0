//! Exports an archive twice and prints how long each took.
//!
//!     cargo run --release --example export_speed -- bindery-archive /tmp/out

use std::path::PathBuf;
use std::time::Instant;

use bindery::archive::Archive;
use bindery::export::{ExportOptions, Layout, export};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(root), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("give an archive and an output folder".into());
    };
    let archive = Archive::open(&root)?;
    for layout in Layout::ALL {
        let options = ExportOptions::new(layout, output.join(layout.as_str()));
        for run in ["first", "second"] {
            let begun = Instant::now();
            let summary = export(&archive, &options, &mut |_| {})?;
            let seconds = begun.elapsed().as_secs_f64();
            println!("{layout}, {run}: {} new, {} unchanged, {seconds:.1} s", summary.new, summary.unchanged);
        }
    }
    Ok(())
}
