//! Tests of the layers.

use std::time::Duration;

use super::groups::{Network, Writing};
use super::*;

fn around(folder: &Path, environment: &[(&str, &str)]) -> Surroundings {
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Surroundings { environment, folder: folder.to_owned() }
}

fn settings(folder: &Path, text: &str, environment: &[(&str, &str)]) -> Result<Settings, CliError> {
    std::fs::write(folder.join("bindery.toml"), text).unwrap();
    Settings::load(Flags::default(), None, &around(folder, environment))
}

fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().unwrap();
    settings(dir.path(), text, environment).err().unwrap().to_string()
}

#[cfg(feature = "net")]
/// A value for each setting that is not its default: as TOML, and as a variable has it.
const VALUES: [(&str, &str, &str); 38] = [
    ("archive", "\"news\"", "news"),
    ("profile", "\"hexo\"", "hexo"),
    ("template", "\"a.j2\"", "a.j2"),
    ("categories", "[\"新闻\", \"b\"]", "新闻, b"),
    ("image-base", "\"/images/\"", "/images/"),
    ("engine", "\"bindery\"", "bindery"),
    ("markdown", "\"commonmark\"", "commonmark"),
    ("heading-style", "\"setext\"", "setext"),
    ("list-marker", "\"*\"", "*"),
    ("comments", "true", "1"),
    ("no-html", "true", "true"),
    ("no-check", "true", "yes"),
    ("captures", "\"all\"", "all"),
    ("tracking-parameters", "[\"from_app\"]", "from_app"),
    ("check-images", "true", "1"),
    ("ignore", "[\"^今日\"]", "^今日"),
    ("strict", "true", "1"),
    ("proxy", "\"http://p.test\"", "http://p.test"),
    ("cookie-file", "\"cookies.txt\"", "cookies.txt"),
    ("header", "[\"X-A: b\"]", "X-A: b"),
    ("user-agent", "\"7\"", "7"),
    ("delay", "\"2s\"", "2s"),
    ("per-host", "3", "3"),
    ("ca-file", "\"ca.pem\"", "ca.pem"),
    ("connect-timeout", "\"5s\"", "5s"),
    ("timeout", "\"5s\"", "5s"),
    ("retries", "7", "7"),
    ("allow-private", "true", "1"),
    ("respect-robots", "true", "1"),
    ("depth", "2", "2"),
    ("within", "\"domain\"", "domain"),
    ("include", "[\"/a/*\"]", "/a/*"),
    ("exclude", "[\"/b/*\"]", "/b/*"),
    ("max-pages", "9", "9"),
    ("max-bytes", "\"2GB\"", "2GB"),
    ("since", "\"7d\"", "7d"),
    ("feeds", "true", "1"),
    ("alternates", "true", "1"),
];

#[cfg(feature = "net")]
#[test]
fn every_setting_may_stand_in_a_file_in_a_variable_and_in_a_source() {
    let keys: Vec<&str> = VALUES.iter().map(|(key, ..)| *key).collect();
    let known = Known::new();
    assert_eq!(known.settings.iter().map(|setting| setting.key.as_str()).collect::<Vec<_>>(), keys);
    for (key, toml, text) in VALUES {
        let dir = tempfile::tempdir().unwrap();
        let row = |settings: &Settings| {
            let row = settings.rows().find(|row| row.key == key).unwrap();
            (row.value.unwrap().to_string(), row.origin.unwrap().to_string())
        };
        let from_file = settings(dir.path(), &format!("{key} = {toml}"), &[]).unwrap();
        let (value, origin) = row(&from_file);
        assert!(origin.ends_with("bindery.toml"), "{key}: {origin}");
        let variable = format!("BINDERY_{}", key.to_ascii_uppercase().replace('-', "_"));
        let from_variable = settings(dir.path(), "", &[(&variable, text)]).unwrap();
        assert_eq!(row(&from_variable), (value.clone(), variable), "{key}");
        if key != "archive" {
            sources_may_set(dir.path(), key, toml, &value);
        }
    }
}

#[cfg(all(feature = "net", feature = "store"))]
fn sources_may_set(folder: &Path, key: &str, toml: &str, value: &str) {
    let text = format!("[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\n{key} = {toml}\n");
    let all = settings(folder, &text, &[]).unwrap();
    let own = all.of_source(&all.sources()[0]);
    let row = own.rows().find(|row| row.key == key).unwrap();
    assert_eq!(row.value.unwrap().to_string(), value, "{key}");
    assert!(row.origin.unwrap().to_string().ends_with("bindery.toml, source `a`"), "{key}");
}

#[cfg(not(all(feature = "net", feature = "store")))]
fn sources_may_set(_: &Path, _: &str, _: &str, _: &str) {}

