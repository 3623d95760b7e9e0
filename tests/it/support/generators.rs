//! Real site generators, and what they build of a folder of posts. `tests/sites/sites.py` runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::oracle::{python, said};
use super::skip::skip;

/// The generators that can be run where they are installed.
pub const GENERATORS: [&str; 3] = ["hexo", "hugo", "jekyll"];

/// A site that a generator built.
pub struct Site {
    folder: tempfile::TempDir,
    built: PathBuf,
    python: std::ffi::OsString,
}

impl Site {
    /// Builds a site of a folder of posts, and insists on that; None, which is said, when the generator is not here.
    pub fn build(generator: &str, posts: &Path) -> Option<Self> {
        Self::built(generator, posts, &[])
    }

    /// Builds a site whose root is a folder that has its texts and images in their places.
    pub fn build_root(generator: &str, root: &Path) -> Option<Self> {
        Self::built(generator, root, &["--root"])
    }

    fn built(generator: &str, posts: &Path, more: &[&str]) -> Option<Self> {
        let python = python("json")?;
        if !script(&python).args(["has", generator]).status().unwrap().success() {
            skip(generator, "it is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let output =
            script(&python).args(["build", generator]).arg(posts).arg(folder.path().join("site")).args(more).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{generator}: {}", said(&output));
        let built = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        Some(Self { folder, built, python })
    }

    /// Reads every page, and insists on that no link and no image of the site is dead, that no link leads to one of the
    /// `hosts`, that every tag was filled in and that none of `absent` is published. Returns the counts.
    pub fn check(&self, hosts: &[&str], absent: &[&str]) -> Value {
        let mut command = script(&self.python);
        command.arg("check").arg(&self.built);
        hosts.iter().for_each(|host| _ = command.args(["--host", host]));
        absent.iter().for_each(|text| _ = command.args(["--absent", text]));
        let output: Output = command.output().unwrap();
        assert!(output.status.success(), "{}: {}", self.folder.path().display(), said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The page of that path on the site; None when it was not built.
    pub fn page(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.built.join(path)).ok()
    }
}

fn script(python: &std::ffi::OsString) -> Command {
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/sites.py"));
    command
}
