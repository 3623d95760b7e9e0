//! Front matter of every profile, read back by the parsers of the worlds it is written for.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bindery::frontmatter::{Fields, Profile, ProfileName, Template, write};
use serde_json::{Value, json};

use crate::support::skip::skip;

const TEMPLATE: &str = "---\ntitle: {{ title|yaml }}\ncategories: {{ categories|yaml }}\n---\n";

/// Every hostile value as title and as category, in every profile: profile, value, front matter.
fn cases() -> Vec<(String, String, String)> {
    let mut values: Vec<String> = serde_json::from_str(include_str!("../oracle/hostile.json")).unwrap();
    // What a writer may fold.
    values.extend(["长".repeat(5_000), "long words ".repeat(900), format!("{} no", "a\n".repeat(500))]);
    let mut cases = Vec::new();
    for value in values {
        let fields = Fields {
            title: Some(value.clone()),
            categories: vec![value.clone(); 2],
            published: "2021-06-17T18:44:26+08:00".parse().ok(),
            ..Fields::default()
        };
        let custom = Profile {
            name: ProfileName::Custom,
            template: Some(Template::new(TEMPLATE).unwrap()),
            ..Profile::default()
        };
        let others = ProfileName::ALL.into_iter().filter(|name| *name != ProfileName::Custom);
        let profiles = others.map(|name| Profile { name, ..Profile::default() });
        for profile in profiles.chain([custom]) {
            cases.push((profile.name.to_string(), value.clone(), write(&fields, &profile).unwrap()));
        }
    }
    assert!(cases.len() >= 65 * 7);
    cases
}

/// Runs a reader over all cases; None when it is not there. It answers with its parsers and what they read otherwise.
fn read(command: &mut Command, script: &str) -> Option<Value> {
    let child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.ok()?;
    let sent = child.stdin.take().unwrap().write_all(&serde_json::to_vec(&cases()).unwrap());
    let output = child.wait_with_output().unwrap();
    if sent.is_err() || !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    serde_json::from_slice(&output.stdout).ok()
}

/// YAML 1.1 is PyYAML's (and Jekyll's), 1.2 ruamel's; TOML is Zola's. The dates are in forms that Hugo and Jekyll parse.
const PYTHON: &str = r#"
import json, sys, datetime
cases = json.load(sys.stdin)
yaml_readers, toml_readers = {}, {}
try:
    import yaml
    yaml_readers["PyYAML"] = yaml.safe_load
except ImportError:
    pass
try:
    from ruamel.yaml import YAML
    yaml_readers["ruamel"] = lambda text: YAML(typ="safe", pure=True).load(text)
except ImportError:
    pass
try:
    import tomllib
    toml_readers["tomllib"] = tomllib.loads
except ImportError:
    pass
bad = []
for profile, value, text in cases:
    fence = text[:4]
    inner = text[4:-4]
    if not text.endswith(fence):
        bad.append([profile, value, text, "fences"])
    for name, load in sorted((toml_readers if profile == "zola" else yaml_readers).items()):
        try:
            read = load(inner)
            found = [read["title"]] + list(read["taxonomies"]["categories"] if profile == "zola" else read["categories"])
            if profile == "zola":
                assert isinstance(read["date"], datetime.datetime) and read["date"].utcoffset().seconds == 8 * 3600
                assert set(read) <= {"title", "date", "updated", "description", "authors", "taxonomies", "extra"}
            if profile == "jekyll":
                datetime.datetime.strptime(read["date"], "%Y-%m-%d %H:%M:%S %z")
            if profile == "hugo":
                datetime.datetime.fromisoformat(read["date"])
        except Exception as error:
            found = repr(error)
        if found != [value] * 3:
            bad.append([name, profile, value, text, str(found)])
print(json.dumps({"readers": sorted(yaml_readers) + sorted(toml_readers), "bad": bad[:20]}))
"#;