#[cfg(feature = "net")]
#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bindery.toml"), "profile = \"hexo\"\nretries = 1\nuser-agent = \"x\"\n").unwrap();
    let around = around(dir.path(), &[("BINDERY_RETRIES", "2"), ("BINDERY_USER_AGENT", "y")]);
    let flags = Flags::default().with(&Network { user_agent: Some("z".into()), ..Network::default() }).unwrap();
    let settings = Settings::load(flags, None, &around).unwrap();
    let network: Network = settings.group().unwrap();
    assert_eq!(settings.group::<Writing>().unwrap().profile.unwrap().0.as_str(), "hexo");
    assert_eq!((network.retries, network.user_agent.as_deref()), (Some(2), Some("z")));
    assert_eq!(network.timeout.unwrap().value, Duration::from_secs(120));
    let row = settings.rows().find(|row| row.key == "user-agent").unwrap();
    assert_eq!(row.origin.unwrap().to_string(), "--user-agent");
}

#[cfg(all(feature = "net", feature = "store"))]
#[test]
fn a_source_beats_its_file_and_yields_to_variables_and_flags() {
    let dir = tempfile::tempdir().unwrap();
    let text = "retries = 1\ndelay = 0\n[[source]]\nname = \"a\"\nseeds = [\"https://a.test/\"]\nretries = 2\n\
        delay = \"2s\"\nuser-agent = \"x\"\n";
    let all = settings(dir.path(), text, &[("BINDERY_USER_AGENT", "y")]).unwrap();
    let network: Network = all.of_source(&all.sources()[0]).group().unwrap();
    assert_eq!((network.retries, network.user_agent.as_deref()), (Some(2), Some("y")));
    assert_eq!(network.delay.unwrap().value, Duration::from_secs(2));
    assert_eq!(all.group::<Network>().unwrap().delay.unwrap().value, Duration::ZERO);
}

#[test]
fn the_archives_own_file_comes_before_the_working_folders() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("news")).unwrap();
    std::fs::write(dir.path().join("news/bindery.toml"), "profile = \"hexo\"").unwrap();
    std::fs::write(dir.path().join("bindery.toml"), "profile = \"other\"").unwrap();
    let flags = Flags::default().with(&Place { archive: Some("news".into()) }).unwrap();
    let settings = Settings::load(flags, None, &around(dir.path(), &[])).unwrap();
    assert_eq!(settings.group::<Writing>().unwrap().profile.unwrap().0.as_str(), "hexo");
    assert_eq!(settings.files(), [dir.path().join("news/bindery.toml")]);
}

#[test]
fn a_tilde_in_a_file_is_the_home_folder() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), "archive = \"~/news\"\nimage-base = \"~/x\"", &[("HOME", "/home/me")]).unwrap();
    assert_eq!(settings.group::<Place>().unwrap().archive, Some("/home/me/news".into()));
    assert_eq!(settings.group::<Writing>().unwrap().image_base.as_deref(), Some("~/x"), "that is not a path");
}

#[test]
fn an_unknown_setting_is_named_with_its_place_and_a_suggestion() {
    let message = refusal("# 设置\nprofil = \"hexo\"\n", &[]);
    let end = "bindery.toml, line 2, column 1: unknown setting `profil`; did you mean `profile`?";
    assert!(message.ends_with(end), "{message}");
}

#[cfg(feature = "net")]
#[test]
fn an_invalid_value_is_named_with_its_place() {
    for (text, wanted) in [
        ("delay = 5", "line 1, column 9: `delay`: invalid value: integer `5`, expected a duration such as 30s"),
        (
            "retries = -1",
            "line 1, column 11: `retries`: invalid value: integer `-1`, expected a whole number, 0 or more",
        ),
        ("per-host = 0", "expected a whole number, 1 or more"),
        ("strict = 1", "expected true or false"),
        ("categories = \"a\"", "expected a list of texts"),
        ("profile = \"jeckyl\"", "invalid value `jeckyl`, expected one of default, hexo"),
        ("max-bytes = \"much\"", "expected a size such as 500MB or 2GB"),
        ("retries = ", "line 1"),
    ] {
        let message = refusal(text, &[]);
        assert!(message.contains(wanted), "{message}");
    }
    assert!(refusal("", &[("BINDERY_ALLOW_PRIVATE", "perhaps")]).contains("expected true or false"));
    assert!(refusal("", &[("BINDERY_DELAY", "5")]).starts_with("BINDERY_DELAY: "));
}

#[test]
fn the_defaults_in_the_help_are_the_real_ones() {
    use clap::Args;
    let known = Known::new();
    let mut command = Writing::augment_args(clap::Command::new("settings"));
    command = Place::augment_args(command);
    #[cfg(feature = "net")]
    {
        command = groups::Reach::augment_args(Network::augment_args(command));
    }
    let mut compared = 0;
    for argument in command.get_arguments() {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let (Some(key), Some((_, stated))) = (argument.get_long(), help.split_once("[default: ")) else { continue };
        let Some(value) = known.defaults.get(key) else { continue };
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = value.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        assert_eq!(stated.trim_end_matches(']'), value, "{key}");
        compared += 1;
    }
    assert!(compared >= 6, "{compared}");
}
