//! Bags of others, of the kinds that the conformance suite of the Library of Congress has: valid, invalid, worth a
//! warning, and such as only some systems can hold.

use std::collections::BTreeMap;
use std::path::Path;

use bindery::model::FindingKind;
use bindery::verify::{self, VerifyError};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

use super::packed::{put, zip};

type Files = BTreeMap<String, Vec<u8>>;

fn hex<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(algorithm: &str, bytes: &[u8]) -> String {
    match algorithm {
        "md5" => hex::<Md5>(bytes),
        "sha1" => hex::<sha1::Sha1>(bytes),
        "sha224" => hex::<sha2::Sha224>(bytes),
        "sha256" => hex::<Sha256>(bytes),
        "sha384" => hex::<sha2::Sha384>(bytes),
        _ => hex::<Sha512>(bytes),
    }
}

/// A bag that is being made.
struct Bag {
    version: &'static str,
    encoding: &'static str,
    algorithms: Vec<&'static str>,
    files: Files,
    /// Name of a file in manifests, where it differs from its own.
    written: BTreeMap<String, String>,
}

fn bag(version: &'static str, algorithms: &[&'static str], payload: &[(&str, &str)]) -> Bag {
    let files = payload.iter().map(|(name, text)| (format!("data/{name}"), text.as_bytes().to_vec())).collect();
    Bag { version, encoding: "UTF-8", algorithms: algorithms.to_vec(), files, written: BTreeMap::new() }
}

fn basic(version: &'static str) -> Bag {
    bag(version, &["sha256"], &[("hello.txt", "hello\n"), ("文/河.txt", "河\n")])
}

impl Bag {
    /// Manifests of the payload, `bagit.txt`, `bag-info.txt`, and manifests of these.
    fn sealed(&self) -> Files {
        let mut files = self.files.clone();
        let encode = |text: String| match self.encoding {
            "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "UTF-16" => {
                [0xfffe_u16.swap_bytes()].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            "ISO-8859-1" => text.chars().map(|c| c as u8).collect(),
            _ => text.into_bytes(),
        };
        let name = |path: &String| self.written.get(path).unwrap_or(path).clone();
        for algorithm in &self.algorithms {
            let lines =
                self.files.iter().map(|(path, bytes)| format!("{}  {}\n", digest(algorithm, bytes), name(path)));
            files.insert(format!("manifest-{algorithm}.txt"), encode(lines.collect()));
        }
        let size: usize = self.files.values().map(Vec::len).sum();
        let info = format!("Source-Organization: Bücherei\nPayload-Oxum: {size}.{}\n", self.files.len());
        let info_name = if self.version < "0.95" { "package-info.txt" } else { "bag-info.txt" };
        files.insert(info_name.to_owned(), encode(info));
        let declared = format!("BagIt-Version: {}\nTag-File-Character-Encoding: {}\n", self.version, self.encoding);
        files.insert("bagit.txt".to_owned(), declared.into_bytes());
        let tags: Vec<(String, Vec<u8>)> = files
            .iter()
            .filter(|(path, _)| !path.starts_with("data/"))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect();
        for algorithm in &self.algorithms {
            let lines = tags.iter().map(|(path, bytes)| format!("{}  {path}\n", digest(algorithm, bytes)));
            files.insert(format!("tagmanifest-{algorithm}.txt"), encode(lines.collect()));
        }
        files
    }

    fn loose(&self) -> Files {
        let mut files = self.sealed();
        files.retain(|path, _| !path.starts_with("tagmanifest-"));
        files
    }
}

/// What a bag is judged to be.
#[derive(Debug, PartialEq)]
enum Verdict {
    Valid,
    Warning,
    Invalid,
}

fn judge(path: &Path) -> Verdict {
    match verify::any(path, 2, &mut |_| {}) {
        Err(_) => Verdict::Invalid,
        Ok(report) if report.is_damaged() => Verdict::Invalid,
        Ok(report) if report.findings.iter().any(|finding| finding.kind == FindingKind::Warning) => Verdict::Warning,
        Ok(_) => Verdict::Valid,
    }
}

