//! Verifies an archive: `verify ARCHIVE`. Prints every finding; fails if the archive is damaged.

use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let root = std::env::args().nth(1).unwrap_or_else(|| "archive/golden-1".to_owned());
    let report = bindery::verify::archive(Path::new(&root), 2, &mut |_| {})?;
    for finding in &report.findings {
        println!("{} {}", finding.kind.word(), finding.path);
    }
    Ok(if report.is_damaged() { ExitCode::from(4) } else { ExitCode::SUCCESS })
}
