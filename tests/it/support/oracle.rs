//! Other programs that are asked what they make of our files, through a Python that has them.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::skip::skip;

/// The interpreter that `BINDERY_PYTHON` names; None, which is said, when it has not these modules.
pub fn python(modules: &str) -> Option<OsString> {
    let python = std::env::var_os("BINDERY_PYTHON");
    let has = |python: &OsString| Command::new(python).args(["-c", &format!("import {modules}")]).output().ok();
    let python = python.filter(|python| has(python).is_some_and(|output| output.status.success()));
    if python.is_none() {
        skip("python", &format!("BINDERY_PYTHON names no interpreter that has {modules}"));
    }
    python
}

/// Everything that a program printed.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Has warcio check and index the captures of an archive, and pywb replay what is expected: a URL, the SHA-256 of
/// the body, the moment of its capture (`20261123085855`) a line.
pub fn replay(python: &OsString, root: &Path, expected: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/replay.py");
    let mut command = Command::new(python);
    command.arg(script).arg(root).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(expected.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
