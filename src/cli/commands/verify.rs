//! `bindery verify`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use indicatif::HumanBytes;
use serde_json::json;

use bindery::archive::Archive;
use bindery::bundle::{self, SignatureCheck};
use bindery::model::{Finding, FindingKind};
use bindery::verify::{self, Report, Subject};

use crate::cli::colour::{Colour, Role};
use crate::cli::context::{Context, counted, threads};
use crate::cli::error::{CliError, Ending};

/// Check an archive or a bundle, down to every byte
///
/// Hashes every file and compares it with the manifests, every image with its name and every text with its record.
/// Bundles are bags (of any program), WACZ and TextPack files; they are read in place. Each difference is one line on
/// standard output. Damage ends with exit code 4. Files that a killed run left (`unfinished`) and files that are not the
/// archive's (`foreign`) are reported, but are not damage.
#[derive(Debug, Args)]
pub struct Verify {
    /// Archives and bundles [default: the archive]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Show the chain from an article to what the server sent, with the commands that repeat each step
    #[arg(long, value_name = "ARTICLE", conflicts_with_all = ["paths", "public_key"])]
    explain: Option<String>,
    /// Also exit with code 4 if there are foreign files, or a run was killed
    #[arg(long)]
    strict: bool,
    /// Also check each bundle's signature (BUNDLE.minisig), which covers the whole file, with this minisign key
    #[arg(long, value_name = "FILE", requires = "paths", value_hint = ValueHint::FilePath)]
    public_key: Option<PathBuf>,
}

/// Checks every archive that was named, else the archive of the settings. One that cannot be checked does not end the run.
pub fn run(context: &Context<'_>, args: Verify) -> Result<Ending, CliError> {
    if let Some(asked) = &args.explain {
        return explain(context, asked);
    }
    let prefix = if args.paths.len() > 1 { Prefix::Path } else { Prefix::None };
    let strictness = if args.strict { Strictness::Everything } else { Strictness::Damage };
    let check = Check { context, strictness, key: args.public_key, prefix };
    let paths: Vec<PathBuf> = if args.paths.is_empty() { vec![context.archive()] } else { args.paths };
    let mut ending = Ending::Done;
    for path in &paths {
        match check.path(path) {
            Ok(true) if ending == Ending::Done => ending = Ending::Damage,
            Ok(_) => {}
            Err(error) if error.is_closed_pipe() => return Err(error),
            Err(error) => {
                print_failure(context, path, &error)?;
                ending = Ending::Failed;
            }
        }
    }
    Ok(ending)
}

fn print_failure(context: &Context<'_>, path: &Path, error: &CliError) -> Result<(), CliError> {
    context.output.progress().clear();
    let event = json!({ "event": "failed", "archive": path.to_string_lossy(), "message": error.to_string() });
    context.output.failure(&event, &format!("bindery: {error}"))?;
    Ok(())
}

/// Which findings end with exit code 4.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Damage.
    Damage,
    /// Foreign files and unfinished runs too.
    Everything,
}

impl Strictness {
    fn refuses(self, report: &Report) -> bool {
        let is_refused = |kind| matches!(kind, FindingKind::Foreign | FindingKind::Unfinished);
        let is_strict = self == Self::Everything;
        report.is_damaged() || is_strict && report.findings.iter().any(|finding| is_refused(finding.kind))
    }
}

/// How each archive or bundle is checked.
struct Check<'a> {
    context: &'a Context<'a>,
    strictness: Strictness,
    /// The key of the bundles' signatures.
    key: Option<PathBuf>,
    /// Whether findings name their archive or bundle.
    prefix: Prefix,
}

