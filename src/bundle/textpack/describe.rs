//! Reads what a TextBundle v1 or v2 says of itself. Only those of bindery contain digests; of others the structure is checked.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::FindingKind::{self, Changed, Malformed, Missing, Warning};
use crate::model::{Digest, Finding};

use crate::archive::MANIFEST;
use crate::bundle::{Description, ListedDigests, Maker, NewerVersion, Tree};

/// The description of the bundle.
pub(super) const INFO: &str = "info.json";
/// The key of what bindery adds to the description.
pub(super) const VENDOR: &str = "org.bindery";
const MAX_INFO: usize = 1 << 26;

/// Returns the description of the bundle in a folder.
pub(super) fn describe(tree: &Tree) -> Result<Description, NewerVersion> {
    let mut found = Description::default();
    let info = info(tree, &mut found)?;
    let (bytes, info) = info.unzip();
    let vendor = info.as_ref().and_then(|info| info.get(VENDOR));
    let creator = info.as_ref().and_then(|info| info.get("creatorIdentifier")).and_then(Value::as_str);
    if vendor.is_none() && creator != Some(VENDOR) && !tree.is_file(MANIFEST) {
        found.maker = Maker::Other;
    }
    let texts = tree.names().iter().filter(|name| name.starts_with("text.") && tree.is_file(name)).count();
    if texts != 1 {
        note(&mut found, if texts == 0 { Missing } else { Malformed }, "text.md", "one text", format!("{texts}"));
    }
    match (found.maker, &info) {
        (Maker::Bindery, _) => {
            found.listed = listed(&bytes.unwrap_or_default(), vendor.unwrap_or(&Value::Null), &mut found)?;
        }
        (Maker::Other, Some(_)) => note(&mut found, Warning, INFO, "digests to check the files with", "none"),
        (Maker::Other, None) => {}
    }
    Ok(found)
}

fn note(
    found: &mut Description,
    kind: FindingKind,
    path: &str,
    expected: impl Into<String>,
    actual: impl Into<String>,
) {
    found.findings.push(Finding::differing(kind, path, expected, actual));
}

/// Returns the bytes and the value of `info.json`; None if it cannot be read, which is reported.
fn info(tree: &Tree, found: &mut Description) -> Result<Option<(Vec<u8>, Value)>, NewerVersion> {
    if !tree.is_file(INFO) {
        note(found, Missing, INFO, "the description of the bundle", "nothing");
        return Ok(None);
    }
    let read = tree.read_limited(INFO, MAX_INFO).map_err(|error| error.to_string());
    let read = read.and_then(|bytes| {
        let value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        Ok((bytes, value))
    });
    let (bytes, info): (Vec<u8>, Value) = match read {
        Ok(read) => read,
        Err(cause) => {
            note(found, Malformed, INFO, "a JSON object", cause);
            return Ok(None);
        }
    };
    match info.get("version").and_then(Value::as_u64) {
        Some(1 | 2) => {}
        Some(version) if version > 2 => {
            let found = format!("a TextBundle of version {version}");
            return Err(NewerVersion { found, known: "versions 1 and 2" });
        }
        other => note(found, Malformed, INFO, "a version, 1 or 2", format!("{other:?}")),
    }
    Ok(Some((bytes, info)))
}

/// Returns the digests in `info.json` of a bundle of bindery; None if the file is damaged, which is reported.
fn listed(bytes: &[u8], vendor: &Value, found: &mut Description) -> Result<Option<ListedDigests>, NewerVersion> {
    let is_intact = is_intact(bytes, vendor);
    match vendor.get("format").and_then(Value::as_u64) {
        Some(format) if format > 1 && is_intact => {
            let found = format!("a TextPack of bindery's format {format}");
            return Err(NewerVersion { found, known: "format 1" });
        }
        _ => {}
    }
    if !is_intact {
        let stated = vendor.get("self_sha256").and_then(Value::as_str).unwrap_or("none");
        note(found, Changed, INFO, format!("its own digest {stated}, with that value empty"), "another");
        return Ok(None);
    }
    let empty = serde_json::Map::new();
    let stated = vendor.get("sha256").and_then(Value::as_object).unwrap_or(&empty);
    let digest = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut digests: BTreeMap<String, String> =
        stated.iter().map(|(path, value)| (path.clone(), digest(value))).collect();
    // It contains its own digest in another form.
    digests.insert(INFO.to_owned(), Digest::of(bytes).hex());
    Ok(Some(ListedDigests { file: INFO, digests }))
}

/// Returns whether `info.json` has the digest that it contains.
fn is_intact(bytes: &[u8], vendor: &Value) -> bool {
    let Some(stated) = vendor.get("self_sha256").and_then(Value::as_str).filter(|stated| stated.len() == 64) else {
        return false;
    };
    let with = format!("\"self_sha256\": \"{stated}\"");
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.matches(&with).count() == 1
            && Digest::of(text.replace(&with, "\"self_sha256\": \"\"").as_bytes()).hex() == stated
    })
}
