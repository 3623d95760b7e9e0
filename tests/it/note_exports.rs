//! Exports of programs for notes: Joplin and Notion.
#![cfg(feature = "cli")]

use std::io::Write;

use crate::support::program::Program;

const PNG: &[u8] = include_bytes!("../../examples/news_files/class.png");

/// The identifier of an item of Joplin.
fn id(n: u32) -> String {
    format!("{n:032x}")
}

/// The items of a Joplin export, each with its path.
fn joplin() -> Vec<(String, Vec<u8>)> {
    let item = |n: u32, head: &str, properties: &str, kind: u8| {
        let head = if head.is_empty() { String::new() } else { format!("{head}\n\n") };
        (format!("{}.md", id(n)), format!("{head}id: {}\n{properties}\ntype_: {kind}", id(n)).into_bytes())
    };
    let ship = format!(
        "船\n\n第一行\n第二行\n\n![甲板](:/{})\n\n见[渡口](:/{}#钟)和[表](:/{})，还有[没有的](:/{})。\n\n- [x] 上油\n- [ ] 锁门\n\n```sh\nls :/{}\n```",
        id(20),
        id(2),
        id(21),
        id(99),
        id(20)
    );
    let times = "created_time: 2021-03-04T05:06:07.000Z\nupdated_time: 2021-03-05T00:00:00.000Z";
    vec![
        item(1, &ship, &format!("parent_id: {}\n{times}\nsource_url: https://a.example/ship\nauthor: 林远", id(11)), 1),
        item(
            2,
            "渡口\n\n# 钟\n\n钟每天敲。",
            &format!(
                "parent_id: {}\n{times}\nis_todo: 1\ntodo_completed: 1614834367000\ntodo_due: 1614834367000",
                id(10)
            ),
            1,
        ),
        item(3, "船\n\n<p>一页<b>网页</b>。</p>", &format!("parent_id: {}\nmarkup_language: 2", id(11)), 1),
        item(4, "", "parent_id: \nencryption_applied: 1\nencryption_cipher_text: JED01", 1),
        item(5, "旧的\n\n扔了", "deleted_time: 1614834367000", 1),
        item(10, "河边", "parent_id: ", 2),
        item(11, "码头", &format!("parent_id: {}", id(10)), 2),
        item(12, "绕圈", &format!("parent_id: {}", id(12)), 2),
        item(20, "甲板.png", "mime: image/png\nfile_extension: png", 4),
        item(21, "水位表.pdf", "mime: application/pdf\nfile_extension: pdf", 4),
        item(30, "木头", "parent_id: ", 5),
        item(31, "", &format!("note_id: {}\ntag_id: {}", id(1), id(30)), 6),
        item(40, "", "item_id: x", 13),
        (format!("resources/{}.png", id(20)), PNG.to_vec()),
        (format!("resources/{}.pdf", id(21)), b"%PDF-1.4".to_vec()),
    ]
}

pub fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn notes_of_joplin_keep_notebooks_tags_images_and_links_in_each_form_of_export() {
    let program = Program::new();
    let files = joplin();
    program.write("notes.jex", tar(&files));
    let beside: Vec<_> = files.iter().map(|(path, bytes)| (format!("notes/{path}"), bytes.clone())).collect();
    program.write("raw.zip", zip(&beside));
    for (path, bytes) in &files {
        program.write(&format!("folder/{path}"), bytes);
    }
    for (input, top) in [("notes.jex", "out/notes"), ("raw.zip", "out/raw"), ("folder", "out")] {
        let ran = program.run(&["convert", input, "--output", "out", "--json"]);
        assert_eq!(ran.code, 3, "an encrypted note is a failure: {}", ran.err);
        assert!(ran.out.contains("is an encrypted note; switch encryption off"), "{}", ran.out);
        assert!(ran.out.contains("note in the trash") && ran.out.contains("earlier version"), "{}", ran.out);
        let text = program.read(&format!("{top}/河边/码头/船.md"));
        for part in [
            "title: 船\n",
            "url: https://a.example/ship\n",
            "published: \"2021-03-04T05:06:07",
            "  - 木头\n",
            "- 河边\n",
            "- 码头\n",
            "第一行\\\n第二行",
            "[渡口](../渡口.md#%E9%92%9F)和表，还有没有的。",
            "- [x] 上油\n- [ ] 锁门",
            &format!("```sh\nls :/{}\n```", id(20)),
        ] {
            assert!(text.contains(part), "{input}: {part}: {text}");
        }
        assert!(ran.out.contains("水位表.pdf") && ran.out.contains("which the export does not contain"), "{}", ran.out);
        assert!(program.read(&format!("{top}/河边/渡口.md")).contains("- [x] 渡口"), "a note that is a task");
        let page = program.read(&format!("{top}/河边/码头/船-00000000.md"));
        assert!(page.contains("一页**网页**。"), "{page}");
        let image = program.files("out").into_iter().find(|file| file.ends_with(".png")).expect("the image is stored");
        assert_eq!(std::fs::read(program.path("out").join(&image)).unwrap(), PNG);
        assert!(text.contains(&format!("{image})")), "{text}");
        std::fs::remove_dir_all(program.path("out")).unwrap();
    }
}

