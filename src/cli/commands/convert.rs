//! `bindery convert`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use url::Url;

use bindery::convert::{self, Converted, Format, Options};
use bindery::extract;
use bindery::model::Failure;

use crate::cli::args::Convert;
use crate::cli::{CliError, Context, Ending};

/// Converts files and folders, or one page to standard output.
pub fn run(context: &Context<'_>, args: Convert) -> Result<Ending, CliError> {
    let options = options(context, &args)?;
    let explain = args.explain;
    match (&args.output, args.paths.as_slice()) {
        (None, [path]) if path.as_os_str() == "-" => {
            let converted = convert::bytes(standard_input()?, "standard input", &options);
            to_standard_output(context, path, converted, explain)
        }
        (None, [path]) if !path.is_dir() => to_standard_output(context, path, convert::file(path, &options), explain),
        (None, _) => Err(CliError::usage("several pages need a folder to be written to; add --output DIR")),
        (Some(_), paths) if paths.iter().any(|path| path.as_os_str() == "-") => Err(CliError::usage(
            "`-` has no name to be written under; leave --output away and redirect standard output",
        )),
        (Some(folder), paths) => into_folder(context, paths, folder, &options, explain),
    }
}

fn options(context: &Context<'_>, args: &Convert) -> Result<Options, CliError> {
    let mut profile = context.profile()?;
    profile.front_matter = !args.no_front_matter;
    let url = args.url.as_deref().map(address).transpose()?;
    if url.is_some() && (args.paths.len() > 1 || args.paths.iter().any(|path| path.is_dir())) {
        return Err(CliError::usage(
            "--url names the address of one page; convert the pages one by one, or leave it away",
        ));
    }
    let format = match args.format.as_str() {
        "html" => Format::Html,
        "text" => Format::Text,
        "json" => Format::Json,
        _ => Format::Markdown,
    };
    let extract = extract::Options {
        fragment: args.fragment,
        comments: context.settings.switch("comments"),
        trace: args.explain,
        model: args.model.as_deref().map(model).transpose()?,
    };
    Ok(Options { extract, profile, format, url })
}

fn model(path: &Path) -> Result<Arc<extract::Model>, CliError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::usage(format!("the model {} cannot be read: {error}", path.display())))?;
    let model = extract::Model::read(&bytes)
        .map_err(|error| CliError::usage(format!("{} is no model that fits: {error}", path.display())))?;
    Ok(Arc::new(model))
}

/// A web address that a flag names.
pub fn address(text: &str) -> Result<Url, CliError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => Err(CliError::usage(format!(
            "`{text}` is a {}: address; give one that begins with http:// or https://",
            url.scheme()
        ))),
        Err(error) => Err(CliError::usage(format!(
            "`{text}` is no web address ({error}); give one such as https://example.org/page"
        ))),
    }
}

fn standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let cap = convert::PAGE_CAP;
    let read = std::io::stdin().lock().take(cap + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::run(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > cap {
        return Err(CliError::run(format!("standard input is larger than {cap} bytes, the limit for one page")));
    }
    Ok(bytes)
}

fn to_standard_output(
    context: &Context<'_>,
    source: &Path,
    converted: Result<Converted, Failure>,
    explain: bool,
) -> Result<Ending, CliError> {
    let output = context.output;
    match converted {
        Ok(converted) => {
            tell(context, &converted, explain);
            if output.is_json() {
                let mut event = event(source, None, Ok(&converted));
                event["text"] = converted.text.clone().into();
                output.result(&event, "")?;
            } else {
                output.raw(&converted.text)?;
            }
            Ok(Ending::Done)
        }
        Err(failure) => {
            output.failure(&event(source, None, Err(&failure)), &failure.message)?;
            Ok(Ending::PageFailed)
        }
    }
}

fn into_folder(
    context: &Context<'_>,
    paths: &[PathBuf],
    folder: &Path,
    options: &Options,
    explain: bool,
) -> Result<Ending, CliError> {
    let output = context.output;
    let jobs = convert::plan(paths, options.format).map_err(CliError::usage)?;
    output.progress().start(jobs.len() as u64, "pages");
    let mut failed = 0;
    let mut images = (0, 0);
    for job in &jobs {
        match convert::job(job, folder, options) {
            Ok(converted) => {
                tell(context, &converted, explain);
                images.0 += converted.images.0;
                images.1 += converted.images.1;
                let line = format!("{} → {}", job.source.display(), job.output.display());
                output.result(&event(&job.source, Some(&job.output), Ok(&converted)), &line)?;
            }
            Err(failure) => {
                failed += 1;
                let line = format!("{}: {}", job.source.display(), failure.message);
                output.failure(&event(&job.source, None, Err(&failure)), &line)?;
            }
        }
        output.progress().step();
    }
    let converted = jobs.len() - failed;
    let event = json!({
        "event": "summary", "command": "convert", "converted": converted, "failed": failed,
        "images": { "saved": images.0, "missing": images.1 },
    });
    let sentence =
        format!("{converted} converted, {failed} failed; {} images saved, {} left where they were", images.0, images.1);
    output.summary(&event, &sentence)?;
    Ok(if failed > 0 { Ending::PageFailed } else { Ending::Done })
}

fn tell(context: &Context<'_>, converted: &Converted, explain: bool) {
    for doubt in &converted.doubts {
        context.output.detail(&doubt.to_string());
    }
    if explain {
        for step in &converted.trace {
            context.output.problem(&crate::cli::output::step_line(step));
        }
    }
    for difference in &converted.fidelity {
        let line = format!("fidelity: {difference}");
        if explain { context.output.problem(&line) } else { context.output.detail(&line) }
    }
}

fn event(source: &Path, output: Option<&Path>, converted: Result<&Converted, &Failure>) -> serde_json::Value {
    let doubts = |converted: &Converted| converted.doubts.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "event": "converted",
        "source": source.to_string_lossy(),
        "output": output.map(|path| path.to_string_lossy()),
        "title": converted.ok().and_then(|converted| converted.title.as_deref()),
        "images": converted.ok().map(|converted| json!({ "saved": converted.images.0, "missing": converted.images.1 })),
        "fidelity": converted.ok().map(|converted| &converted.fidelity),
        "adequacy": converted.ok().map(|converted| converted.adequacy),
        "doubts": converted.ok().map(doubts).unwrap_or_default(),
        "error": converted.err(),
    })
}
