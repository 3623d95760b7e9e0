//! Reads every book of some folders with rbook: metadata, reading order, table of contents, and each file.
//!
//! Prints a line for each book that lacks something, and last how many were read. Fails if one lacks something.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use rbook::Epub;

fn main() -> ExitCode {
    let (mut books, mut faults) = (0, 0);
    for folder in std::env::args_os().skip(1) {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut paths: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|extension| extension == "epub")).collect();
        paths.sort();
        for path in paths {
            books += 1;
            if let Err(fault) = read(&path) {
                println!("{}: {fault}", path.display());
                faults += 1;
            }
        }
    }
    println!("rbook: {books} books, {faults} with faults");
    if books > 0 && faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(path: &Path) -> Result<(), Box<dyn Error>> {
    let epub = Epub::options().strict(true).open(path)?;
    let metadata = epub.metadata();
    let title = metadata.title().map(|title| title.value().to_owned()).unwrap_or_default();
    if title.trim().is_empty() {
        return Err("no title".into());
    }
    if metadata.languages().next().is_none() {
        return Err("no language".into());
    }
    let mut files = 0;
    for entry in epub.manifest().iter() {
        if entry.read_bytes()?.is_empty() {
            return Err(format!("{} is empty", entry.href().as_str()).into());
        }
        files += 1;
    }
    let mut chapters = 0;
    for page in epub.reader() {
        if !page?.content().contains("<body") {
            return Err("a page has no body".into());
        }
        chapters += 1;
    }
    let contents = epub.toc().contents().map_or(0, |contents| contents.flatten().count());
    if chapters == 0 || contents == 0 || files < chapters {
        return Err(format!("{files} files, {chapters} pages, {contents} lines of contents").into());
    }
    Ok(())
}
