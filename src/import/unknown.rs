//! What a file that is not read looks like, in words for a message.

use super::beginnings::{is_json, xml_root};

/// Roots of XML documents that are known by name.
const XML_ROOTS: [(&str, &str); 13] = [
    ("gpx", "a GPX track"),
    ("kml", "a KML map"),
    ("svg", "an SVG image"),
    ("fictionbook", "a FictionBook file (FB2)"),
    ("book", "a DocBook document (XML)"),
    ("article", "a DocBook or JATS document (XML)"),
    ("tei", "a TEI document (XML)"),
    ("plist", "a property list (XML)"),
    ("mediawiki", "a MediaWiki export (XML)"),
    ("score-partwise", "a MusicXML score"),
    ("office:document", "an OpenDocument file (XML)"),
    ("worddocument", "a Word document (XML)"),
    ("project", "a project file (XML)"),
];

/// Returns what the bytes look like, as part of a sentence: `a CSV table`. `name` is the file's name, whose extension
/// decides where the bytes do not.
pub(super) fn description(start: &[u8], name: &str) -> String {
    if let Some(found) = infer::get(start).filter(|found| !found.mime_type().starts_with("text/")) {
        return match found.extension() {
            "pdf" => "a PDF file".to_owned(),
            "mobi" => "a Mobipocket e-book".to_owned(),
            extension => format!("a .{extension} file ({})", found.mime_type()),
        };
    }
    if start.starts_with(b"From ") && start.windows(6).any(|found| found.eq_ignore_ascii_case(b"\nfrom:")) {
        return "a mailbox (mbox)".to_owned();
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = text.chars().take(4096).collect::<String>().to_ascii_lowercase();
    if let Some(root) = xml_root(&lower) {
        let known = XML_ROOTS.iter().find(|(name, _)| *name == root || root.ends_with(&format!(":{name}")));
        let root: String = root.chars().take(40).collect();
        return known.map_or_else(|| format!("an XML document (<{root}>)"), |(_, words)| (*words).to_owned());
    }
    let extension =
        name.rsplit(['/', '\\']).next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    match extension.as_deref() {
        Some("geojson") => return "a GeoJSON map".to_owned(),
        Some("csv") => return "a CSV table".to_owned(),
        Some("tsv" | "tab") => return "a table with tabs (TSV)".to_owned(),
        Some("md" | "markdown" | "mdx") => return "Markdown already".to_owned(),
        _ => {}
    }
    if is_json(text) {
        return if lower.contains("\"featurecollection\"") { "a GeoJSON map" } else { "JSON data of an unknown kind" }
            .to_owned();
    }
    if start.iter().take(4096).any(|&byte| byte == 0) {
        return "binary data".to_owned();
    }
    for (separator, words) in [(',', "a CSV table"), ('\t', "a table with tabs (TSV)"), (';', "a CSV table")] {
        if is_table(text, separator) {
            return words.to_owned();
        }
    }
    match extension {
        Some(extension) if extension != "txt" && extension.len() <= 12 => {
            format!("a .{extension} file without HTML in it")
        }
        _ => "plain text without HTML in it".to_owned(),
    }
}

/// Returns true when the first lines have the same number of separators, and more than one field.
fn is_table(text: &str, separator: char) -> bool {
    // The last line may be incomplete.
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(6).collect();
    let lines = if lines.len() > 2 { &lines[..lines.len() - 1] } else { &lines };
    let count = |line: &&str| line.matches(separator).count();
    lines.len() > 1 && count(&lines[0]) > 0 && lines.iter().all(|line| count(line) == count(&lines[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_files_are_named_by_what_they_look_like() {
        for (start, name, expected) in [
            ("<?xml version='1.0'?>\n<gpx creator='x'>", "a", "a GPX track"),
            ("<?xml version='1.0'?><db:book xmlns:db='x'>", "a.xml", "a DocBook document (XML)"),
            ("<?xml version='1.0'?><账本>", "a.xml", "an XML document (<账本>)"),
            ("{\"type\": \"FeatureCollection\"}", "a", "a GeoJSON map"),
            ("[\n 1, 2]", "a.json", "JSON data of an unknown kind"),
            ("年份,项目\n2021,椰糠\n2022,网\n", "a", "a CSV table"),
            ("a\tb\n1\t2\n", "a.txt", "a table with tabs (TSV)"),
            ("From nell@example.org Mon\nReceived: x\nFrom: Nell\n", "inbox", "a mailbox (mbox)"),
            ("Only words.\n", "notes.org", "a .org file without HTML in it"),
            ("Only words.\n", "standard input", "plain text without HTML in it"),
            ("\0\x01", "a", "binary data"),
        ] {
            assert_eq!(description(start.as_bytes(), name), expected, "{start}");
        }
    }
}
