//! `bindery convert`.

use std::io::Read;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::{Args, ValueEnum, ValueHint};

use bindery::convert::{self, Options, Run, Shard};
use bindery::extract;
use bindery::import::{Input, Kind, PAGE_CAP};
use bindery::model::{Failure, FailureKind, Stage};

use crate::cli::context::{Context, SOFTWARE, profile};
use crate::cli::error::{CliError, Ending};
use crate::cli::help::examples;
use crate::cli::report::{Conversions, Outputs, ReportFile};
use crate::cli::settings::Flags;
#[cfg(feature = "net")]
use crate::cli::settings::groups::Network;
use crate::cli::settings::groups::{Strictness, Writing};
use crate::cli::settings::values::{local_path, positive, web_url};
use crate::cli::signals;

const EXAMPLES: &str = examples!(
    "Convert one page to standard output" => "bindery convert page.html",
    "Convert a folder of pages" => "bindery convert site/ --output markdown/",
    "Convert pages from another program, one JSON object a line" => "program | bindery convert --stream",
    "Convert a WordPress export for Hexo" =>
        "bindery convert export.xml --output source/_posts --profile hexo --image-base /images/",
);

/// Convert exported HTML to Markdown, in bulk
///
/// A folder is mirrored: `convert a --output D` turns a/b/c.html into D/b/c.md. Saved pages, SingleFile, MHTML, posts of
/// Hexo, Jekyll and Hugo, WordPress exports, RSS and Atom, WARC and WACZ are recognised by their content, also inside gz,
/// zst, zip and tar files, which are read in place. Images that an input contains go to D/images under the SHA-256 of
/// their bytes. Links between the texts have the form of the profile: post_link for Hexo, relref for Hugo, post_url for
/// Jekyll, @/ for Zola, else a relative path. A post in Markdown is copied; only the URLs of its links and, with
/// --fetch-images, of its images change. Bookmarks and lists of URLs become D/NAME.jsonl, which `archive --input-file` reads. Inputs that have not
/// changed since the last run are skipped. With one input and no --output, the Markdown goes to standard output; with
/// --archive DIR, everything goes into that archive. With --stream, other programs send pages and read the texts; each
/// line has a page as `html`, or as `base64` with its `content_type`, and may have `id` and `url`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Convert {
    /// Files, folders, glob patterns; `-` is standard input
    #[arg(value_name = "PATH", required_unless_present_any = ["list_kinds", "stream", "merge_reports"], value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// List the kinds of files that are read, and exit
    #[arg(long)]
    list_kinds: bool,
    /// Convert pages from standard input, one JSON object a line; answer each with one on standard output
    #[arg(long, conflicts_with_all = ["paths", "output", "force", "shard", "url", "explain", "list_kinds"])]
    stream: bool,
    /// Write below this folder
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// Reconvert unchanged inputs
    #[arg(long)]
    force: bool,
    /// Convert only this part of the inputs, to split the work between runs: 1/8, 2/8 … 8/8
    #[arg(long, value_name = "I/N", value_parser = Share::from_str)]
    shard: Option<Share>,
    /// Append what happens to this file, one JSON object a line; run again with it, the report is continued
    #[arg(long, value_name = "FILE", requires = "output", value_hint = ValueHint::FilePath)]
    report: Option<PathBuf>,
    /// Print the failures and the summary of all reports (.jsonl) in this folder, and exit
    #[arg(long, value_name = "DIR", conflicts_with_all = ["paths", "output", "stream"], value_hint = ValueHint::DirPath)]
    merge_reports: Option<PathBuf>,
    /// Use this many threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = positive)]
    threads: Option<NonZero<usize>>,
    /// Give the page's URL (one page only)
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    /// Treat the input as the body of an article and keep all of it
    #[arg(long)]
    fragment: bool,
    /// Write no front matter
    #[arg(long)]
    no_front_matter: bool,
    /// Write this format
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    format: Format,
    /// Show on standard error what was kept or removed, and why
    #[arg(long)]
    explain: bool,
    /// Score blocks of text with this model instead of the built-in one
    #[arg(long, value_name = "FILE", conflicts_with = "fragment", value_hint = ValueHint::FilePath)]
    model: Option<PathBuf>,
    /// Fetch images that no input contains from the web; also those of Markdown posts
    #[cfg(feature = "net")]
    #[arg(long, conflicts_with = "stream")]
    fetch_images: bool,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    writing: Writing,
    #[cfg(feature = "net")]
    #[command(flatten)]
    network: Network,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Md,
    Html,
    Text,
    Json,
}

