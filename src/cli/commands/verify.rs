//! `bindery verify`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use indicatif::HumanBytes;
use serde_json::json;

use bindery::archive::Archive;
use bindery::bundle;
use bindery::model::{Finding, FindingKind};
use bindery::verify::{self, Report, Subject};

use crate::cli::colour::{Colour, Role};
use crate::cli::context::{Context, counted, threads};
use crate::cli::error::{CliError, Ending};

/// Check an archive or a bundle, down to every byte
///
/// Hashes every file and compares it with the manifests, every image with its name and every text with its record.
/// Bundles are bags (of any program), WACZ and TextPack files; they are read in place. Each difference is one line on
/// standard output.
#[derive(Debug, Args)]
pub struct Verify {
    /// Archives and bundles [default: the archive]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Show the chain from an article to what the server sent, with the commands that repeat each step
    #[arg(long, value_name = "ARTICLE", conflicts_with_all = ["paths", "public_key"])]
    explain: Option<String>,
    /// Also check each bundle's signature (BUNDLE.minisig) with this minisign key
    #[arg(long, value_name = "FILE", requires = "paths", value_hint = ValueHint::FilePath)]
    public_key: Option<PathBuf>,
}

/// Checks every archive that was named, else the archive of the settings.
pub fn run(context: &Context<'_>, args: Verify) -> Result<Ending, CliError> {
    if let Some(asked) = &args.explain {
        return explain(context, asked);
    }
    let paths: Vec<PathBuf> = if args.paths.is_empty() { vec![context.archive()] } else { args.paths };
    let mut damaged = false;
    for path in &paths {
        let several = paths.len() > 1;
        damaged |= check(context, path, several, args.public_key.as_deref())?;
    }
    Ok(if damaged { Ending::Damage } else { Ending::Done })
}

/// Checks one archive or bundle, and returns whether it is damaged.
fn check(context: &Context<'_>, path: &Path, named: bool, key: Option<&Path>) -> Result<bool, CliError> {
    let output = context.output;
    let progress = output.progress();
    progress.start(0, "folders");
    let mut report = verify::any(path, threads(), &mut |done| {
        progress.position(done.folders, done.all_folders);
        progress.bytes(done.bytes);
    })
    .map_err(CliError::run)?;
    if let Some(key) = key {
        let signature = bundle::signature_path(path);
        let name = signature.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match bundle::check_signature(path, key).map_err(CliError::run)? {
            Some(fault) => {
                let expected = format!("a signature of this bundle by the key in {}", key.display());
                report.findings.push(Finding::differing(FindingKind::Changed, name, expected, fault));
            }
            None => context.output.note(&format!("{name}: the signature is valid")),
        }
    }
    tell(context, path, named, &report)?;
    let damaged = report.is_damaged();
    sum_up(context, path, &report, damaged)?;
    Ok(damaged)
}

/// One line for each finding; `named` puts the path of the archive or bundle before it.
pub fn tell(context: &Context<'_>, path: &Path, named: bool, report: &Report) -> Result<(), CliError> {
    let output = context.output;
    for finding in &report.findings {
        let mut event = json!({
            "event": "finding", "kind": finding.kind.word(), "path": finding.path, "detail": finding.detail,
            "archive": path.to_string_lossy(),
        });
        for (key, value) in [("expected", &finding.expected), ("found", &finding.found)] {
            if let Some(value) = value {
                event[key] = json!(value);
            }
        }
        let prefix = if named { format!("{}: ", path.display()) } else { String::new() };
        let word = output.colour().paint(role(finding.kind), &format!("{:10}", finding.kind.word()));
        let rest = Colour::Never.paint(Role::Place, &format!("{prefix}{}: {}", finding.path, finding.detail));
        output.coloured(&event, &format!("{word} {rest}"))?;
    }
    Ok(())
}

/// Returns the colour of a kind of finding: damage, or something to know.
fn role(kind: FindingKind) -> Role {
    match kind {
        FindingKind::Missing | FindingKind::Changed | FindingKind::Malformed => Role::Removed,
        _ => Role::Notice,
    }
}

/// Prints the chain of one article: a line for each step, and below it the command that repeats it.
fn explain(context: &Context<'_>, asked: &str) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let entry = super::only(archive.find(asked).map_err(CliError::run)?, asked)?;
    let mut broken = false;
    context.output.note(&format!("in {}:", archive.root().display()));
    for link in verify::explain(&archive, &entry) {
        broken |= link.fault.is_some();
        let event = json!({
            "event": "link", "what": link.what, "value": link.value, "holds": link.fault.is_none(), "found": link.fault,
            "command": link.command,
        });
        let (state, role) = if link.fault.is_some() { ("BROKEN ", Role::Removed) } else { ("ok     ", Role::Added) };
        let state = context.output.colour().paint(role, state);
        let mut line = format!(" {}", link.what);
        for more in [&link.value, &link.fault.map(|fault| format!("found: {fault}")).unwrap_or_default()] {
            if !more.is_empty() {
                line.push_str(&format!("  {more}"));
            }
        }
        if !link.command.is_empty() {
            line.push_str(&format!("\n        $ {}", link.command));
        }
        context.output.coloured(&event, &format!("{state}{}", Colour::Never.paint(Role::Place, &line)))?;
    }
    Ok(if broken { Ending::Damage } else { Ending::Done })
}

fn sum_up(context: &Context<'_>, path: &Path, report: &Report, damaged: bool) -> Result<(), CliError> {
    let event = json!({
        "event": "summary", "command": "verify", "archive": path.to_string_lossy(), "subject": report.subject.word(),
        "files": report.files,
        "bytes": report.bytes, "articles": report.articles, "images": report.images,
        "findings": report.findings.len(), "damaged": damaged,
    });
    let count = |kind| report.findings.iter().filter(|finding| finding.kind == kind).count();
    let (pending, warnings) = (count(FindingKind::Pending), count(FindingKind::Warning));
    let mut state = match (damaged, report.findings.len() - warnings) {
        (false, 0) => "no damage found".to_owned(),
        (false, 1) => "1 file is newer than its manifest, since a run is under way".to_owned(),
        (false, _) => format!("{pending} files are newer than their manifests, since a run is under way"),
        (true, findings) => format!("DAMAGED: {}", counted(findings as u64, "finding")),
    };
    if warnings > 0 {
        state.push_str(&format!(", {}", counted(warnings as u64, "warning")));
    }
    let what = match report.subject {
        Subject::Archive => String::new(),
        bundle => format!("{}, ", bundle.word()),
    };
    let sentence = format!(
        "{}: {what}{state}; {}, {}, {}, {}",
        path.display(),
        counted(report.articles, "article"),
        counted(report.images, "image"),
        counted(report.files, "file"),
        HumanBytes(report.bytes)
    );
    context.output.summary(&event, &sentence)?;
    Ok(())
}
