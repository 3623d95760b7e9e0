//! Pictures that lie on disk beside a saved page.

use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::{ImportError, bounded};

/// The largest picture that is read, in bytes.
pub const IMAGE_CAP: u64 = 50 * 1024 * 1024;

/// The bytes of the file that a saved page means by `written` (an `src` such as `页面_files/a.jpg`).
///
/// Only files inside `root` are read, symbolic links resolved first: a page may not name `../../secret`. Percent-coded
/// and plain spellings are tried, with and without a query, and both Unicode forms, since systems differ in what they
/// saved.
pub fn beside(root: &Path, page: &Path, written: &str) -> Result<Vec<u8>, ImportError> {
    let not_beside = || ImportError::NotBeside { written: written.chars().take(200).collect() };
    let inside = |path: &Path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() };
    let root = inside(root).canonicalize().map_err(|_| not_beside())?;
    let folder = inside(page.parent().unwrap_or(Path::new("")));
    let found = spellings(written).into_iter().filter(|path| is_plain(path)).find_map(|path| {
        let file = folder.join(path).canonicalize().ok()?;
        (file.starts_with(&root) && file.is_file()).then_some(file)
    });
    bounded(&found.ok_or_else(not_beside)?, IMAGE_CAP)
}

fn spellings(written: &str) -> Vec<PathBuf> {
    let written = written.trim();
    if written.is_empty() || written.contains("://") || written.starts_with("//") || written.starts_with("data:") {
        return Vec::new();
    }
    let bare = written.split(['?', '#']).next().unwrap_or_default();
    let mut forms = Vec::new();
    for text in [written, bare] {
        for text in [text.to_owned(), percent_decoded(text)] {
            forms.extend([text.nfc().collect(), text.nfd().collect(), text]);
        }
    }
    forms.dedup();
    forms.into_iter().filter(|form: &String| !form.contains('\0')).map(PathBuf::from).collect()
}

/// Relative, without a drive or a root.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir | Component::ParentDir))
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_finds_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let files = dir.path().join("in/页面_files");
        std::fs::create_dir_all(&files).unwrap();
        std::fs::write(files.join("图 1.jpg"), "a").unwrap();
        std::fs::write(files.join("é?.png".nfd().collect::<String>()), "b").unwrap();
        let page = dir.path().join("in/页面.html");
        let read = |written: &str| beside(dir.path(), &page, written).ok();
        assert_eq!(read("页面_files/图 1.jpg").unwrap(), b"a");
        assert_eq!(read("./%E9%A1%B5%E9%9D%A2_files/%E5%9B%BE%201.jpg?v=2").unwrap(), b"a");
        assert_eq!(read("页面_files/é%3F.png").unwrap(), b"b");
        assert_eq!(read("https://example.cn/图 1.jpg"), None);
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(dir.path().join("secret.jpg"), "x").unwrap();
        let page = root.join("p.html");
        let absolute = dir.path().join("secret.jpg").display().to_string();
        for written in ["../secret.jpg", "%2e%2e/secret.jpg", absolute.as_str(), "a/../../secret.jpg"] {
            assert!(matches!(beside(&root, &page, written), Err(ImportError::NotBeside { .. })), "{written}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret.jpg"), root.join("link.jpg")).unwrap();
            assert!(beside(&root, &page, "link.jpg").is_err());
        }
    }
}
