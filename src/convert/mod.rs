//! Bulk conversion: files, folders and exports to Markdown, in mirrored folders, with the images that the inputs
//! contain.
//!
//! [`run`] converts many inputs on all cores; [`one`] converts a single input without writing anything; [`stream`] answers
//! pages one a line, for programs in other languages.

mod archive;
mod carried;
mod event;
mod images;
mod job;
mod joined;
mod link_map;
mod links;
mod mark;
mod options;
mod parallel;
mod place;
mod plan;
mod posts;
mod produce;
mod rebuild;
mod run;
mod site_links;
mod stream;
mod write;

use std::ops::ControlFlow;
use std::path::Path;

use crate::import::{self, Input, ItemContent, Kind};
use crate::model::{Failure, FailureKind, ImageMap, Stage};

#[doc(hidden)]
pub use archive::{ArchiveEvent, IntoArchiveError, Settings, into_archive};
pub use event::{Event, RunError};
#[doc(hidden)]
pub use images::Remote;
pub use options::{Converted, Format, Options};
pub use plan::{Plan, PlanError};
pub use produce::{IsReported, Shard};
#[doc(hidden)]
pub use rebuild::{Change, RebuildError, RebuildOptions, rebuild};
pub use run::{Run, run};
pub use stream::{Answer, LINE_CAP, Stream, StreamError, stream};

/// Converts the bytes of one input that contains one page. `name` is its name in messages. Image links stay unchanged.
///
/// # Errors
/// The input contains nothing that can be converted, or more than one page.
pub fn one(bytes: Vec<u8>, name: &str, options: &Options) -> Result<Converted, Failure> {
    input(&Input::memory(bytes, name), options)
}

/// Converts one input that contains one page: a file, or anything else that can be opened.
///
/// # Errors
/// As [`one`]; or it cannot be read.
#[doc(hidden)]
pub fn input(input: &Input, options: &Options) -> Result<Converted, Failure> {
    let start = input.start().map_err(|error| write::input_failure(&error))?;
    let kind = import::named_kind(Path::new(input.name()), &start).unwrap_or(Kind::Page);
    job::check(input, kind, options)?;
    let location = input.path().filter(|_| matches!(kind, Kind::Page | Kind::Notion)).and_then(import::location_of);
    let mut items = Vec::new();
    let mut sink = |item| {
        items.push(item);
        if items.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let report =
        import::open(input, kind, location.as_ref(), &mut sink).map_err(|error| write::input_failure(&error))?;
    let name = input.name();
    let refuse = |kind, message: String| Err(Failure::new(Stage::Input, kind, message));
    match (items.pop(), items.is_empty()) {
        (Some(item), true) if !matches!(item.content, ItemContent::File(..)) => {
            write::item(job::with_url(item, options.url.as_ref()), options, &mut |_| Ok(ImageMap::new()))
        }
        (Some(_), _) => {
            refuse(FailureKind::Several, format!("{name} contains several pages; add --output DIR to write them to"))
        }
        (None, _) => {
            let cut = report.cut.map(|cut| format!(" ({cut})")).unwrap_or_default();
            refuse(
                FailureKind::Nothing,
                format!("{name} contains nothing to convert{cut}; check that it is the right file"),
            )
        }
    }
}
