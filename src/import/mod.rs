//! Exported HTML, file by file: bytes with the address they came from, and the pictures that lie beside them.

mod address;
mod beside;
mod post;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use url::Url;

use crate::model::{Origin, RawPage, Timestamp};

pub use address::address;
pub use beside::{IMAGE_CAP, beside};
pub use post::{Post, Syntax, post};

/// Why a file is no page, or a picture beside it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not there.
    #[error("{name} does not exist; check the path")]
    Missing {
        /// The file as it was named.
        name: String,
    },
    /// There, and cannot be read.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// The file as it was named.
        name: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder, a device.
    #[error("{name} is no file; name the HTML file itself")]
    NotAFile {
        /// The path as it was named.
        name: String,
    },
    /// More bytes than are read.
    #[error("{name} is larger than {cap} bytes, the limit for one page; split it, or check that it is the right file")]
    TooLarge {
        /// The file as it was named.
        name: String,
        /// The limit in bytes.
        cap: u64,
    },
    /// No bytes but white space.
    #[error("{name} is empty; save the page again")]
    Empty {
        /// The file as it was named.
        name: String,
    },
    /// Bytes that are no HTML.
    #[error("{name} is {what}, not an HTML page; give the page that it belongs to")]
    NotHtml {
        /// The file as it was named.
        name: String,
        /// What it is, with its article.
        what: String,
    },
    /// A picture whose address leads nowhere on this disk.
    #[error("`{written}` names no file beside the page")]
    NotBeside {
        /// The address as the page writes it.
        written: String,
    },
}

impl ImportError {
    /// A stable word in kebab-case for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Unreadable { .. } => "unreadable",
            Self::NotAFile { .. } => "not-a-file",
            Self::TooLarge { .. } => "too-large",
            Self::Empty { .. } => "empty",
            Self::NotHtml { .. } => "not-a-page",
            Self::NotBeside { .. } => "not-beside",
        }
    }
}

/// Reads a saved page of at most `cap` bytes. Without `url`, its address is looked for in the page itself.
pub fn read(path: &Path, cap: u64, url: Option<Url>, captured: Option<Timestamp>) -> Result<RawPage, ImportError> {
    let name = path.display().to_string();
    let bytes = bounded(path, cap)?;
    check(&bytes, &name)?;
    let url = url.or_else(|| address(&bytes));
    Ok(RawPage::from_bytes(bytes, url, Origin::File(PathBuf::from(path)), captured))
}

/// The same for bytes from elsewhere; `name` is what to call them in errors.
pub fn from_bytes(
    bytes: Vec<u8>,
    name: &str,
    url: Option<Url>,
    captured: Option<Timestamp>,
) -> Result<RawPage, ImportError> {
    check(&bytes, name)?;
    let url = url.or_else(|| address(&bytes));
    Ok(RawPage::from_bytes(bytes, url, Origin::Import(name.to_owned()), captured))
}

/// A file's bytes, never more than `cap` of them in memory.
fn bounded(path: &Path, cap: u64) -> Result<Vec<u8>, ImportError> {
    let name = || path.display().to_string();
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ImportError::Missing { name: name() },
        _ => ImportError::Unreadable { name: name(), source },
    };
    // Told before opening: to open a pipe waits for a writer.
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        return Err(ImportError::NotAFile { name: name() });
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > cap {
        return Err(ImportError::TooLarge { name: name(), cap });
    }
    Ok(bytes)
}

fn check(bytes: &[u8], name: &str) -> Result<(), ImportError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::Empty { name: name.to_owned() });
    }
    let not_html = |what: String| Err(ImportError::NotHtml { name: name.to_owned(), what });
    if let Some(found) = infer::get(bytes).filter(|found| !matches!(found.mime_type(), "text/html" | "text/xml")) {
        return not_html(match found.mime_type() {
            "application/pdf" => "a PDF file".to_owned(),
            other => format!("of type {other}"),
        });
    }
    // UTF-16 has zero bytes and a mark in front; any other text has none of either.
    let has_mark = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !has_mark && bytes.iter().take(4096).any(|&byte| byte == 0) {
        return not_html("binary data".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_page_is_read_whole_with_its_address() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("页.html");
        std::fs::write(&path, "<html><head><link rel=canonical href='https://example.cn/1'></head><p>正文").unwrap();
        let page = read(&path, 1000, None, None).unwrap();
        assert_eq!(page.url.unwrap().as_str(), "https://example.cn/1");
        assert_eq!(page.origin, Origin::File(path.clone()));
        let named = Url::parse("https://example.cn/2").unwrap();
        assert_eq!(read(&path, 1000, Some(named.clone()), None).unwrap().url, Some(named));
    }

    #[test]
    fn what_is_no_page_is_told_by_name_cause_and_next_step() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read(&path, 100, None, None).unwrap_err().to_string().replace(&dir.path().display().to_string(), "")
        };
        assert_eq!(
            at("a.pdf", b"%PDF-1.7"),
            "/a.pdf is a PDF file, not an HTML page; give the page that it belongs to"
        );
        assert_eq!(at("b", b"\0\x01\x02"), "/b is binary data, not an HTML page; give the page that it belongs to");
        assert_eq!(at("c", b" \n"), "/c is empty; save the page again");
        assert!(at("d", &[b'x'; 101]).contains("larger than 100 bytes"));
        assert!(
            read(dir.path(), 9, None, None).unwrap_err().to_string().ends_with("is no file; name the HTML file itself")
        );
        assert_eq!(read(&dir.path().join("e"), 9, None, None).unwrap_err().kind(), "missing");
    }
}
