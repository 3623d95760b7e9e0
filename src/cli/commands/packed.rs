//! Recognises archives and bundles, which `convert` refuses because they contain Markdown already.

use std::fs::File;
use std::path::Path;

use crate::cli::error::CliError;

/// The file at the root of every archive.
const MARKER: &str = "bindery-archive.json";

/// Refuses an archive, a bag of one and a TextPack, and says what to do with it. Returns a note for a WACZ.
///
/// # Errors
/// The path is one of them.
pub fn examine(path: &Path) -> Result<Option<String>, CliError> {
    let names = if path.is_dir() { in_folder(path) } else { in_zip(path) };
    let has = |name: &str| names.iter().any(|known| known == name);
    let ends = |ending: &str| names.iter().any(|known| known.ends_with(ending));
    let shown = path.display();
    Err(CliError::usage(if has(MARKER) {
        format!(
            "{shown} is an archive of bindery, whose texts are Markdown already; `bindery merge {shown} -a DIR` takes it \
             into another archive, `bindery rebuild -a {shown}` extracts its pages again"
        )
    } else if ends(&format!("data/{MARKER}")) {
        format!(
            "{shown} is a bag of a bindery archive, whose texts are Markdown already; `bindery restore {shown} -a DIR` \
             unpacks it, `bindery verify {shown}` checks it"
        )
    } else if ends("info.json") && (ends("text.md") || ends("text.markdown")) {
        format!("{shown} is a TextPack, whose text is Markdown already; `unzip {shown}` unpacks it")
    } else if has("datapackage.json") && names.iter().any(|name| name.starts_with("archive/")) {
        return Ok(Some(format!(
            "{shown} is a WACZ: the pages in its captures are converted; `bindery verify {shown}` checks it"
        )));
    } else {
        return Ok(None);
    }))
}

/// Returns the names in a folder that identify archives and bundles.
fn in_folder(path: &Path) -> Vec<String> {
    let names = [MARKER.to_owned(), format!("data/{MARKER}"), "info.json".to_owned(), "text.md".to_owned()];
    names.into_iter().filter(|name| path.join(name).is_file()).collect()
}

/// Returns the names of a ZIP file's members; none for any other file.
fn in_zip(path: &Path) -> Vec<String> {
    let opened = File::open(path).ok().filter(|_| path.is_file());
    let zip = opened.and_then(|file| zip::ZipArchive::new(std::io::BufReader::new(file)).ok());
    zip.map(|zip| zip.file_names().flatten().map(Into::into).collect()).unwrap_or_default()
}
