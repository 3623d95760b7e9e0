//! Files inside a module form no cycles: what a file uses can be understood before the file itself.
//!
//! A `mod.rs` (or the file beside a folder) may define what the files of its folder share and use them too; a file's use of
//! the module that it lies in is not counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Groups of files that may use each other, each with the reason.
const ALLOWED: [(&[&str], &str); 0] = [];

/// The files of the crate by module path (`archive::record`), without their tests and comments.
struct Crate {
    files: BTreeMap<String, String>,
}

impl Crate {
    fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in crate::architecture::sources(src) {
            let inside = path.strip_prefix(src).unwrap().with_extension("");
            let mut names: Vec<&str> = inside.iter().map(|part| part.to_str().unwrap()).collect();
            if names.last() == Some(&"mod") {
                names.pop();
            }
            files.insert(names.join("::"), without_tests(&std::fs::read_to_string(&path).unwrap()));
        }
        Self { files }
    }

    /// The file that defines what a path names: follows modules, then re-exports.
    fn owner(&self, from: &str, path: &[String]) -> Option<String> {
        let mut at = from.to_owned();
        let mut rest = path;
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "crate" => at = String::new(),
                "self" => {}
                "super" => at = at.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_owned()),
                name => {
                    let child = if at.is_empty() { name.to_owned() } else { format!("{at}::{name}") };
                    if self.files.contains_key(&child) {
                        at = child;
                    } else {
                        return self.defines(&at, name, 0);
                    }
                }
            }
            rest = more;
        }
        Some(at)
    }

    /// The file in which `name`, as seen in the module `at`, is defined.
    fn defines(&self, at: &str, name: &str, depth: usize) -> Option<String> {
        let code = self.files.get(at)?;
        if depth > 8 {
            return None;
        }
        for (path, alias) in imports(code) {
            if alias == name && path.last().is_some_and(|last| last != "*") {
                let (_, parents) = path.split_last()?;
                let first = parents.first()?;
                let local = matches!(first.as_str(), "self" | "super" | "crate")
                    || self.files.contains_key(&format!("{at}::{first}"));
                if !local {
                    return None;
                }
                let module = self.owner(at, parents)?;
                return self.defines(&module, path.last()?, depth + 1);
            }
        }
        Some(at.to_owned())
    }

    /// What each file uses of the other files of its top-level module.
    fn uses(&self) -> BTreeMap<&str, BTreeSet<String>> {
        let mut uses = BTreeMap::new();
        for (file, code) in &self.files {
            let top = file.split("::").next().unwrap();
            let mut used = BTreeSet::new();
            let exported: BTreeSet<String> = re_exports(code);
            for (path, alias) in imports(code) {
                if !exported.contains(&alias) || is_used(code, &alias) {
                    used.extend(self.target(file, &path));
                }
            }
            for path in paths(code) {
                used.extend(self.target(file, &path));
            }
            used.retain(|other| {
                other != file && other.split("::").next() == Some(top) && !file.starts_with(&format!("{other}::"))
            });
            uses.insert(file.as_str(), used);
        }
        uses
    }

    fn target(&self, file: &str, path: &[String]) -> Option<String> {
        let first = path.first()?;
        let is_local = matches!(first.as_str(), "self" | "super" | "crate")
            || self.files.contains_key(&format!("{file}::{first}"));
        if is_local { self.owner(file, path) } else { None }
    }
}

/// Code up to its tests, without comments and strings.
fn without_tests(source: &str) -> String {
    let mut out = String::new();
    let mut skip = false;
    for line in source.lines() {
        if line == "#[cfg(test)]" {
            skip = true;
            continue;
        }
        if skip {
            // A module of tests ends the file; a single item ends with its line or its closing brace.
            if line.starts_with("mod ") && line.ends_with('{') {
                break;
            }
            if line.ends_with(';') || line == "}" {
                skip = false;
            }
            continue;
        }
        out.push_str(line.split("//").next().unwrap());
        out.push('\n');
    }
    out
}

/// Every `use` of the code, as path and the name it gets.
fn imports(code: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for statement in statements(code) {
        expand(&statement, &mut Vec::new(), &mut found);
    }
    found
}

