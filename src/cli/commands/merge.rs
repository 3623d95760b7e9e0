//! `bindery merge`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueHint};
use serde_json::{Value, json};

use bindery::archive::{Archive, ArchiveError, MergeEvent, MergedArticle, Writer, private_file};
use bindery::bundle;
use bindery::convert::{self, ArchiveEvent, Options};
use bindery::model::Outcome;
use bindery::verify::{self, Subject};

use crate::cli::context::{Context, SOFTWARE, counted, profile, threads};
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::settings::groups::Writing;
use crate::cli::signals;

/// The folder for the archive of a bag while it is merged.
const STAGING: &str = "merge";

const EXAMPLES: &str = examples!(
    "Merge the archive in a folder into ./bindery-archive" => "bindery merge ../laptop/bindery-archive",
    "Merge a bag into another archive" => "bindery merge all.zip --archive library",
    "Merge the captures of a WACZ" => "bindery merge captures.wacz",
);

/// Merge other archives into yours
///
/// Adds everything that another archive, or a bag of one, has: texts with their front matter as written, captures,
/// images, URLs, visits and tombstones. Texts of one article are ordered by their capture. Merging again changes
/// nothing. Articles that were removed from this archive after their last visit stay removed. A WACZ has no texts: its
/// pages are extracted again.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Merge {
    /// Archives, bags (a file or a folder), WACZ files
    #[arg(value_name = "OTHER", required = true, value_hint = ValueHint::AnyPath)]
    others: Vec<PathBuf>,
}

/// What can be merged.
enum Other {
    /// The archive in a folder.
    Archive(Archive),
    /// A bag with an archive.
    Bag,
    /// Captures.
    Wacz,
    /// A bundle that is damaged.
    Damaged(verify::Report),
}

/// Merges one archive after the other.
pub fn run(context: &Context<'_>, args: Merge) -> Result<Ending, CliError> {
    // All are looked at before one is merged.
    let others: Vec<(&PathBuf, Other)> =
        args.others.iter().map(|path| Ok((path, open(path)?))).collect::<Result<_, CliError>>()?;
    for (path, other) in &others {
        if let Other::Damaged(report) = other {
            super::verify::print(context, path, super::verify::Prefix::None, report)?;
            context.output.problem(&format!("bindery: {} is damaged, and nothing was merged", path.display()));
            return Ok(Ending::Damage);
        }
    }
    let mut writer = context.writer(context.opening())?;
    let stop = signals::stop_flag(context.output);
    let mut run = Run { context, stop: &stop, totals: Totals::default(), is_recorded: false, broken: None };
    let merged = others.into_iter().try_for_each(|(path, other)| match run.must_stop() {
        true => Ok(()),
        false => run.merge(&mut writer, path, other),
    });
    // Whatever ended the run: what was done until then is sealed.
    let noted = run.record(&mut writer, &run.summary());
    let committed = writer.commit().map_err(CliError::run);
    merged?;
    noted.and(committed)?;
    run.sum_up()
}

/// Finds out what a path is.
fn open(path: &Path) -> Result<Other, CliError> {
    match Archive::open(path) {
        Ok(archive) => return Ok(Other::Archive(archive)),
        Err(ArchiveError::NotAnArchive { .. }) => {}
        Err(_) if path.is_file() => {}
        Err(error) => return Err(CliError::usage(error)),
    }
    let refuse = || {
        CliError::usage(format!(
            "{} is not an archive, a bag or a WACZ; `bindery convert --archive` takes in other exports",
            path.display()
        ))
    };
    let report = verify::any(path, threads(), &mut |_| {}).map_err(|_| refuse())?;
    match report.subject {
        Subject::Bundle("bag" | "wacz") if report.is_damaged() => Ok(Other::Damaged(report)),
        Subject::Bundle("bag") => Ok(Other::Bag),
        Subject::Bundle("wacz") => Ok(Other::Wacz),
        _ => Err(refuse()),
    }
}

