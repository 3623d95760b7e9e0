//! A folder of pages, on disk or in one file: which file a page means by a URL.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::Around;
use crate::model::ImageRef;

/// Endings of the folders that browsers put beside a page they save, in the languages they speak.
const COMPANIONS: [&str; 12] = [
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

/// A folder with more entries than this is not searched for a companion of another name.
const MAX_SEARCH: usize = 1000;

/// Files by their place: relative, with `/`, without `.` and `..`.
pub trait Files: Send + Sync {
    /// The bytes of a file; None when it is not there, or is too large.
    fn read(&self, place: &str) -> Option<Vec<u8>>;

    /// True when the file is there.
    fn has(&self, place: &str) -> bool;

    /// The names of the folders in a folder, at most `most` of its entries looked at; None when there are more.
    fn folders(&self, place: &str, most: usize) -> Option<Vec<String>>;
}

/// What lies around one page of a folder.
pub struct Beside {
    files: Arc<dyn Files>,
    /// The page's own place.
    page: String,
    /// The page's URL; None when it is not known.
    url: Option<Url>,
}

impl Beside {
    /// What lies around the page at `page`.
    pub fn new(files: Arc<dyn Files>, page: &str, url: Option<Url>) -> Self {
        Self { files, page: page.to_owned(), url }
    }

    fn folder(&self) -> &str {
        self.page.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Where a file may be that the page calls `written`, most likely first.
    fn places(&self, written: &str) -> Vec<String> {
        let written = written.trim();
        if let Some(rest) = ["http://", "https://", "//"].iter().find_map(|scheme| written.strip_prefix(scheme)) {
            return self.places_of_url(written, rest);
        }
        if written.is_empty() || Url::parse(written).is_ok() {
            return Vec::new();
        }
        let mut places = Vec::new();
        for form in spellings(written) {
            match form.strip_prefix('/') {
                // The root of a site is the root of the folder, or the folder of its host.
                Some(rest) => {
                    places.extend(normal("", rest));
                    places.extend(self.page.split_once('/').and_then(|(host, _)| normal(host, rest)));
                }
                None => places.extend(normal(self.folder(), &form)),
            }
        }
        places
    }

    /// A mirror has a folder for each host; a page with a URL lies where the others lie by theirs.
    fn places_of_url(&self, url: &str, rest: &str) -> Vec<String> {
        let mut places: Vec<String> = spellings(rest).iter().filter_map(|form| normal("", form)).collect();
        let target = match &self.url {
            Some(own) => own.join(url).ok().and_then(|target| own.make_relative(&target)),
            None => None,
        };
        if let Some(relative) = target.filter(|relative| !relative.contains("://")) {
            places.extend(spellings(&relative).iter().filter_map(|form| normal(self.folder(), form)));
        }
        places
    }

    /// The file of that name in the folder that was saved with the page, whatever that is called now.
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
        let own = COMPANIONS.iter().flat_map(|ending| spellings(&format!("{stem}{ending}")));
        let found = own.chain([stem.to_owned()]).find_map(|folder| self.in_folder(&folder, &names));
        found.or_else(|| {
            let folders = self.files.folders(self.folder(), MAX_SEARCH)?;
            let companions = folders.iter().filter(|folder| is_companion(folder));
            let mut found = companions.filter_map(|folder| self.in_folder(folder, &names));
            // Two of that name are one too many to tell which.
            found.next().filter(|_| found.next().is_none())
        })
    }

    fn in_folder(&self, folder: &str, names: &[String]) -> Option<Vec<u8>> {
        let base = normal(self.folder(), folder)?;
        names.iter().find_map(|name| self.files.read(&format!("{base}/{name}")))
    }
}

impl Around for Beside {
    fn image(&self, image: &ImageRef) -> Option<Vec<u8>> {
        let written = std::iter::once(&image.written).chain([&image.url]).chain(&image.alternatives);
        let read = |written: &String| self.places(written).iter().find_map(|place| self.files.read(place));
        written.clone().find_map(read).or_else(|| self.in_companion(&image.written))
    }

    fn page(&self, href: &str) -> Option<PathBuf> {
        let found = self.places(href).into_iter().find_map(|place| {
            let own = place.as_str();
            let inside = format!("{}index", if own.is_empty() { String::new() } else { format!("{own}/") });
            let places = [own.to_owned(), format!("{own}.html"), format!("{inside}.html"), format!("{inside}.htm")];
            places.into_iter().find(|place| is_page_name(place) && self.files.has(place))
        })?;
        Some(without_extension(Path::new(&found)))
    }
}

/// Whether a folder of that name was saved beside a page.
pub fn is_companion(folder: &str) -> bool {
    COMPANIONS.iter().any(|ending| folder.len() > ending.len() && folder.ends_with(ending))
}

/// Whether a file of that name is a page for whoever saved it.
pub fn is_page_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml", "xht", "shtml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Extensions that a converted file loses. Others are a part of its name: `第1.2章`, `page.php?id=1`.
const KNOWN: [&str; 28] = [
    "html", "htm", "xhtml", "xht", "shtml", "php", "asp", "aspx", "jsp", "do", "md", "markdown", "txt", "text", "mht",
    "mhtml", "eml", "xml", "rss", "atom", "rdf", "warc", "wacz", "zip", "tar", "tgz", "jsonl", "list",
];

/// The place of what is made of a file: its own, without the extensions that tell what it was.
pub fn without_extension(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    let is = |place: &Path, known: &[&str]| {
        let extension = place.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        known.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    if is(&place, &["gz", "zst", "zstd"]) {
        place.set_extension("");
    }
    if is(&place, &KNOWN) {
        place.set_extension("");
    }
    place
}

/// A place without its last extension, and without the folders before it.
fn stem(place: &str) -> &str {
    let name = place.rsplit('/').next().unwrap_or(place);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The place that a relative path leads to from a folder; None when it leads out.
fn normal(folder: &str, path: &str) -> Option<String> {
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

/// The forms in which a name may lie on a disk: percent-coded or not, with a query or without, in either Unicode form.
pub(super) fn spellings(written: &str) -> Vec<String> {
    let bare = written.split(['?', '#']).next().unwrap_or_default();
    let fragment_off = written.split('#').next().unwrap_or_default();
    let mut forms: Vec<String> = Vec::new();
    let mut put = |form: Cow<'_, str>| {
        if !form.contains('\0') && !forms.iter().any(|known| *known == form) {
            forms.push(form.into_owned());
        }
    };
    for text in [fragment_off, bare] {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        let coded: Cow<'_, str> = percent_encoding::utf8_percent_encode(text, NAME).into();
        for text in [Cow::Borrowed(text), decoded, coded] {
            // Most names have one form; a page may have thousands of links.
            if !text.is_ascii() {
                put(text.nfc().collect::<String>().into());
                put(text.nfd().collect::<String>().into());
            }
            put(text);
        }
    }
    forms
}

/// What a program that percent-codes file names leaves alone.
const NAME: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'%')
    .remove(b'(')
    .remove(b')');

/// The files of a folder on disk. Symbolic links are followed only to files inside it: a page may not name
/// `../../secret`.
pub struct OnDisk {
    root: PathBuf,
    cap: u64,
    /// Whether a name stands at the top of the root. Pages name far more hosts and folders than were saved with them.
    tops: Mutex<HashMap<String, bool>>,
    /// The folder whose folders were asked for last, with them.
    listed: Mutex<Option<(String, Option<Vec<String>>)>>,
}

/// More names at the top are asked for anew each time.
const MOST_TOPS: usize = 10_000;

impl OnDisk {
    /// Files below `root` of at most `cap` bytes.
    pub fn new(root: &Path, cap: u64) -> Self {
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        // A root that is not there holds nothing.
        let root = root.canonicalize().unwrap_or_default();
        Self { root, cap, tops: Mutex::default(), listed: Mutex::default() }
    }

    fn file(&self, place: &str) -> Option<PathBuf> {
        let path = self.root.join(place);
        // One look at what is not there; to resolve it would take one for each folder on the way.
        if place.is_empty() || !self.has_top(place) || path.symlink_metadata().is_err() {
            return None;
        }
        let file = path.canonicalize().ok()?;
        (file.starts_with(&self.root) && file.is_file()).then_some(file)
    }

    fn has_top(&self, place: &str) -> bool {
        let Some((top, _)) = place.split_once('/') else { return true };
        // It is changed in single steps: a panic elsewhere leaves it whole.
        let mut tops = self.tops.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tops.get(top) {
            return *known;
        }
        let there = self.root.join(top).symlink_metadata().is_ok();
        if tops.len() < MOST_TOPS {
            tops.insert(top.to_owned(), there);
        }
        there
    }

    fn list(&self, place: &str, most: usize) -> Option<Vec<String>> {
        let mut folders = Vec::new();
        for (nth, entry) in std::fs::read_dir(self.root.join(place)).ok()?.enumerate() {
            let entry = entry.ok()?;
            if nth >= most {
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

impl Files for OnDisk {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        super::bounded(&self.file(place)?, self.cap).ok()
    }

    fn has(&self, place: &str) -> bool {
        self.file(place).is_some()
    }

    fn folders(&self, place: &str, most: usize) -> Option<Vec<String>> {
        // Each image of a page that is not there asks for the same.
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, folders)) = &*listed
            && known == place
        {
            return folders.clone();
        }
        let folders = self.list(place, most);
        *listed = Some((place.to_owned(), folders.clone()));
        folders
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

    fn beside(dir: &tempfile::TempDir, page: &str, url: Option<&str>) -> Beside {
        let url = url.map(|url| Url::parse(url).unwrap());
        Beside::new(Arc::new(OnDisk::new(dir.path(), 1000)), page, url)
    }

    #[test]
    fn every_spelling_of_a_name_finds_its_file() {
        let dir = folder(&["in/页面_files/图 1.jpg", "in/%E9%A1%B5_files/a", "img/b.png", "x.cn/c.gif"]);
        let around = beside(&dir, "in/页面.html", Some("https://x.cn/in/1.html"));
        let read = |written: &str| around.image(&image(written)).map(|bytes| String::from_utf8(bytes).unwrap());
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
        let around = beside(&dir, "新名.html", None);
        assert!(around.image(&image("./旧名_files/a")).is_some());
        assert!(around.image(&image("旧名_files/b.png")).is_none(), "no companion");
        assert!(around.image(&image("旧名_files/c")).is_some(), "the only companion that has it");
    }

    #[test]
    fn nothing_outside_the_root_is_read() {
        let dir = folder(&["secret.jpg", "root/p.html"]);
        let around = Beside::new(Arc::new(OnDisk::new(&dir.path().join("root"), 1000)), "p.html", None);
        let absolute = dir.path().join("secret.jpg").display().to_string();
        for written in ["../secret.jpg", "%2e%2e/secret.jpg", absolute.as_str(), "a/../../secret.jpg"] {
            assert_eq!(around.image(&image(written)), None, "{written}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret.jpg"), dir.path().join("root/link.jpg")).unwrap();
            assert_eq!(around.image(&image("link.jpg")), None);
        }
    }

    #[test]
    fn links_lead_to_pages_by_path_and_by_url() {
        let dir = folder(&["a/1.html", "a/二.htm", "b/index.html", "c.pdf"]);
        let around = beside(&dir, "a/1.html", Some("https://x.cn/n/a/1.html"));
        let page = |href: &str| around.page(href).map(|path| path.display().to_string());
        assert_eq!(page("%E4%BA%8C.htm#top").as_deref(), Some("a/二"));
        assert_eq!(page("../b/").as_deref(), Some("b/index"));
        assert_eq!(page("https://x.cn/n/b/index.html?x=1").as_deref(), Some("b/index"));
        assert_eq!((page("../c.pdf"), page("https://y.cn/n/b/index.html"), page("mailto:a@b.cn")), (None, None, None));
    }
}