/// `1/8`.
#[derive(Debug, Clone)]
struct Share(Shard);

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (part, of) = text.split_once('/')?;
            let shard = Shard { part: part.trim().parse().ok()?, of: of.trim().parse().ok()? };
            (1..=shard.of).contains(&shard.part).then_some(Self(shard))
        };
        parse().ok_or("write it as 1/8, 2/8 … 8/8")
    }
}

impl Convert {
    /// Returns the flags that are settings.
    pub fn flags(&self, flags: Flags) -> Result<Flags, CliError> {
        let flags = flags.with(&self.strictness)?.with(&self.writing)?;
        #[cfg(feature = "net")]
        let flags = flags.with(&self.network)?;
        Ok(flags)
    }

    /// Returns the part of the inputs that is converted; None for all.
    fn shard(&self) -> Option<Shard> {
        self.shard.clone().map(|share| share.0)
    }
}

/// Where `convert` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The folder of `--output`, or standard output.
    Files,
    /// The archive that `--archive` names.
    Archive,
}

/// Converts files, folders and exports, or one page to standard output.
pub fn run(context: &Context<'_>, mut args: Convert, target: Target) -> Result<Ending, CliError> {
    if args.list_kinds {
        return list_kinds(context);
    }
    let strict = context.settings.group::<Strictness>()?.strict.into();
    let mut report = Conversions::new(context, strict);
    if let Some(folder) = &args.merge_reports {
        return super::merged_reports::run(context, folder, report);
    }
    args.paths.iter_mut().for_each(|path| *path = local_path(&path.to_string_lossy()));
    for path in &args.paths {
        super::packed::examine(path)?.iter().for_each(|known| context.output.note(known));
    }
    let options = options(context, &args)?;
    if args.explain {
        report = report.explaining();
    }
    if args.stream {
        if target == Target::Archive {
            return Err(CliError::usage("--archive cannot be combined with --stream, which writes to standard output"));
        }
        return super::stream::run(context, &options, args.threads, report);
    }
    if target == Target::Archive {
        if args.output.is_some() || args.format != Format::Md {
            return Err(CliError::usage("--archive cannot be combined with --output or --format"));
        }
        let (threads, shard, now) = (args.threads, args.shard(), (context.clock)());
        let settings =
            convert::Settings { paths: &args.paths, options: &options, threads, shard, now, software: SOFTWARE };
        return super::convert_archive::run(context, &settings, report);
    }
    match (&args.output, args.paths.as_slice()) {
        (None, [path]) if path.as_os_str() == "-" => {
            let bytes = standard_input()?;
            let converted = match bytes.trim_ascii() {
                [] => Err(Failure::new(Stage::Input, FailureKind::Empty, NO_INPUT.to_owned())),
                _ => convert::one(bytes, "standard input", &options),
            };
            report.single(path, converted.as_ref())
        }
        (None, [path]) if path.is_file() || !path.exists() => {
            let converted = convert::input(&Input::file(path), &options);
            report.single(path, converted.as_ref())
        }
        (None, _) => Err(CliError::usage("several inputs need an output folder; add --output DIR")),
        (Some(file), _) if file.is_file() => {
            let shown = file.display();
            Err(CliError::usage(format!("--output {shown} is a file; name a folder, or redirect with `> {shown}`")))
        }
        (Some(folder), _) => into_folder(context, &args, folder, &options, report),
    }
}

/// Lists the kinds of files that are read.
fn list_kinds(context: &Context<'_>) -> Result<Ending, CliError> {
    for kind in Kind::ALL {
        let object = serde_json::json!({ "kind": kind.as_str(), "description": kind.description() });
        context.output.result(&object, &format!("{:<13} {}", kind.as_str(), kind.description()))?;
    }
    Ok(Ending::Done)
}