#[test]
fn python_reads_every_value_of_every_profile_back() {
    let python = std::env::var("BINDERY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let report = read(Command::new(python).arg("-c"), PYTHON);
    match report.filter(|report| report["readers"].as_array().is_some_and(|readers| !readers.is_empty())) {
        Some(report) => {
            println!("read by {}", report["readers"]);
            assert_eq!(report["bad"], json!([]), "{report:#}");
        }
        None => skip("python", "there is none that has a parser"),
    }
}

/// js-yaml is what Hexo and Obsidian build on; hexo-front-matter takes a whole post.
const NODE: &str = r#"
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const readers = {};
const inner = text => text.slice(4, -4);
try { const yaml = require("js-yaml"); readers["js-yaml"] = text => yaml.load(inner(text)); } catch {}
try { const front = require("hexo-front-matter"); readers["hexo-front-matter"] = text => front.parse(text + "body\n"); } catch {}
const bad = [];
for (const [profile, value, text] of cases) {
    if (profile === "zola") continue;
    for (const name of Object.keys(readers).sort()) {
        let found;
        try {
            const read = readers[name](text);
            found = [read.title, ...read.categories];
            if (profile === "hexo" && new Date(read.date).toISOString() !== "2021-06-17T10:44:26.000Z") found = "date " + read.date;
        } catch (error) { found = String(error); }
        if (JSON.stringify(found) !== JSON.stringify([value, value, value])) bad.push([name, profile, value, text, found]);
    }
}
console.log(JSON.stringify({ readers: Object.keys(readers), bad: bad.slice(0, 20) }));
"#;

#[test]
fn the_parsers_of_hexo_read_every_value_of_every_profile_back() {
    let Some(modules) = std::env::var_os("BINDERY_NODE_MODULES").map(PathBuf::from) else {
        return skip("node", "BINDERY_NODE_MODULES names no folder with js-yaml and hexo-front-matter");
    };
    let report = read(Command::new("node").env("NODE_PATH", modules).arg("-e"), NODE).expect("node runs");
    println!("read by {}", report["readers"]);
    assert_eq!(report["readers"].as_array().map(Vec::len), Some(2), "{report}");
    assert_eq!(report["bad"], json!([]), "{report:#}");
}

#[test]
fn each_profile_has_the_keys_of_its_world() {
    let fields = Fields {
        title: Some("题".to_owned()),
        authors: vec!["林远".to_owned()],
        published: "2021-06-17T18:44:26+08:00".parse().ok(),
        modified: "2021-06-18".parse().ok(),
        url: "https://user:secret@example.cn/a".parse().ok(),
        site: Some("晨钟".to_owned()),
        tags: vec!["老 城".to_owned(), "1984".to_owned()],
        categories: vec!["新闻".to_owned()],
        image: Some("images/a.png".to_owned()),
        ..Fields::default()
    };
    let written = |name| write(&fields, &Profile { name, ..Profile::default() }).unwrap();
    assert_eq!(
        written(ProfileName::Hugo),
        "---\ntitle: 题\ndate: \"2021-06-17T18:44:26+08:00\"\nlastmod: \"2021-06-18\"\nauthor:\n  - 林远\ntags:\n  - 老 城\n  - \"1984\"\n\
         categories:\n  - 新闻\nimages:\n  - images/a.png\nsource: https://example.cn/a\nsite: 晨钟\n---\n"
    );
    assert_eq!(
        written(ProfileName::Jekyll),
        "---\nlayout: post\ntitle: 题\ndate: 2021-06-17 18:44:26 +0800\nlast_modified_at: \"2021-06-18\"\nauthor:\n  - 林远\n\
         categories:\n  - 新闻\ntags:\n  - 老 城\n  - \"1984\"\nimage: images/a.png\noriginal_url: https://example.cn/a\nsite_name: 晨钟\n---\n"
    );
    assert_eq!(
        written(ProfileName::Obsidian),
        "---\ntitle: 题\nauthor:\n  - 林远\npublished: \"2021-06-17T18:44:26\"\nsource: https://example.cn/a\nsite: 晨钟\n\
         tags:\n  - 老-城\n  - \"_1984\"\ncategories:\n  - 新闻\nimage: images/a.png\n---\n"
    );
    assert_eq!(
        written(ProfileName::Zola),
        "+++\nauthors = [\"林远\"]\ndate = 2021-06-17T18:44:26+08:00\ntitle = \"题\"\nupdated = 2021-06-18\n\n[extra]\n\
         image = \"images/a.png\"\nsite = \"晨钟\"\nurl = \"https://example.cn/a\"\n\n[taxonomies]\ncategories = [\"新闻\"]\n\
         tags = [\"老 城\", \"1984\"]\n+++\n"
    );
}