/// A folder in the archive's working files, for an archive that is made for the merge.
struct Staging(PathBuf);

impl Staging {
    fn new(root: &Path) -> Result<Self, CliError> {
        let staging = Self(private_file(root, STAGING));
        // Left by a process that was killed.
        staging.clear()?;
        Ok(staging)
    }

    fn clear(&self) -> Result<(), CliError> {
        match std::fs::remove_dir_all(&self.0) {
            Err(error) if self.0.exists() => {
                Err(CliError::run(format!("{} cannot be removed: {error}", self.0.display())))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Default)]
struct Totals {
    new: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    failed: u64,
    damaged: u64,
    interrupted: bool,
}

struct Run<'a> {
    context: &'a Context<'a>,
    stop: &'a AtomicBool,
    totals: Totals,
    /// Whether the archive's record of the run has begun: a run that changes nothing leaves none.
    is_recorded: bool,
    broken: Option<CliError>,
}

impl Run<'_> {
    fn must_stop(&mut self) -> bool {
        self.totals.interrupted |= self.stop.load(Ordering::Relaxed);
        self.totals.interrupted || self.broken.is_some()
    }

    fn merge(&mut self, writer: &mut Writer, path: &Path, other: Other) -> Result<(), CliError> {
        match other {
            Other::Archive(archive) => self.archive(writer, &archive),
            Other::Bag => self.bag(writer, path),
            Other::Wacz => self.wacz(writer, path),
            Other::Damaged(_) => Ok(()),
        }
    }

    fn archive(&mut self, writer: &mut Writer, other: &Archive) -> Result<(), CliError> {
        let from = other.root().to_owned();
        let merged = writer.merge(other, &mut |writer, event| self.take(writer, &from, event));
        self.broken.take().map_or(Ok(()), Err)?;
        merged.map_err(|error| match error {
            ArchiveError::MergeOfItself { .. } | ArchiveError::UnfinishedRun { .. } => CliError::usage(error),
            error => CliError::run(error),
        })
    }

    /// Merges the archive in a bag, which is unpacked for that.
    fn bag(&mut self, writer: &mut Writer, path: &Path) -> Result<(), CliError> {
        let staging = Staging::new(writer.root())?;
        bundle::restore(path, &staging.0, self.stop, &mut |_, _| {}).map_err(CliError::run)?;
        let archive = Archive::open(&staging.0).map_err(CliError::run)?;
        let merged = self.archive(writer, &archive);
        merged.and(staging.clear())
    }

    /// Merges an archive that is made of the captures in a WACZ, so that its texts take their places by time.
    fn wacz(&mut self, writer: &mut Writer, path: &Path) -> Result<(), CliError> {
        let staging = Staging::new(writer.root())?;
        let writing: Writing = self.context.settings.group()?;
        let options = Options::new(profile(&self.context.settings, &writing)?);
        let paths = [path.to_owned()];
        let now = (self.context.clock)();
        let settings =
            convert::Settings { paths: &paths, options: &options, threads: None, shard: None, now, software: SOFTWARE };
        let mut made = Writer::open(&staging.0, self.context.opening()).map_err(CliError::run)?;
        let ran = convert::into_archive(&settings, &mut made, &mut |_, kept| {
            let failed = match kept {
                ArchiveEvent::Article { outcome: Outcome::Failed(failure), url, .. } => {
                    Some(MergedArticle::failed_page(url.unwrap_or_default(), failure))
                }
                ArchiveEvent::Run(convert::Event::Failed { source, failure }) => {
                    Some(MergedArticle::failed_page(source, failure))
                }
                _ => None,
            };
            failed.map_or(ControlFlow::Continue(()), |page| self.take(writer, Path::new(""), MergeEvent::Article(page)))
        });
        made.commit().map_err(CliError::run)?;
        drop(made);
        self.broken.take().map_or(Ok(()), Err)?;
        ran.map_err(CliError::run)?;
        let archive = Archive::open(&staging.0).map_err(CliError::run)?;
        let merged = if self.must_stop() { Ok(()) } else { self.archive(writer, &archive) };
        merged.and(staging.clear())
    }

