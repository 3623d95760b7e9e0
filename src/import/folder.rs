//! Folders of saved pages, on disk or in a container: which file a page refers to by a URL.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::input;
use super::resources::{Files, PageLocation, Resources};
use crate::model::ImageRef;

/// Endings of the names of the folders that browsers save next to a page, in the browsers' languages.
const COMPANION_ENDINGS: [&str; 12] = [
    "_files",
    ".files",
    "-files",
    "_file",
    "-Dateien",
    "_fichiers",
    "_archivos",
    "_bestanden",
    "_arquivos",
    "_elemei",
    "-filer",
    "_tiedostot",
];

/// The maximum number of entries of a folder that is searched for a companion folder of another name.
const MAX_SEARCH: usize = 1000;

/// The images and linked pages of one page in a folder.
pub struct FolderResources {
    files: Arc<dyn Files>,
    /// The page's own path.
    page: String,
    /// The page's URL; None when it is not known.
    url: Option<Url>,
}

impl FolderResources {
    /// Returns the resources of the page at the path `page`; `url` is its URL, if known.
    pub fn new(files: Arc<dyn Files>, page: &str, url: Option<Url>) -> Self {
        Self { files, page: page.to_owned(), url }
    }

    /// Returns the path of the page to which a link leads; None when it is not among the files.
    pub fn page_path(&self, href: &str) -> Option<String> {
        self.paths(href).into_iter().filter(|path| self.files.may_have(path)).find_map(|path| {
            let own = path.as_str();
            let inside = format!("{}index", if own.is_empty() { String::new() } else { format!("{own}/") });
            let candidates = [own.to_owned(), format!("{own}.html"), format!("{inside}.html"), format!("{inside}.htm")];
            candidates.into_iter().find(|path| is_page_name(path) && self.files.has(path))
        })
    }

    fn folder(&self) -> &str {
        self.page.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the paths that `written` may refer to, most likely first.
    pub(super) fn paths(&self, written: &str) -> Vec<String> {
        let written = written.trim();
        if let Some(rest) = ["http://", "https://", "//"].iter().find_map(|scheme| written.strip_prefix(scheme)) {
            return self.paths_of_url(written, rest);
        }
        if written.is_empty() || Url::parse(written).is_ok() {
            return Vec::new();
        }
        let mut paths = Vec::new();
        for form in spellings(written) {
            match form.strip_prefix('/') {
                // The root of the site is the root of the folder or the folder of its host.
                Some(rest) => {
                    paths.extend(resolve("", rest));
                    paths.extend(self.page.split_once('/').and_then(|(host, _)| resolve(host, rest)));
                }
                None => paths.extend(resolve(self.folder(), &form)),
            }
        }
        paths
    }

    /// Returns the paths that an absolute URL may refer to: in the folder of its host, as mirrors have it, or relative to
    /// the page, as the URL is to the page's own.
    fn paths_of_url(&self, url: &str, rest: &str) -> Vec<String> {
        // Most hosts have no folder.
        let may_be = !begins_with_plain_host(rest) || self.files.may_have(rest);
        let forms = if may_be { spellings(rest) } else { Vec::new() };
        let mut paths: Vec<String> = forms.iter().filter_map(|form| resolve("", form)).collect();
        let target = match &self.url {
            Some(own) => own.join(url).ok().and_then(|target| own.make_relative(&target)),
            None => None,
        };
        if let Some(relative) = target.filter(|relative| !relative.contains("://")) {
            paths.extend(spellings(&relative).iter().filter_map(|form| resolve(self.folder(), form)));
        }
        paths
    }

    /// Reads the file of that name in the companion folder of the page, even if the page was renamed.
    fn in_companion(&self, written: &str) -> Option<Vec<u8>> {
        if Url::parse(written.trim()).is_ok() || !written.contains('/') {
            return None;
        }
        let names: Vec<String> = spellings(written)
            .iter()
            .filter_map(|form| Some(form.rsplit('/').next()?.to_owned()))
            .filter(|name| !name.is_empty() && !matches!(name.as_str(), "." | ".."))
            .collect();
        let stem = stem(&self.page);
        let own = COMPANION_ENDINGS.iter().flat_map(|ending| spellings(&format!("{stem}{ending}")));
        let found = own.chain([stem.to_owned()]).find_map(|folder| self.in_folder(&folder, &names));
        found.or_else(|| {
            let folders = self.files.folders(self.folder(), MAX_SEARCH)?;
            let companions = folders.iter().filter(|folder| is_companion(folder));
            let mut found = companions.filter_map(|folder| self.in_folder(folder, &names));
            // With two candidates it is unknown which one is meant.
            found.next().filter(|_| found.next().is_none())
        })
    }

    fn in_folder(&self, folder: &str, names: &[String]) -> Option<Vec<u8>> {
        let base = resolve(self.folder(), folder)?;
        names.iter().find_map(|name| self.files.read(&format!("{base}/{name}")))
    }
}

impl Resources for FolderResources {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        let written = std::iter::once(&image.written).chain([&image.url]).chain(&image.alternatives);
        let read = |written: &String| self.paths(written).iter().find_map(|path| self.files.read(path));
        written.clone().find_map(read).or_else(|| self.in_companion(&image.written))
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        self.page_path(href).map(|found| without_extension(Path::new(&found)))
    }