const A: &str = "e65ec18c87607b653d1693a4a104149a";
const B: &str = "b82771965d5e58112f8abb8bd07e52c4";
const DB: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn markdown_pages_and_databases_of_notion_keep_properties_rows_and_links() {
    let program = Program::new();
    let beech = format!(
        "# 山毛榉 & 木柴\n\nTags: 木, 火\nDate: May 3, 2024\nKilos: 30\n\n正文在[钥匙](%E9%92%A5%E5%8C%99%20{B}.md)里，[价目](x/%E4%BB%B7.pdf)。\n\n![炉](x/lu.png)\n\n<aside>\n💡 提示\n\n</aside>\n\n- [x] 问\n"
    );
    let key = format!("# 钥匙\n\nNote: 这一行不是属性。\n\n它挂在门后。见[木头](../木头%20{DB}.csv)。\n");
    let rows = "\u{feff}Name,Tags,Date,Kilos\n山毛榉 & 木柴,\"木, 火\",\"May 3, 2024\",30\n没有页的一行,木,,7\n";
    let files = vec![
        (format!("木头 {DB}.csv"), rows.as_bytes()[..rows.rfind('没').unwrap()].to_vec()),
        (format!("木头 {DB}_all.csv"), rows.as_bytes().to_vec()),
        (format!("木头/山毛榉 木柴 {A}.md"), beech.into_bytes()),
        (format!("木头/钥匙 {B}.md"), key.into_bytes()),
        ("木头/x/lu.png".to_owned(), PNG.to_vec()),
        ("木头/x/价.pdf".to_owned(), b"%PDF-1.4".to_vec()),
    ];
    for (path, bytes) in &files {
        program.write(&format!("folder/{path}"), bytes);
    }
    program.write("notion.zip", zip(&[("Part-1.zip".to_owned(), zip(&files))]));
    for (input, top) in [("folder", "out"), ("notion.zip", "out/Part-1")] {
        let ran = program.run_to(0, &["convert", input, "--output", "out", "--json"]);
        let text = program.read(&format!("{top}/木头/山毛榉 木柴 {A}.md"));
        for part in [
            "title: 山毛榉 & 木柴\n",
            "published: \"2024-05-03\"\n",
            "  - 火\n",
            &format!("[钥匙](钥匙%20{B}.md)里，价目。"),
            "> 💡 提示",
            "- [x] 问",
            ".png)",
        ] {
            assert!(text.contains(part), "{input}: {part}: {text}");
        }
        assert!(!text.contains("Tags: "), "{text}");
        assert!(ran.out.contains("property Kilos: 30") && ran.out.contains("价.pdf"), "{}", ran.out);
        let key = program.read(&format!("{top}/木头/钥匙 {B}.md"));
        assert!(
            key.contains("Note: 这一行不是属性。") && key.contains(&format!("[木头](../木头%20{DB}_all.md)")),
            "{key}"
        );
        let table = program.read(&format!("{top}/木头 {DB}_all.md"));
        for part in ["title: 木头\n", "| 没有页的一行 |", &format!("| [山毛榉 & 木柴](木头/山毛榉%20木柴%20{A}.md) |")]
        {
            assert!(table.contains(part), "{input}: {part}: {table}");
        }
        let texts = program.files("out").iter().filter(|file| file.ends_with(".md")).count();
        assert_eq!(texts, 3, "{:?}", program.files("out"));
        std::fs::remove_dir_all(program.path("out")).unwrap();
    }
}

#[test]
fn articles_of_omnivore_keep_their_texts_and_highlights_and_the_others_are_listed() {
    let program = Program::new();
    let list = "[{\"id\":\"1\",\"slug\":\"deng-1\",\"title\":\"灯\",\"author\":\"林远\",\"url\":\"https://a.example/1\",\"state\":\"Active\",\
        \"labels\":[\"岸\"],\"savedAt\":\"2024-10-29T16:30:11.000Z\",\"publishedAt\":\"2023-05-06T00:00:00.000Z\"},\
        {\"id\":\"2\",\"slug\":\"chuan-2\",\"title\":\"船\",\"url\":\"https://a.example/2\",\"labels\":[],\"savedAt\":\"2024-10-29T16:30:11.000Z\"}]";
    let files = vec![
        ("metadata_0_to_20.json".to_owned(), list.as_bytes().to_vec()),
        ("content/deng-1.html".to_owned(), "<div id=\"readability-page-1\"><p>灯在<b>岸</b>上。</p></div>".into()),
        ("highlights/deng-1.md".to_owned(), "> 灯在岸上。\n\n记下来。".into()),
        ("content/other.html".to_owned(), "<p>x</p>".into()),
    ];
    program.write("export.zip", zip(&files));
    for (path, bytes) in &files {
        program.write(&format!("folder/{path}"), bytes);
    }
    for (input, top) in [("export.zip", "out/export"), ("folder", "out")] {
        let ran = program.run_to(0, &["convert", input, "--output", "out", "--json"]);
        let text = program.read(&format!("{top}/灯.md"));
        for part in [
            "url: https://a.example/1\n",
            "published: \"2023-05-06",
            "- 林远",
            "- 岸",
            "灯在**岸**上。",
            "> 灯在岸上。",
            "记下来。",
        ] {
            assert!(text.contains(part), "{input}: {part}: {text}");
        }
        let rest = program.read(&format!("{top}/without-text.jsonl"));
        assert_eq!(rest, "{\"url\":\"https://a.example/2\",\"title\":\"船\",\"added\":\"2024-10-29T16:30:11Z\"}\n");
        assert!(ran.out.contains("text that no list names"), "{}", ran.out);
        std::fs::remove_dir_all(program.path("out")).unwrap();
    }
}