/// Judges a bag as a folder and packed, which must not differ, but for the folder's name.
fn verdict(files: &Files) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("bag");
    put(&root, files);
    let on_disk = judge(&root);
    let packed = folder.path().join("bag.zip");
    zip(&packed, &files.iter().map(|(name, bytes)| (format!("bag/{name}"), bytes.clone())).collect());
    assert_eq!(judge(&packed), on_disk, "packed and not");
    on_disk
}

fn with(mut files: Files, name: &str, bytes: impl AsRef<[u8]>) -> Files {
    files.insert(name.to_owned(), bytes.as_ref().to_vec());
    files
}

fn without(mut files: Files, name: &str) -> Files {
    files.remove(name).unwrap();
    files
}

fn edited(files: Files, name: &str, from: &str, to: &str) -> Files {
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{text}");
    with(files, name, text.replace(from, to))
}

fn check(kind: &str, expected: Verdict, cases: Vec<(&str, Files)>) {
    let count = cases.len();
    let wrong: Vec<String> = cases
        .into_iter()
        .filter_map(|(name, files)| {
            let found = verdict(&files);
            (found != expected).then(|| format!("{name}: {found:?}"))
        })
        .collect();
    println!("{kind}: {} of {count} judged right", count - wrong.len());
    assert!(wrong.is_empty(), "{kind}: {wrong:#?}");
}

#[test]
fn valid_bags_are_valid() {
    let mut cases = Vec::new();
    for version in ["0.93", "0.94", "0.95", "0.96", "0.97", "1.0"] {
        cases.push((version, basic(version).sealed()));
    }
    let twice = |version| with(basic(version).loose(), "bag-info.txt", "Contact-Name: A\nContact-Name: B\n  and C\n");
    let percent = |version, name: &str, written: &str| {
        let mut bag = bag(version, &["sha512"], &[(name, "x")]);
        bag.written.insert(format!("data/{name}"), format!("data/{written}"));
        bag.sealed()
    };
    let holding = bag("1.0", &["sha256"], &[("inner/bagit.txt", "BagIt-Version: 1.0\n"), ("inner/data/a", "a")]);
    let other = |encoding| Bag { encoding, ..bag("0.97", &["sha256"], &[("a b.txt", "a")]) };
    cases.extend([
        ("several algorithms", bag("1.0", &["sha256", "sha512"], &[("a", "a")]).sealed()),
        ("SHA-224", bag("0.97", &["sha224"], &[("a", "a")]).sealed()),
        ("SHA-384 and MD5", bag("0.97", &["sha384", "md5"], &[("a", "a")]).sealed()),
        ("SHA-512", bag("1.0", &["sha512"], &[("a", "a")]).sealed()),
        ("nothing but what must be", without(bag("1.0", &["sha256"], &[("a", "a")]).loose(), "bag-info.txt")),
        ("an empty file", bag("1.0", &["sha256"], &[("empty", "")]).sealed()),
        ("names with spaces", bag("1.0", &["sha256"], &[(" a  b/c d", "x")]).sealed()),
        ("names of letters that shells read", bag("1.0", &["sha256"], &[("$HOME & 'x' `y` (z) !#;", "x")]).sealed()),
        ("a percent code that is none of the three", percent("0.97", "a%20b", "a%20b")),
        ("what was fetched", {
            let files = basic("1.0").loose();
            with(files, "fetch.txt", "https://example.org/hello.txt 6 data/hello.txt\n")
        }),
        ("no tag manifest", basic("1.0").loose()),
        ("no bag-info.txt", without(basic("1.0").loose(), "bag-info.txt")),
        ("labels twice, folded values", twice("0.97")),
        ("labels twice", twice("1.0")),
        ("a bag in a bag", holding.sealed()),
        ("UTF-16 big-endian tag files", other("UTF-16BE").sealed()),
        ("UTF-16 tag files with a mark", other("UTF-16").sealed()),
        ("ISO-8859-1 tag files", other("ISO-8859-1").sealed()),
        ("a percent sign encoded", percent("1.0", "100% real.md", "100%25 real.md")),
        ("a percent sign as it is", percent("0.97", "100% real.md", "100% real.md")),
        ("a tag file in a folder", with(basic("1.0").loose(), "meta/more.xml", "<x/>")),
        ("upper-case digests", {
            let files = basic("1.0").loose();
            let upper = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
            let upper = upper.lines().map(|line| line[..64].to_uppercase() + &line[64..] + "\n").collect::<String>();
            with(files, "manifest-sha256.txt", upper)
        }),
        ("CR LF line ends", {
            let files = basic("1.0").loose();
            let text = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap().replace('\n', "\r\n");
            with(files, "manifest-sha256.txt", text)
        }),
    ]);
    check("valid", Verdict::Valid, cases);
}

