//! `bindery bundle`.

use std::path::Path;

use indicatif::HumanBytes;
use serde_json::json;

use bindery::archive::Archive;
use bindery::bundle::{self, Format, Made, Making, Selection};
use bindery::model::Timestamp;

use crate::cli::args::Bundle;
use crate::cli::{CliError, Context, Ending, SOFTWARE};

const DAY: i64 = 24 * 60 * 60;

/// Packs the selected articles.
pub fn run(context: &Context<'_>, args: Bundle) -> Result<Ending, CliError> {
    let archive = Archive::open(&context.archive()).map_err(CliError::run)?;
    let selection = Selection {
        selectors: args.selectors.clone(),
        since: args.since.as_deref().map(|text| when("--since", text, false)).transpose()?,
        until: args.until.as_deref().map(|text| when("--until", text, true)).transpose()?,
        tags: args.tag.clone(),
        folders: None,
    };
    let making = Making { selection, date: source_date()?, software: SOFTWARE.to_owned() };
    let format = match args.format.as_str() {
        "wacz" => Format::Wacz,
        "textpack" => Format::TextPack,
        _ => Format::Bag,
    };
    let progress = context.output.progress();
    progress.start(0, "bytes");
    let mut told = |done, all| progress.position(done, all);
    let path = args.output.as_path();
    let made = match format {
        Format::Bag => bundle::bag(&archive, path, &making, &mut told),
        Format::Wacz => bundle::wacz(&archive, path, &making, &mut told),
        Format::TextPack => {
            let as_folder =
                path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
            bundle::textpack(&archive, path, as_folder, &making, &mut told)
        }
    };
    let made = made.map_err(CliError::run)?;
    tell(context, &args.format, path, &made)?;
    Ok(Ending::Done)
}

fn tell(context: &Context<'_>, format: &str, path: &Path, made: &Made) -> Result<(), CliError> {
    for (folder, why) in &made.skipped {
        context.output.note(&format!("{folder} is not in the bundle: {why}"));
    }
    let size = path.metadata().ok().filter(|meta| meta.is_file()).map_or(made.bytes, |meta| meta.len());
    let event = json!({
        "event": "summary", "command": "bundle", "format": format, "path": path.to_string_lossy(),
        "articles": made.articles, "files": made.files, "bytes": size, "skipped": made.skipped.len(),
    });
    let sentence =
        format!("{}: {} articles, {} files, {}", path.display(), made.articles, made.files, HumanBytes(size));
    context.output.summary(&event, &sentence)?;
    Ok(())
}

/// The date that reproducible builds set for everything they make.
fn source_date() -> Result<Option<Timestamp>, CliError> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let second = text.to_str().and_then(|text| text.parse().ok()).and_then(Timestamp::from_second);
    match second {
        Some(date) => Ok(Some(date)),
        None => Err(CliError::usage("SOURCE_DATE_EPOCH is no number of seconds since 1970; unset it or set one")),
    }
}

/// An instant, or a day: its first second, or its last.
fn when(flag: &str, text: &str, is_end: bool) -> Result<Timestamp, CliError> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let day: Result<Timestamp, _> = format!("{text}T00:00:00Z").parse();
    let last = |begin: Timestamp| Timestamp::from_second(begin.as_second() + DAY - 1).unwrap_or(begin);
    match day {
        Ok(begin) => Ok(if is_end { last(begin) } else { begin }),
        Err(_) => Err(CliError::usage(format!(
            "{flag}: `{text}` is neither a day such as 2026-11-23 nor an instant such as 2026-11-23T08:58:55Z"
        ))),
    }
}