    fn location(&self) -> Option<PageLocation> {
        Some(PageLocation { files: Arc::clone(&self.files), page: self.page.clone() })
    }
}

/// Returns true for the name of a folder that browsers save next to a page.
pub fn is_companion(folder: &str) -> bool {
    COMPANION_ENDINGS.iter().any(|ending| folder.len() > ending.len() && folder.ends_with(ending))
}

/// Returns true for a file name with an extension of HTML pages.
pub fn is_page_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml", "xht", "shtml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Extensions that are removed from the names of converted files. Others belong to the name: `第1.2章`, `page.php?id=1`.
const REMOVED_EXTENSIONS: [&str; 34] = [
    "html", "htm", "xhtml", "xht", "shtml", "php", "asp", "aspx", "jsp", "do", "md", "markdown", "txt", "text", "mht",
    "mhtml", "eml", "xml", "rss", "atom", "rdf", "warc", "wacz", "zip", "tar", "tgz", "jsonl", "list", "enex", "epub",
    "csv", "json", "jex", "opml",
];

/// Returns a path without the extensions that name the kind and the compression of the file.
pub fn without_extension(path: &Path) -> PathBuf {
    let mut stripped = path.to_owned();
    let is = |path: &Path, known: &[&str]| {
        let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        known.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    if is(&stripped, &["gz", "zst", "zstd"]) {
        stripped.set_extension("");
    }
    if is(&stripped, &REMOVED_EXTENSIONS) {
        stripped.set_extension("");
    }
    stripped
}

/// Returns the file name in a path, without its last extension.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Returns true for a URL without its scheme whose host is the first part of every path that it may refer to.
fn begins_with_plain_host(rest: &str) -> bool {
    let is_plain = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let may_go_up = ["..", "%2e", "%2E"].iter().any(|dots| rest.contains(dots));
    rest.split_once('/').is_some_and(|(host, _)| host.contains(|c| c != '.') && is_plain(host)) && !may_go_up
}

/// Resolves a relative path against a folder; None when it leads out of the root.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the forms that a written path may have on disk: percent-encoded or not, with or without the query, in either
/// Unicode normalisation.
fn spellings(written: &str) -> Vec<String> {
    let bare = written.split(['?', '#']).next().unwrap_or_default();
    let without_fragment = written.split('#').next().unwrap_or_default();
    let mut forms: Vec<String> = Vec::new();
    let mut put = |form: Cow<'_, str>| {
        if !form.contains('\0') && !forms.iter().any(|known| *known == form) {
            forms.push(form.into_owned());
        }
    };
    let without_query = Some(bare).filter(|bare| *bare != without_fragment);
    for text in std::iter::once(without_fragment).chain(without_query) {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        let coded: Cow<'_, str> = percent_encoding::utf8_percent_encode(text, UNENCODED).into();
        for text in [Cow::Borrowed(text), decoded, coded] {
            // Most names are ASCII, and a page may have thousands of links.
            if !text.is_ascii() {
                put(text.nfc().collect::<String>().into());
                put(text.nfd().collect::<String>().into());
            }
            put(text);
        }
    }
    forms
}

/// The characters that programs do not percent-encode in file names.
const UNENCODED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'%')
    .remove(b'(')
    .remove(b')');

/// The files of a folder on disk. Nothing outside it is read, by `..` or by symbolic links.
pub struct DiskFiles {
    root: PathBuf,
    cap: u64,
    /// Whether a name exists directly below the root. Pages refer to many more hosts and folders than were saved.
    tops: Mutex<HashMap<String, bool>>,
    /// The folder that was listed last, with the folders in it.
    listed: Mutex<Option<(String, Option<Vec<String>>)>>,
}

/// The maximum number of names in [`DiskFiles::tops`].
const MAX_TOPS: usize = 10_000;

impl DiskFiles {
    /// Returns the files below `root` of at most `cap` bytes each.
    pub fn new(root: &Path, cap: u64) -> Self {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        // A missing root holds no files.
        let root = root.canonicalize().unwrap_or_default();
        Self { root, cap, tops: Mutex::default(), listed: Mutex::default() }
    }

    fn file(&self, path: &str) -> Option<PathBuf> {
        let joined = self.root.join(path);
        // One system call for a missing file; to canonicalise it first would take one for each folder of the path.
        if path.is_empty() || !self.has_top(path) || joined.symlink_metadata().is_err() {
            return None;
        }
        let file = joined.canonicalize().ok()?;
        (file.starts_with(&self.root) && file.is_file()).then_some(file)
    }