#[test]
fn invalid_bags_are_invalid() {
    let mut cases = Vec::new();
    let evil = |path: &str| {
        let files = basic("1.0").loose();
        let line = format!("{}  {path}\n", digest("sha256", b"x"));
        let all = [files["manifest-sha256.txt"].clone(), line.into_bytes()].concat();
        with(files, "manifest-sha256.txt", all)
    };
    for path in [
        "../escape",
        "data/../../escape",
        "/etc/passwd",
        "~/secret",
        "~root/secret",
        "data/./../../x",
        "$HOME/secret",
        "%HOME%/secret",
        "data\\..\\..\\x",
        "C:\\x",
        "bagit.txt",
    ] {
        cases.push(("a path that leads out", evil(path)));
    }
    let first = |files: &Files| {
        let text = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
        text.lines().next().unwrap().to_owned() + "\n"
    };
    let doubled = |version, change: fn(String) -> String| {
        let files = basic(version).loose();
        let more = change(first(&files)).into_bytes();
        let all = [files["manifest-sha256.txt"].clone(), more].concat();
        with(files, "manifest-sha256.txt", all)
    };
    let wrong = |line: String| "0".repeat(64) + &line[64..];
    cases.extend([
        ("a changed file", with(basic("1.0").sealed(), "data/hello.txt", "hullo\n")),
        ("a changed file of an old bag", with(basic("0.97").sealed(), "data/hello.txt", "hullo\n")),
        ("a changed tag file", edited(basic("1.0").sealed(), "bag-info.txt", "Bücherei", "Archiv")),
        ("a missing file", without(basic("1.0").sealed(), "data/hello.txt")),
        ("a missing tag file", without(basic("1.0").sealed(), "bag-info.txt")),
        ("a file that is not listed", with(basic("1.0").sealed(), "data/extra.txt", "x")),
        ("no bagit.txt", without(basic("1.0").loose(), "bagit.txt")),
        ("no manifest", without(basic("1.0").loose(), "manifest-sha256.txt")),
        ("no payload", {
            let mut files = basic("1.0").loose();
            files.retain(|path, _| !path.starts_with("data/"));
            with(files, "manifest-sha256.txt", "")
        }),
        ("a byte order mark in bagit.txt", edited(basic("1.0").loose(), "bagit.txt", "BagIt-", "\u{feff}BagIt-")),
        ("a space before the colon", edited(basic("1.0").loose(), "bagit.txt", "Version:", "Version :")),
        ("two spaces after the colon", edited(basic("0.97").loose(), "bagit.txt", "Version: ", "Version:  ")),
        ("a third line in bagit.txt", edited(basic("1.0").loose(), "bagit.txt", "UTF-8\n", "UTF-8\nMore: x\n")),
        ("one line in bagit.txt", with(basic("1.0").loose(), "bagit.txt", "BagIt-Version: 1.0\n")),
        ("an unknown encoding", edited(basic("1.0").loose(), "bagit.txt", "UTF-8", "UTF-99")),
        ("an older version than there is", edited(basic("1.0").loose(), "bagit.txt", "1.0", "0.1")),
        ("a newer version", edited(basic("1.0").loose(), "bagit.txt", "1.0", "2.0")),
        ("a wrong Oxum", edited(basic("1.0").loose(), "bag-info.txt", ".2", ".3")),
        ("a file in one of two manifests", {
            let files = bag("1.0", &["sha256", "sha512"], &[("a", "a"), ("b", "b")]).loose();
            let text = String::from_utf8(files["manifest-sha512.txt"].clone()).unwrap();
            with(files, "manifest-sha512.txt", text.lines().next().unwrap().to_owned() + "\n")
        }),
        ("a file listed twice", doubled("1.0", |line| line)),
        ("a file listed twice with two digests", doubled("0.97", wrong)),
        ("a short digest", edited(basic("1.0").loose(), "manifest-sha256.txt", "  data/hello", "0  data/hello")),
        ("a line without a digest", {
            let files = basic("1.0").loose();
            let all = [files["manifest-sha256.txt"].clone(), b"nonsense\n".to_vec()].concat();
            with(files, "manifest-sha256.txt", all)
        }),
        ("a file that is to be fetched", {
            let files = without(basic("1.0").loose(), "data/hello.txt");
            with(files, "fetch.txt", "https://example.org/hello.txt 6 data/hello.txt\n")
        }),
        (
            "a file to be fetched that leads out",
            with(basic("1.0").loose(), "fetch.txt", "https://example.org/x - data/../../x\n"),
        ),
        (
            "a file to be fetched that is in no manifest",
            with(basic("1.0").loose(), "fetch.txt", "https://example.org/x - data/x\n"),
        ),
    ]);
    check("invalid", Verdict::Invalid, cases);
}

