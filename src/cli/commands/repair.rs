//! `bindery repair`.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use bindery::archive::{self, Archive, Repair, Writer};
use bindery::model::{Finding, FindingKind};
use bindery::verify::{self, Report};

use crate::cli::context::{Context, counted, threads};
use crate::cli::error::{CliError, Ending};

/// Restore edited and damaged files from the rest of the archive
///
/// An edited or missing index.md is restored from the newest text, and a text from index.md. Images come from the
/// captures, manifests from the files that they list. A version that somebody edited is kept in .bindery/edited. If
/// something cannot be repaired, it is reported and the exit code is 4: restore it from a backup or a bag.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Only say what would be restored
    #[arg(long)]
    dry_run: bool,
}

/// Checks the archive, restores what can be restored, and checks it again.
pub fn run(context: &Context<'_>, args: &RepairArgs) -> Result<Ending, CliError> {
    let root = context.archive();
    if args.dry_run {
        return dry_run(context, &root);
    }
    let mut restored = Vec::new();
    if archive::restore_marker(&root, &context.opening()).map_err(CliError::run)? {
        let how = "is the same in every archive of this format".to_owned();
        restored.push((Repair { path: "bindery-archive.json".to_owned(), how }, None));
    }
    if Archive::open(&root).map_err(CliError::run)?.is_unfinished() {
        // What a killed run left is completed first, as every run does.
        drop(context.writer(context.opening())?);
    }
    let mut report = check(context, &root)?;
    if report.is_damaged() || !restored.is_empty() {
        let mut writer = context.writer(context.opening())?;
        let repaired = writer.repair(&report.findings, &mut |repair, kept| restored.push((repair, kept)));
        for (repair, kept) in &restored {
            print(context, "restored", repair, kept.as_deref())?;
        }
        repaired.and_then(|()| record(context, &mut writer, &restored)).map_err(CliError::run)?;
        drop(writer);
        report = check(context, &root)?;
    }
    print_remaining(context, &report.findings)?;
    sum_up(context, &root, (restored.len(), "restored"), &report)
}

/// Prints what would be restored.
fn dry_run(context: &Context<'_>, root: &Path) -> Result<Ending, CliError> {
    let mut report = check(context, root)?;
    let planned = archive::plan_repair(root, &report.findings).map_err(CliError::run)?;
    for repair in &planned {
        print(context, "would restore", repair, None)?;
    }
    report.findings.retain(|finding| !planned.iter().any(|repair| repair.path == finding.path));
    print_remaining(context, &report.findings)?;
    sum_up(context, root, (planned.len(), "would be restored"), &report)
}

fn check(context: &Context<'_>, root: &Path) -> Result<Report, CliError> {
    let progress = context.output.progress();
    progress.start(0, "folders");
    verify::archive(root, threads(), &mut |done| {
        progress.position(done.folders, done.all_folders);
        progress.bytes(done.bytes);
    })
    .map_err(CliError::run)
}

fn event(repair: &Repair, kept: Option<&str>) -> Value {
    json!({ "event": "restored", "path": repair.path, "how": repair.how, "note": kept })
}

fn print(context: &Context<'_>, word: &str, repair: &Repair, kept: Option<&str>) -> Result<(), CliError> {
    if let Some(kept) = kept {
        context.output.note(kept);
    }
    let Repair { path, how } = repair;
    context.output.done(&event(repair, kept), &format!("{word:10} {path}: it {how}"))?;
    Ok(())
}

/// Writes what was restored into the archive's own record of the run, and ends the repair.
fn record(
    context: &Context<'_>,
    writer: &mut Writer,
    restored: &[(Repair, Option<String>)],
) -> Result<(), archive::ArchiveError> {
    if restored.is_empty() {
        return writer.commit();
    }
    writer.write_event(&context.run_event("repair"))?;
    for (repair, kept) in restored {
        writer.write_event(&event(repair, kept.as_deref()))?;
    }
    writer.write_event(&json!({ "event": "summary", "restored": restored.len() }))?;
    writer.commit()
}

/// Prints the damage that remains.
fn print_remaining(context: &Context<'_>, findings: &[Finding]) -> Result<(), CliError> {
    for finding in findings.iter().filter(|finding| finding.kind.is_damage()) {
        let advice = match finding.kind {
            FindingKind::Unexpected => {
                "it was left as it is; move it out of the archive, or restore the archive from a backup"
            }
            _ => "no other file of the archive says what it was; restore it from a backup or a bag",
        };
        let event = json!({
            "event": "damaged", "kind": finding.kind.word(), "path": finding.path, "detail": finding.detail,
            "advice": advice,
        });
        let Finding { kind, path, detail, .. } = finding;
        context.output.result(&event, &format!("{:10} {path}: {detail}; {advice}", kind.word()))?;
    }
    Ok(())
}

fn sum_up(context: &Context<'_>, root: &Path, (count, verb): (usize, &str), left: &Report) -> Result<Ending, CliError> {
    let damage = left.findings.iter().filter(|finding| finding.kind.is_damage()).count();
    let event = json!({
        "event": "summary", "command": "repair", "archive": root.to_string_lossy(), "restored": count,
        "damaged": damage,
    });
    let rest = match damage {
        0 => "no damage is left".to_owned(),
        left => format!("{} cannot be repaired", counted(left as u64, "finding")),
    };
    let files = counted(count as u64, "file");
    context.output.summary(&event, &format!("{}: {files} {verb}, {rest}", root.display()))?;
    Ok(if damage > 0 { Ending::Damage } else { Ending::Done })
}
