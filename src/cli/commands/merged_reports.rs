//! `bindery convert --merge-reports`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
            if merged.counted.contains(&at) && broken.is_none() {
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

/// What the reports say together. Events have numbers, which run through all reports.
#[derive(Default)]
struct Merged {
    /// The events that count.
    counted: HashSet<u64>,
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
        let mut sources = Sources::default();
        let mut at = 0;
        for path in files {
            let (mut summary, mut shard) = (None, None);
            read(path, &mut |event| {
                at += 1;
                match event["event"].as_str() {
                    Some("begin") => {
                        (summary, shard) = (None, parse(&event["shard"]));
                        sources.of_this_run.clear();
                    }
                    Some("summary") if event["interrupted"] == false => summary = Some(event["left_out"].clone()),
                    _ => sources.add(&event, at),
                }
            })?;
            sources.end_report();
            if let Some((part, of)) = shard {
                merged.shards.entry(of).or_default().insert(part);
            }
            match summary {
                Some(left_out) => merged.left_out.push(left_out),
                None => merged.unfinished.push(path.clone()),
            }
        }
        merged.counted = sources.counted();
        Ok(merged)
    }
}

/// The events about sources, each source by the hash of its name.
#[derive(Default)]
struct Sources {
    /// The last conversion of each.
    converted: HashMap<u64, u64>,
    /// The last failure of each, unless a run of another report converted it.
    failed: HashMap<u64, u64>,
    /// Events that every run repeats: failures, with their source, and events about whole exports.
    of_this_run: Vec<(Option<u64>, u64)>,
    others: Vec<u64>,
}

impl Sources {
    fn add(&mut self, event: &Value, at: u64) {
        let Some(source) = event["source"].as_str().map(number) else { return };
        match (event["event"].as_str(), event["outcome"].as_str()) {
            (Some("converted"), Some("converted")) => {
                self.converted.insert(source, at);
            }
            // The rest was converted.
            (Some("converted"), Some("failed")) if event["error"]["kind"] == "cut" => self.of_this_run.push((None, at)),
            (Some("converted"), Some("failed")) => {
                self.converted.remove(&source);
                self.of_this_run.push((Some(source), at));
            }
            (Some("import"), _) => self.of_this_run.push((None, at)),
            _ => {}
        }
    }

    /// Keeps what the last run of a report said.
    fn end_report(&mut self) {
        for (source, at) in std::mem::take(&mut self.of_this_run) {
            match source {
                Some(source) => drop(self.failed.insert(source, at)),
                None => self.others.push(at),
            }
        }
    }

    /// Returns the numbers of the events that count.
    fn counted(self) -> HashSet<u64> {
        let Self { converted, failed, others, .. } = self;
        let failed = failed.into_iter().filter(|(source, _)| !converted.contains_key(source)).map(|(_, at)| at);
        failed.chain(converted.values().copied()).chain(others).collect()
    }
}

/// Returns the numbers of `2/3`.
fn parse(shard: &Value) -> Option<(u64, u64)> {
    let (part, of) = shard.as_str()?.split_once('/')?;
    Some((part.parse().ok()?, of.parse().ok()?))
}