#[test]
fn what_others_may_take_ill_is_a_warning() {
    let rewritten = |version, change: &dyn Fn(&str) -> String| {
        let files = basic(version).loose();
        let text = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
        with(files, "manifest-sha256.txt", text.lines().map(|line| change(line) + "\n").collect::<String>())
    };
    let composed = |stored: &str, written: &str| {
        let mut bag = bag("0.97", &["sha256"], &[(stored, "x")]);
        bag.written.insert(format!("data/{stored}"), format!("data/{written}"));
        bag.sealed()
    };
    let cases = vec![
        ("MD5 only", bag("0.97", &["md5"], &[("a", "a")]).sealed()),
        ("SHA-1 only", bag("1.0", &["sha1"], &[("a", "a")]).sealed()),
        ("a mark of binary files", rewritten("1.0", &|line| line.replace("  data", " *data"))),
        ("paths that begin with their folder", rewritten("0.97", &|line| line.replace("  data", "  ./data"))),
        ("a file listed twice in an old bag", {
            let files = basic("0.97").loose();
            let all = files["manifest-sha256.txt"].repeat(2);
            with(files, "manifest-sha256.txt", all)
        }),
        ("names that differ in case only", bag("1.0", &["sha256"], &[("Hello", "1"), ("hello", "2")]).sealed()),
        ("a name composed on disk", composed("\u{e9}", "e\u{301}")),
        ("a name decomposed on disk", composed("e\u{301}", "\u{e9}")),
        (
            "an unknown algorithm beside a known one",
            with(basic("1.0").loose(), "manifest-blake3.txt", "00  data/hello.txt\n"),
        ),
        ("a label before a space", edited(basic("0.97").loose(), "bag-info.txt", "Organization:", "Organization :")),
        ("Oxum twice", {
            let files = basic("1.0").loose();
            let text = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
            let line = text.lines().find(|line| line.starts_with("Payload")).unwrap().to_owned();
            with(files, "bag-info.txt", text + &line + "\n")
        }),
    ];
    check("warning", Verdict::Warning, cases);
}

#[test]
fn names_that_only_some_systems_hold_are_valid_here() {
    let mut cases = Vec::new();
    for name in ["aux", "con.txt", "a:b", "what?.txt", "ends with a dot.", "back<up>", "LPT1.md"] {
        cases.push((name, bag("0.97", &["sha256"], &[(name, "x")]).sealed()));
    }
    // They are reported anyway: elsewhere the bag could not be unpacked.
    check("Linux only", Verdict::Warning, cases);
}

#[test]
fn a_newer_version_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &edited(basic("1.0").loose(), "bagit.txt", "1.0", "1.1"));
    let error = verify::any(folder.path(), 1, &mut |_| {}).unwrap_err();
    assert!(matches!(error, VerifyError::NewerBundle { .. }) && error.to_string().contains("BagIt 1.1"), "{error}");
}
