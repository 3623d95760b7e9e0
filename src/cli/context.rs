//! The context of a command: settings, output, clock.

use std::path::{Path, PathBuf};

use bindery::archive::{Writer, WriterOptions};
use bindery::frontmatter::{Profile, ProfileName, Style, Template};
use bindery::model::{Clock, Tracking};

use super::error::CliError;
use super::output::Output;
use super::settings::groups::{Place, Recording, Writing};
use super::settings::{Environment, Settings};

pub use super::text::counted;

/// The program's name and version, as archives record them.
pub const SOFTWARE: &str = concat!("bindery ", env!("CARGO_PKG_VERSION"));

/// The context of a command.
pub struct Context<'a> {
    pub settings: Settings,
    pub output: &'a Output,
    pub clock: Clock,
    #[cfg_attr(not(feature = "net"), expect(dead_code, reason = "only the network has variables of other programs"))]
    pub environment: Environment,
}

impl Context<'_> {
    /// Returns the archive's folder.
    pub fn archive(&self) -> PathBuf {
        // Its value was checked when it was read.
        self.settings.group::<Place>().ok().and_then(|place| place.archive).unwrap_or_default()
    }

    /// Returns how a writer opens the archive.
    pub fn opening(&self) -> WriterOptions {
        let holder = format!("{SOFTWARE}, process {}", std::process::id());
        let mut options = WriterOptions::new(&holder, SOFTWARE, (self.clock)());
        // Its value was checked when it was read.
        let names = self.settings.group::<Recording>().map(|recording| recording.tracking_parameters);
        options.tracking = Tracking::new(&names.unwrap_or_default());
        options
    }

    /// Opens the archive for writing, and shows what the writer had to repair.
    pub fn writer(&self, opening: WriterOptions) -> Result<Writer, CliError> {
        let writer = Writer::open(&self.archive(), opening).map_err(CliError::run)?;
        writer.notes().iter().for_each(|note| self.output.note(note));
        Ok(writer)
    }

    /// Returns the first event in an archive's own record of a run.
    pub fn run_event(&self, command: &str) -> serde_json::Value {
        serde_json::json!({ "event": "run", "command": command, "software": SOFTWARE, "started": (self.clock)() })
    }
}

/// Returns how Markdown is written, by the group `writing` of the settings.
///
/// # Errors
/// The template cannot be read, the `custom` profile has none, or another profile has one.
pub fn profile(settings: &Settings, writing: &Writing) -> Result<Profile, CliError> {
    let name = writing.profile.map(|word| word.0).unwrap_or_default();
    let base = writing.image_base.clone().filter(|base| !base.is_empty());
    let image_base = base.map(|base| if base.ends_with('/') { base } else { format!("{base}/") });
    let template = match (name, &writing.template) {
        (ProfileName::Custom, Some(path)) => Some(template(path)?),
        (ProfileName::Custom, None) => {
            return Err(CliError::usage("the profile `custom` needs a template; add --template FILE"));
        }
        // A profile that overrides that of a file needs no template, and cannot take it back.
        (_, Some(path)) if !settings.is_set_after("profile", "template") => {
            let path = path.display();
            return Err(CliError::usage(format!(
                "the template {path} is for the profile `custom`, and the profile is `{name}`; add --profile custom, or omit the template"
            )));
        }
        _ => None,
    };
    let categories = writing.categories.clone();
    Ok(Profile { name, template, categories, image_base, front_matter: true, style: style(writing) })
}

fn style(writing: &Writing) -> Style {
    Style {
        engine: writing.engine.map(|word| word.0).unwrap_or_default(),
        flavour: writing.markdown.map(|word| word.0).unwrap_or_default(),
        headings: writing.heading_style.map(|word| word.0).unwrap_or_default(),
        bullets: writing.list_marker.map(|word| word.0).unwrap_or_default(),
        html: !writing.no_html,
        check: !writing.no_check,
    }
}

/// Reads a front matter template.
fn template(path: &Path) -> Result<Template, CliError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::usage(format!("the template {shown} cannot be read: {error}; check --template")))?;
    Template::new(&text).map_err(|error| CliError::usage(format!("{shown}: {error}")))
}

/// Returns as many threads as there are processors.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