    fn take(&mut self, writer: &mut Writer, from: &Path, event: MergeEvent) -> ControlFlow<()> {
        let taken = match event {
            MergeEvent::Article(article) => self.article(writer, &article),
            MergeEvent::Damage(path, cause) => {
                self.totals.damaged += 1;
                self.context.output.problem(&format!("bindery: {} {cause}", from.join(path).display()));
                Ok(())
            }
            MergeEvent::Note(note) => {
                self.context.output.note(&note);
                Ok(())
            }
        };
        self.broken = taken.err();
        if self.must_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn article(&mut self, writer: &mut Writer, article: &MergedArticle) -> Result<(), CliError> {
        let path = article.folder.as_ref().map(|folder| format!("{folder}/index.md"));
        let mut event = json!({
            "event": "article", "outcome": article.outcome.word(), "url": article.url, "title": article.title,
            "path": path, "texts": article.texts,
        });
        let output = self.context.output;
        let word = article.outcome.word();
        let line = format!("{word:<9} {}", path.as_deref().unwrap_or(&article.url));
        match &article.outcome {
            Outcome::New | Outcome::Updated(_) => {
                self.totals.new += u64::from(article.outcome == Outcome::New);
                self.totals.updated += u64::from(article.outcome != Outcome::New);
                self.record(writer, &event)?;
                output.done(&event, &format!("{line}  ({})", counted(article.texts as u64, "text")))?;
            }
            Outcome::Unchanged => {
                self.totals.unchanged += 1;
                output.done(&event, &line)?;
            }
            Outcome::Skipped(reason) => {
                self.totals.skipped += 1;
                event["reason"] = reason.clone().into();
                output.done(&event, &format!("{word:<9} {reason}"))?;
            }
            Outcome::Failed(failure) => {
                self.totals.failed += 1;
                self.totals.damaged += u64::from(article.is_damaged);
                event["error"] = json!(failure);
                self.record(writer, &event)?;
                output.failure(&event, &format!("bindery: {}", failure.message))?;
            }
        }
        Ok(())
    }

    /// Appends an event to the archive's record of the run, which the first change begins.
    fn record(&mut self, writer: &mut Writer, event: &Value) -> Result<(), CliError> {
        if !self.is_recorded {
            if event["event"] == "summary" {
                return Ok(());
            }
            writer.write_event(&self.context.run_event("merge")).map_err(CliError::run)?;
            self.is_recorded = true;
        }
        writer.write_event(event).map_err(CliError::run)
    }

    fn summary(&self) -> Value {
        let Totals { new, updated, unchanged, skipped, failed, damaged, interrupted } = self.totals;
        json!({
            "event": "summary", "command": "merge", "archive": self.context.archive().to_string_lossy(), "new": new,
            "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed, "damaged": damaged,
            "interrupted": interrupted,
        })
    }

    fn sum_up(self) -> Result<Ending, CliError> {
        let Totals { new, updated, unchanged, skipped, failed, damaged, interrupted } = self.totals;
        let damage = if damaged > 0 { ", with damage" } else { "" };
        let sentence = format!(
            "{new} new, {updated} updated, {unchanged} unchanged, {skipped} skipped, {failed} failed{damage}; in {}",
            self.context.archive().display()
        );
        self.context.output.summary(&self.summary(), &sentence)?;
        Ok(match (interrupted, damaged, failed) {
            (true, ..) => Ending::Interrupted,
            (_, 1.., _) => Ending::Damage,
            (_, _, 1..) => Ending::PageFailed,
            _ => Ending::Done,
        })
    }
}
