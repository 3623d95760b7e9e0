//! All settings, as the groups declare them.

use clap::{Arg, ArgAction, Command, ValueHint};
use toml::{Table, Value};

use super::groups::{Group, Place, Recording, Strictness, Writing};
#[cfg(feature = "net")]
use super::groups::{Manners, Network, Reach};

/// The form of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One value.
    Single,
    /// `true` or `false`.
    Switch,
    /// A list of texts.
    List,
}

/// One setting.
#[derive(Clone)]
pub struct Setting {
    /// Its key in files; `--KEY` is its flag.
    pub key: String,
    pub form: Form,
    /// The help of its flag, without the default.
    pub help: String,
    /// Whether it is a path, in which `~` is the home folder.
    pub is_path: bool,
    check: fn(Table) -> Result<(), toml::de::Error>,
}

impl Setting {
    /// Returns the setting's variable.
    pub fn variable(&self) -> String {
        format!("BINDERY_{}", self.key.to_ascii_uppercase().replace('-', "_"))
    }

    /// Checks a value.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        let table = Table::from_iter([(self.key.clone(), value.clone())]);
        (self.check)(table).map_err(|error| plain(error.message()))
    }
}

/// Every setting, in the order in which `bindery config` shows them, and the defaults.
pub struct Known {
    pub settings: Vec<Setting>,
    pub defaults: Table,
}

impl Known {
    /// Returns every setting of this build.
    pub fn new() -> Self {
        let mut known = Self { settings: Vec::new(), defaults: Table::new() };
        known.add::<Place>();
        known.add::<Writing>();
        known.add::<Recording>();
        known.add::<Strictness>();
        #[cfg(feature = "net")]
        {
            known.add::<Network>();
            known.add::<Manners>();
            known.add::<Reach>();
        }
        known
    }

    fn add<G: Group>(&mut self) {
        for argument in arguments::<G>() {
            let Some(key) = argument.get_long() else { continue };
            let form = match argument.get_action() {
                ArgAction::SetTrue => Form::Switch,
                ArgAction::Append => Form::List,
                _ => Form::Single,
            };
            let is_path = matches!(argument.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath);
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let help = help.split(" [default:").next().unwrap_or_default().to_owned();
            self.settings.push(Setting { key: key.to_owned(), form, help, is_path, check: check::<G> });
        }
        self.defaults.extend(table(&G::defaults()).unwrap_or_default());
    }

    /// Returns the default of a setting; `None` if it has none.
    pub fn default_of(&self, setting: &Setting) -> Option<Value> {
        match (self.defaults.get(&setting.key), setting.form) {
            (Some(value), _) => Some(value.clone()),
            (None, Form::Switch) => Some(Value::from(false)),
            (None, Form::List) => Some(Value::Array(Vec::new())),
            (None, Form::Single) => None,
        }
    }

    /// Returns the setting of that key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }
}

fn arguments<G: Group>() -> Vec<Arg> {
    // Built, so that each argument has its action.
    let mut command = G::augment_args(Command::new("settings").disable_help_flag(true));
    command.build();
    command.get_arguments().cloned().collect()
}

/// Returns the keys of a group.
pub fn keys<G: Group>() -> Vec<String> {
    arguments::<G>().iter().filter_map(|argument| argument.get_long().map(str::to_owned)).collect()
}

fn check<G: Group>(table: Table) -> Result<(), toml::de::Error> {
    table.try_into::<G>().map(drop)
}

/// Returns what is set in a group.
///
/// # Errors
/// A path that is not valid Unicode.
pub fn table<G: Group>(group: &G) -> Result<Table, toml::ser::Error> {
    Table::try_from(group)
}

/// Returns a message of serde without terms of Rust.
fn plain(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let (found, expected) = match message.split_once("expected ") {
        Some((found, expected)) => (found, expected.trim_end()),
        None => return message.to_owned(),
    };
    let expected = match expected {
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "a nonzero usize" => "a whole number, 1 or more",
        "a boolean" => "true or false",
        "a sequence" => "a list of texts",
        "a string" | "path string" => "a text",
        other => other,
    };
    format!("{found}expected {expected}")
}
