//! What warcio says of a file written here. Runs when `BINDERY_PYTHON` names an interpreter that has it.

use std::process::{Command, Output};

use crate::fixture::*;

fn warcio(arguments: &[&str]) -> Option<Output> {
    let python = std::env::var_os("BINDERY_PYTHON")?;
    let has_it = Command::new(&python).args(["-c", "import warcio"]).output().ok()?.status.success();
    has_it.then(|| Command::new(&python).args(["-m", "warcio.cli"]).args(arguments).output().unwrap())
}

#[test]
fn warcio_accepts_and_indexes_every_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("20261123T085855Z.warc.gz");
    std::fs::write(&path, file()).unwrap();
    let path = path.to_str().unwrap();
    let Some(check) = warcio(&["check", "-v", path]) else {
        eprintln!("skipped: BINDERY_PYTHON names no interpreter that has warcio");
        return;
    };
    let said = String::from_utf8_lossy(&check.stdout).into_owned() + &String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
    // It looks at no digest of a revisit.
    assert_eq!(said.matches("digest pass").count(), 5, "{said}");
    assert_eq!(said.matches("not checked (revisit)").count(), 2, "{said}");
    let index = warcio(&["index", "-f", "offset,length,warc-type,warc-target-uri,http:status", path]).unwrap();
    assert!(index.status.success());
    let lines: Vec<serde_json::Value> =
        String::from_utf8(index.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let entries = entries(&file()).unwrap();
    assert_eq!(lines.len(), entries.len());
    for (line, entry) in lines.iter().zip(&entries) {
        assert_eq!(line["offset"], entry.offset.to_string());
        assert_eq!(line["length"], entry.length.to_string());
        assert_eq!(line["warc-type"], entry.kind.word());
        assert_eq!(line["warc-target-uri"].as_str(), entry.target.as_deref());
    }
    assert_eq!((&lines[1]["http:status"], &lines[5]["http:status"]), (&"200".into(), &"304".into()));
}