    fn has_top(&self, path: &str) -> bool {
        let Some((top, _)) = path.split_once('/') else { return true };
        let mut tops = self.tops.lock();
        if let Some(known) = tops.get(top) {
            return *known;
        }
        let there = self.root.join(top).symlink_metadata().is_ok();
        if tops.len() < MAX_TOPS {
            tops.insert(top.to_owned(), there);
        }
        there
    }

    fn list(&self, path: &str, limit: usize) -> Option<Vec<String>> {
        let mut folders = Vec::new();
        for (nth, entry) in std::fs::read_dir(self.root.join(path)).ok()?.enumerate() {
            let entry = entry.ok()?;
            if nth >= limit {
                return None;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.extend(entry.file_name().into_string());
            }
        }
        folders.sort();
        Some(folders)
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        input::read_file(&self.file(path)?, self.cap).ok()
    }

    fn has(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    fn may_have(&self, path: &str) -> bool {
        self.has_top(path)
    }

    fn folders(&self, path: &str, limit: usize) -> Option<Vec<String>> {
        // Each missing image of a page asks for the same folder.
        let mut listed = self.listed.lock();
        if let Some((known, folders)) = &*listed
            && known == path
        {
            return folders.clone();
        }
        let folders = self.list(path, limit);
        *listed = Some((path.to_owned(), folders.clone()));
        folders
    }

    fn names(&self, path: &str, limit: usize) -> Vec<String> {
        // The folder itself may be a symbolic link that leads out.
        let folder = self.root.join(path).canonicalize().ok().filter(|folder| folder.starts_with(&self.root));
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names.truncate(limit);
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReferrerPolicy;

    fn image(written: &str) -> ImageRef {
        ImageRef {
            url: written.to_owned(),
            written: written.to_owned(),
            alternatives: Vec::new(),
            referrer_policy: ReferrerPolicy::default(),
        }
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        dir
    }

    fn resources(dir: &tempfile::TempDir, page: &str, url: Option<&str>) -> FolderResources {
        let url = url.map(|url| Url::parse(url).unwrap());
        FolderResources::new(Arc::new(DiskFiles::new(dir.path(), 1000)), page, url)
    }

    #[test]
    fn a_file_is_found_by_every_spelling_of_its_name() {
        let dir = folder(&["in/页面_files/图 1.jpg", "in/%E9%A1%B5_files/a", "img/b.png", "x.cn/c.gif"]);
        let resources = resources(&dir, "in/页面.html", Some("https://x.cn/in/1.html"));
        let read = |written: &str| resources.image(&image(written)).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(read("./%E9%A1%B5%E9%9D%A2_files/%E5%9B%BE%201.jpg?v=2").as_deref(), Some("in/页面_files/图 1.jpg"));
        assert_eq!(read("页_files/a").as_deref(), Some("in/%E9%A1%B5_files/a"));
        assert_eq!(read("/img/b.png").as_deref(), Some("img/b.png"));
        assert_eq!(read("https://x.cn/img/b.png").as_deref(), Some("img/b.png"));
        assert_eq!(read("https://x.cn/c.gif").as_deref(), Some("x.cn/c.gif"));
        assert_eq!(read("https://y.cn/none.png"), None);
    }

    #[test]
    fn a_companion_folder_may_have_another_name() {
        let dir = folder(&["新名_files/a", "other/b.png", "old.html_files/c"]);
        let resources = resources(&dir, "新名.html", None);
        assert!(resources.image(&image("./旧名_files/a")).is_some());
        assert!(resources.image(&image("旧名_files/b.png")).is_none(), "not a companion folder");
        assert!(resources.image(&image("旧名_files/c")).is_some(), "the only companion folder that has it");
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        let dir = folder(&["secret.jpg", "root/p.html"]);
        let resources = FolderResources::new(Arc::new(DiskFiles::new(&dir.path().join("root"), 1000)), "p.html", None);
        let absolute = dir.path().join("secret.jpg").display().to_string();
        for written in ["../secret.jpg", "%2e%2e/secret.jpg", absolute.as_str(), "a/../../secret.jpg"] {
            assert_eq!(resources.image(&image(written)), None, "{written}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret.jpg"), dir.path().join("root/link.jpg")).unwrap();
            assert_eq!(resources.image(&image("link.jpg")), None);
        }
    }

    #[test]
    fn links_lead_to_pages_by_path_and_by_url() {
        let dir = folder(&["a/1.html", "a/二.htm", "b/index.html", "c.pdf"]);
        let resources = resources(&dir, "a/1.html", Some("https://x.cn/n/a/1.html"));
        let page = |href: &str| resources.page(href).map(|path| path.display().to_string());
        assert_eq!(page("%E4%BA%8C.htm#top").as_deref(), Some("a/二"));
        assert_eq!(page("../b/").as_deref(), Some("b/index"));
        assert_eq!(page("https://x.cn/n/b/index.html?x=1").as_deref(), Some("b/index"));
        assert_eq!((page("../c.pdf"), page("https://y.cn/n/b/index.html"), page("mailto:a@b.cn")), (None, None, None));
    }
}