/// The bodies of `use …;`.
fn statements(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let before = code[..at].rsplit('\n').next().unwrap();
        let is_use = before.trim().is_empty() || before.trim_end().ends_with("pub") || before.trim_end().ends_with(')');
        if is_use && let Some(end) = code[at..].find(';') {
            found.push(code[at + 4..at + end].split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    found
}

fn expand(tree: &str, prefix: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let names: Vec<String> =
            tree[..open].split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        let depth = prefix.len();
        prefix.extend(names);
        let inner = tree[open + 1..].trim_end().strip_suffix('}').unwrap_or(&tree[open + 1..]);
        for part in top_level(inner) {
            expand(&part, prefix, found);
        }
        prefix.truncate(depth);
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
    let mut whole = prefix.clone();
    whole.extend(path.split("::").map(|name| name.trim().to_owned()));
    if whole.last().is_some_and(|last| last == "self") && whole.len() > 1 {
        whole.pop();
    }
    let name = alias.map_or_else(|| whole.last().cloned().unwrap_or_default(), |alias| alias.trim().to_owned());
    found.push((whole, name));
}

fn top_level(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

/// The names that `pub use` hands on.
fn re_exports(code: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("pub use ").chain(code.match_indices(") use ")) {
        let start = at + code[at..].find("use ").unwrap() + 4;
        if let Some(end) = code[start..].find(';') {
            let statement = code[start..start + end].split_whitespace().collect::<Vec<_>>().join(" ");
            expand(&statement, &mut Vec::new(), &mut found);
        }
    }
    found.into_iter().map(|(_, alias)| alias).collect()
}

/// Whether the code outside of `use` names this.
fn is_used(code: &str, name: &str) -> bool {
    let mut outside = String::new();
    let mut inside = false;
    for line in code.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("use ")
            || trimmed.starts_with("pub use ")
            || trimmed.starts_with("pub(") && trimmed.contains(") use ")
        {
            inside = true;
        }
        if !inside {
            outside.push_str(line);
            outside.push('\n');
        }
        if inside && line.contains(';') {
            inside = false;
        }
    }
    outside.match_indices(name).any(|(at, _)| {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_word(outside[..at].chars().next_back()) && !is_word(outside[at + name.len()..].chars().next())
    })
}

/// Paths in the code outside of `use`: `super::selection::Selection`, `child::function`.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in code.match_indices("::") {
        let start = code[..at]
            .rfind(|c: char| !is_name(c))
            .map_or(0, |before| before + code[before..].chars().next().unwrap().len_utf8());
        if start == at || code[..start].ends_with("::") {
            continue;
        }
        let line = code[..start].rsplit('\n').next().unwrap();
        if line.trim_start().starts_with("use ") || line.contains("pub use") || line.contains(") use ") {
            continue;
        }
        let end = code[start..].find(|c: char| !is_name(c) && c != ':').map_or(code.len(), |end| start + end);
        let path: Vec<String> =
            code[start..end].split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        found.push(path);
    }
    found
}

/// Groups of files that reach each other.
fn cycles(uses: &BTreeMap<&str, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<String>> = uses
        .keys()
        .map(|file| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<String> = uses[file].iter().cloned().collect();
            while let Some(next) = open.pop() {
                if seen.insert(next.clone()) {
                    open.extend(uses.get(next.as_str()).into_iter().flatten().cloned());
                }
            }
            (*file, seen)
        })
        .collect();
    let mut groups: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, seen) in &reach {
        if seen.contains(*file) {
            let mut group: Vec<String> = seen
                .iter()
                .filter(|other| reach.get(other.as_str()).is_some_and(|back| back.contains(*file)))
                .cloned()
                .collect();
            group.sort();
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

#[test]
fn files_inside_a_module_form_no_cycles() {
    let whole = Crate::read(&crate::architecture::project("src"));
    let uses = whole.uses();
    let mut broken = Vec::new();
    for group in cycles(&uses) {
        if ALLOWED.iter().any(|(files, reason)| *files == group && !reason.is_empty()) {
            continue;
        }
        let inside = |file: &String| uses[file.as_str()].iter().filter(|other| group.contains(other)).cloned();
        for file in &group {
            broken.push(format!("{file} uses {}", inside(file).collect::<Vec<_>>().join(", ")));
        }
        broken.push("move what they share into a file that uses neither\n".to_owned());
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_cycle_is_seen_through_lists_and_re_exports() {
    let file = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let whole = Crate {
        files: BTreeMap::from([
            file("", ""),
            file("ink", "mod pen;\nmod well;\npub use well::Well;\n"),
            file("ink::pen", "use super::{Well, other};\nstruct Pen(Well);\n"),
            file("ink::well", "fn fill() { super::pen::write() }\nstruct Well;\n"),
            file("ink::other", "use super::pen::Pen;\n"),
        ]),
    };
    assert_eq!(cycles(&whole.uses()), [["ink::other", "ink::pen", "ink::well"]]);
}
