//! The documents say what the program does: flags exist, and the guide's commands work as printed.
#![cfg(all(feature = "cli", feature = "net", feature = "store"))]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bindery::model::FindingKind;

use crate::architecture::project;
use crate::support::program::Program;
use crate::support::server::{Answer, Asked, Server};

const DOCUMENTS: [&str; 10] = [
    "README.md",
    "README.zh.md",
    "SECURITY.md",
    "docs/guide.md",
    "docs/configuration.md",
    "docs/architecture.md",
    "docs/glossary.md",
    "docs/engines.md",
    "docs/scale.md",
    "docs/stream.md",
];

fn document(name: &str) -> String {
    std::fs::read_to_string(project(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The commands of the program, as its help lists them.
fn commands(program: &Program) -> Vec<String> {
    let help = program.run_to(0, &["--help"]).out;
    let list = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).filter(|name| name != "help").collect()
}

/// Every `--flag` of a text.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("--").filter_map(|(at, _)| {
        let is_start = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '-');
        let length = text[at + 2..].find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(text.len() - at - 2);
        (is_start && length > 1).then(|| &text[at..at + 2 + length])
    })
}

/// The pieces of a document that are typed: commands of the program in code blocks, and code in running text.
fn typed(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_block = false;
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            let command = line.trim_start().trim_start_matches("$ ");
            found.extend(command.starts_with("bindery ").then(|| command.to_owned()));
        } else {
            let code = line.split('`').skip(1).step_by(2);
            found.extend(code.filter(|code| code.starts_with("--") || code.starts_with("bindery ")).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_flag_that_a_document_names_exists() {
    let program = Program::new();
    let mut known = BTreeSet::new();
    for command in commands(&program) {
        let help = program.run_to(0, &[&command, "--help"]).out;
        known.extend(flags(&help).map(str::to_owned));
    }
    assert!(known.contains("--archive") && known.len() > 40, "{known:?}");
    for name in DOCUMENTS {
        for piece in typed(&document(name)) {
            for flag in flags(&piece) {
                assert!(known.contains(flag), "{name} names {flag}, which no command has: {piece}");
            }
        }
    }
}

#[test]
fn the_configuration_table_lists_every_setting_with_its_default() {
    let program = Program::new();
    let table = document("docs/configuration.md");
    for setting in program.run_to(0, &["config", "--json"]).events_named("setting") {
        let key = setting["key"].as_str().unwrap();
        let row = table.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md does not list `{key}`"));
        let default = match &setting["value"] {
            serde_json::Value::String(text) => format!("`{text}`"),
            serde_json::Value::Null => "–".to_owned(),
            serde_json::Value::Array(list) if list.is_empty() => "–".to_owned(),
            value => format!("`{value}`"),
        };
        let default = default.replace(env!("CARGO_PKG_VERSION"), "<version>");
        assert!(row.contains(&format!("| {default} |")), "`{key}` has the default {default}: {row}");
    }
}

#[test]
fn the_chinese_readme_has_the_commands_of_the_english_one() {
    let commands = |name: &str| -> Vec<String> {
        typed(&document(name)).into_iter().filter(|piece| piece.starts_with("bindery ")).collect()
    };
    let blocks = |name: &str| commands(name).into_iter().filter(|line| line.contains(' ')).collect::<BTreeSet<_>>();
    let missing: Vec<_> = blocks("README.zh.md").difference(&blocks("README.md")).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A site that the guide's example host stands for.
fn site() -> Server {
    Server::start(|asked: &Asked| {
        let link = |path: &str| format!("http://{}{path}", asked.header("host").unwrap_or_default());
        match asked.path.as_str() {
            "/rss.xml" => {
                let item = |path: &str| format!("<item><title>{path}</title><link>{}</link></item>", link(path));
                let items = item("/an-article") + &item("/news/a");
                Answer::bytes(
                    "application/rss+xml",
                    format!("<rss version=\"2.0\"><channel><title>例子</title>{items}</channel></rss>"),
                )
            }
            "/sitemap.xml" => Answer::bytes(
                "application/xml",
                format!(
                    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>{}</loc></url></urlset>",
                    link("/news/b")
                ),
            ),
            "/" => Answer::html(
                "<title>例子</title><p><a href=/news/a>甲</a> <a href=/news/b>乙</a> <a href=/about>丙</a>",
            ),
            "/an-article" | "/news/a" | "/news/b" => Answer::html(article(&asked.path, asked.n)),
            _ => Answer::status(404),
        }
    })
}

/// An article whose last sentence is another one at each visit.
fn article(path: &str, visit: usize) -> String {
    let mut text = String::new();
    for n in 0..8 {
        let _ = write!(
            text,
            "<p>{path} 的第 {n} 段：老城的装订铺要把手艺留在网上，师傅每天早上七点开门，一直做到天黑。</p>"
        );
    }
    format!(
        "<!doctype html><html lang=zh><title>老城的装订铺 {path}</title><article><h1>老城的装订铺 {path}</h1>{text}\
         <p>bindery 第 {visit} 次来访时，师傅说手艺不难，难在坐得住。</p></article></html>"
    )
}

/// The commands in the guide's blocks of shell, in order.
fn guide_commands(guide: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in guide.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        found.extend(block.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    found
}

/// The words of a command line, in which only single quotes are special.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, piece) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_format_lists_every_kind_of_finding_and_which_are_damage() {
    let format = document("archive/README.md");
    let table = format.split("| kind | meaning |\n| --- | --- |\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<(&str, bool)> = table
        .lines()
        .map(|row| (row.split('`').nth(1).unwrap(), !row.trim_end_matches(" |").ends_with("no damage")))
        .collect();
    let kinds: Vec<(&str, bool)> = FindingKind::ALL.map(|kind| (kind.word(), kind.is_damage())).to_vec();
    assert_eq!(rows, kinds);
}

#[test]
fn the_guides_commands_work_as_printed() {
    let (program, server) = (Program::new(), site());
    let host = server.url("").as_str().trim_end_matches('/').to_owned();
    let local = |text: &str| text.replace("https://example.org", &host);
    let guide = document("docs/guide.md");
    let settings = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    program.write("bindery.toml", local(settings));
    program.write("list.txt", local("https://example.org/news/b\n"));
    program.write("saved/page.html", article("/an-article", 9));
    program.write("exported/a/b.html", article("/news/a", 1));
    let commands = guide_commands(&guide);
    assert!(commands.len() > 20, "{commands:?}");
    for line in commands {
        let line = local(&line);
        let words = words(&line);
        assert_eq!(words[0], "bindery", "{line}");
        let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let output = program.command(&arguments).env("BINDERY_DELAY", "1ms").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}\n{}{said}", String::from_utf8_lossy(&output.stdout));
    }
    let posts = program.files("bindery-archive/articles");
    assert!(posts.iter().filter(|path| path.ends_with("index.md")).count() >= 3, "{posts:?}");
    assert!(program.files("copy").iter().any(|path| path.ends_with("record.json")));
}
