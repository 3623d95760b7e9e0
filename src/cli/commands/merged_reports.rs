//! `bindery convert --merge-reports`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Ending};
use crate::cli::report::{Conversions, number, read};

/// Prints the failures and the summary of all reports in a folder, as one run would have.
pub fn run(context: &Context<'_>, folder: &Path, mut report: Conversions<'_>) -> Result<Ending, CliError> {
    let files = reports(folder)?;
    let merged = Merged::of(&files)?;
    let mut at = 0;
    for file in &files {
        let mut broken = None;
        read(file, &mut |event| {
            at += 1;
            let is_last = key(&event).is_some_and(|(key, _)| merged.last.get(&key).is_some_and(|last| last.at == at));
            if is_last && broken.is_none() {
                broken = report.merge(&event).err();
            }
        })?;
        broken.map_or(Ok(()), Err)?;
    }
    merged.left_out.iter().for_each(|counts| report.merge_left_out(counts));
    let ending = report.sum_up()?;
    let mut problems: Vec<String> = Vec::new();
    for file in &merged.unfinished {
        problems.push(format!("the run of {} did not end; run it again", file.display()));
    }
    for (of, parts) in &merged.shards {
        let missing = (1..=*of).filter(|part| !parts.contains(part));
        problems.extend(missing.map(|part| format!("there is no report of shard {part}/{of}; run it")));
    }
    problems.iter().for_each(|problem| context.output.problem(problem));
    Ok(if problems.is_empty() { ending } else { Ending::Failed })
}

/// Returns the reports in a folder, sorted by name.
fn reports(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let entries = std::fs::read_dir(folder).map_err(|error| {
        CliError::usage(format!("the folder {} cannot be read: {error}; check the path", folder.display()))
    })?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|name| name == "jsonl")).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(CliError::usage(format!("{} contains no report (.jsonl); check the path", folder.display())));
    }
    Ok(paths)
}

/// The event that decides about one source.
struct Last {
    file: usize,
    at: u64,
    is_converted: bool,
}

/// What the reports say together.
#[derive(Default)]
struct Merged {
    /// The deciding event of each source: the last of its report; in several reports, one that converted it.
    last: HashMap<u64, Last>,
    /// What each run left out, by reason.
    left_out: Vec<Value>,
    /// The reports whose last run did not end.
    unfinished: Vec<PathBuf>,
    /// The shards that have a report, by their number in all.
    shards: BTreeMap<u64, BTreeSet<u64>>,
}

impl Merged {
    fn of(files: &[PathBuf]) -> Result<Self, CliError> {
        let mut merged = Self::default();
        let mut at = 0;
        for (file, path) in files.iter().enumerate() {
            let (mut summary, mut shard) = (None, None);
            read(path, &mut |event| {
                at += 1;
                match event["event"].as_str() {
                    Some("begin") => (summary, shard) = (None, parse(&event["shard"])),
                    Some("summary") if event["interrupted"] == false => summary = Some(event["left_out"].clone()),
                    _ => merged.decide(&event, file, at),
                }
            })?;
            if let Some((part, of)) = shard {
                merged.shards.entry(of).or_default().insert(part);
            }
            match summary {
                Some(left_out) => merged.left_out.push(left_out),
                None => merged.unfinished.push(path.clone()),
            }
        }
        Ok(merged)
    }

    fn decide(&mut self, event: &Value, file: usize, at: u64) {
        let Some((key, is_converted)) = key(event) else { return };
        let last = self.last.entry(key).or_insert(Last { file, at, is_converted });
        if last.file == file || is_converted || !last.is_converted {
            *last = Last { file, at, is_converted };
        }
    }
}

/// Returns what an event is about, and whether it says that it was converted; None for other events.
fn key(event: &Value) -> Option<(u64, bool)> {
    let source = event["source"].as_str()?;
    match event["event"].as_str()? {
        "converted" => Some((number(source), event["outcome"] == "converted")),
        "import" => Some((number(&format!("import {source}")), true)),
        _ => None,
    }
}

/// Returns the numbers of `2/3`.
fn parse(shard: &Value) -> Option<(u64, u64)> {
    let (part, of) = shard.as_str()?.split_once('/')?;
    Some((part.parse().ok()?, of.parse().ok()?))
}