impl Check<'_> {
    /// Checks one archive or bundle, and returns whether it ends the run with exit code 4.
    fn path(&self, path: &Path) -> Result<bool, CliError> {
        let progress = self.context.output.progress();
        progress.start(0, "folders");
        let mut report = verify::any(path, threads(), &mut |done| {
            progress.position(done.folders, done.all_folders);
            progress.bytes(done.bytes);
        })
        .map_err(CliError::run)?;
        self.signature(path, &mut report)?;
        print(self.context, path, self.prefix, &report)?;
        sum_up(self.context, path, &report)?;
        Ok(self.strictness.refuses(&report))
    }

    /// Checks a bundle's signature, or says that it was not checked.
    fn signature(&self, path: &Path, report: &mut Report) -> Result<(), CliError> {
        let signature = bundle::signature_path(path);
        let name = signature.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(key) = &self.key else {
            if report.subject != Subject::Archive && signature.is_file() {
                self.context.output.note(&format!("{name} was not checked; give its key with --public-key"));
            }
            return Ok(());
        };
        match bundle::check_signature(path, key).map_err(CliError::run)? {
            SignatureCheck::Invalid { fault } => {
                let expected = format!("a signature of this bundle by the key in {}", key.display());
                report.findings.push(Finding::differing(FindingKind::Changed, name, expected, fault));
            }
            SignatureCheck::Valid { comment } => {
                let key = key.display();
                let covered = path.display();
                let sentence =
                    format!("{name}: the signature is valid: every byte of {covered} by the key in {key} ({comment})");
                self.context.output.note(&sentence);
            }
        }
        Ok(())
    }
}

/// Whether each finding's line begins with the path of its archive or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// It does not, since there is only one.
    None,
    /// It does.
    Path,
}

/// Prints one line for each finding.
pub fn print(context: &Context<'_>, path: &Path, prefix: Prefix, report: &Report) -> Result<(), CliError> {
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
        let prefix = if prefix == Prefix::Path { format!("{}: ", path.display()) } else { String::new() };
        let word = output.colour().paint(role(finding.kind), &format!("{:10}", finding.kind.word()));
        let rest = Colour::Never.paint(Role::Place, &format!("{prefix}{}: {}", finding.path, finding.detail));
        output.coloured(&event, &format!("{word} {rest}"))?;
    }
    Ok(())
}

/// Returns the colour of a kind of finding.
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

fn sum_up(context: &Context<'_>, path: &Path, report: &Report) -> Result<(), CliError> {
    let damage = report.findings.iter().filter(|finding| finding.kind.is_damage()).count();
    let event = json!({
        "event": "summary", "command": "verify", "archive": path.to_string_lossy(), "subject": report.subject.word(),
        "files": report.files,
        "bytes": report.bytes, "articles": report.articles, "images": report.images,
        "findings": report.findings.len(), "damaged": damage > 0,
        "unfinished": report.count(FindingKind::Unfinished), "foreign": report.count(FindingKind::Foreign),
    });
    let what = match report.subject {
        Subject::Archive => String::new(),
        bundle => format!("{}, ", bundle.word()),
    };
    let sentence = format!(
        "{}: {what}{}; {}, {}, {}, {}",
        path.display(),
        state(report, damage as u64),
        counted(report.articles, "article"),
        counted(report.images, "image"),
        counted(report.files, "file"),
        HumanBytes(report.bytes)
    );
    context.output.summary(&event, &sentence)?;
    if damage > 0 && report.subject == Subject::Archive {
        context.output.note("`bindery repair` restores what the rest of the archive still holds");
    }
    Ok(())
}

/// Returns what was found, in one line.
fn state(report: &Report, damage: u64) -> String {
    let count = |kind| report.count(kind) as u64;
    let mut state = match damage {
        0 => "no damage found".to_owned(),
        findings => format!("DAMAGED: {}", counted(findings, "finding")),
    };
    match count(FindingKind::Pending) {
        0 => {}
        1 => state.push_str(", 1 file is newer than its manifest, since a run is under way"),
        many => state.push_str(&format!(", {many} files are newer than their manifests, since a run is under way")),
    }
    if count(FindingKind::Unfinished) > 0 {
        let files = counted(count(FindingKind::Unfinished), "file");
        state.push_str(&format!(", a run did not end ({files} unfinished; the next run completes it)"));
    }
    for (kind, thing) in [(FindingKind::Foreign, "foreign path"), (FindingKind::Warning, "warning")] {
        if count(kind) > 0 {
            state.push_str(&format!(", {}", counted(count(kind), thing)));
        }
    }
    state
}