fn options(context: &Context<'_>, args: &Convert) -> Result<Options, CliError> {
    let writing: Writing = context.settings.group()?;
    let mut profile = profile(&context.settings, &writing)?;
    profile.front_matter = !args.no_front_matter;
    let url = args.url.as_deref().map(web_url).transpose()?;
    if url.is_some() && (args.paths.len() > 1 || args.paths.iter().any(|path| path.is_dir())) {
        return Err(CliError::usage("--url names the URL of one page; convert the pages one by one, or omit --url"));
    }
    let format = match args.format {
        Format::Md => convert::Format::Markdown,
        Format::Html => convert::Format::Html,
        Format::Text => convert::Format::Text,
        Format::Json => convert::Format::Json,
    };
    let extract = extract::Options {
        fragment: args.fragment,
        comments: writing.comments,
        trace: args.explain,
        model: args.model.as_deref().map(model).transpose()?,
    };
    #[cfg(feature = "net")]
    let remote = if args.fetch_images { Some(super::remote::images(context)?) } else { None };
    #[cfg(not(feature = "net"))]
    let remote = None;
    Ok(Options { extract, format, url, remote, ..Options::new(profile) })
}

fn model(path: &Path) -> Result<Arc<extract::Model>, CliError> {
    let bytes = std::fs::read(path).map_err(|error| {
        CliError::usage(format!("the model {} cannot be read: {error}; check --model", path.display()))
    })?;
    let model = extract::Model::read(&bytes)
        .map_err(|error| CliError::usage(format!("{} is not a usable model: {error}", path.display())))?;
    Ok(Arc::new(model))
}

/// What is wrong with standard input without a page.
const NO_INPUT: &str = "standard input is empty: nothing was written to it; pipe a page into it, or name a file";

/// Reads standard input, whose kind is not known before it is read.
fn standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(PAGE_CAP + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::run(format!("standard input cannot be read: {error}; give a file instead")))?;
    if bytes.len() as u64 > PAGE_CAP {
        return Err(CliError::run(format!("standard input is larger than {PAGE_CAP} bytes, the limit for one page")));
    }
    Ok(bytes)
}

fn into_folder(
    context: &Context<'_>,
    args: &Convert,
    folder: &Path,
    options: &Options,
    mut report: Conversions<'_>,
) -> Result<Ending, CliError> {
    let spooled = SpooledInput::of(&args.paths)?;
    let paths = spooled.paths(&args.paths);
    let mut reported = None;
    if let Some(path) = &args.report {
        let (file, outputs) = ReportFile::open(path)?;
        let shard = args.shard().map(|Shard { part, of }| format!("{part}/{of}"));
        report = report.written_to(file, shard.as_deref())?;
        reported = Some(outputs);
    }
    let is_reported = reported.map(|outputs: Outputs| move |output: &Path| outputs.contains(output));
    let run = Run {
        paths,
        folder,
        options,
        threads: args.threads,
        force: args.force,
        shard: args.shard(),
        is_reported: is_reported.as_ref().map(|is_reported| is_reported as convert::IsReported<'_>),
    };
    let stop = signals::stop_flag(context.output);
    let mut broken = None;
    convert::run(&run, &mut |event| {
        broken = report.event(event).err();
        if stop.load(Ordering::Relaxed) {
            report.interrupted();
        }
        if broken.is_some() || report.must_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(|error| match error {
        convert::RunError::Plan(error) => CliError::usage(error),
        error => CliError::run(error),
    })?;
    if let Some(error) = broken {
        return Err(error);
    }
    report.sum_up()
}

/// Standard input as a file, for a run that writes into a folder: an export may be larger than memory.
struct SpooledInput {
    /// The folder, removed when the run ends.
    _folder: Option<tempfile::TempDir>,
    paths: Vec<PathBuf>,
}

impl SpooledInput {
    fn of(paths: &[PathBuf]) -> Result<Self, CliError> {
        if !paths.iter().any(|path| path.as_os_str() == "-") {
            return Ok(Self { _folder: None, paths: Vec::new() });
        }
        let failed = |error| CliError::run(format!("standard input cannot be stored: {error}; free disk space"));
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("stdin");
        let mut copy = std::fs::File::create(&file).map_err(failed)?;
        if std::io::copy(&mut std::io::stdin().lock(), &mut copy).map_err(failed)? == 0 {
            return Err(CliError::run(NO_INPUT));
        }
        let named = |path: &PathBuf| if path.as_os_str() == "-" { file.clone() } else { path.clone() };
        Ok(Self { paths: paths.iter().map(named).collect(), _folder: Some(folder) })
    }

    fn paths<'a>(&'a self, named: &'a [PathBuf]) -> &'a [PathBuf] {
        if self.paths.is_empty() { named } else { &self.paths }
    }
}
