//! Two archives become one: nothing of either is lost, and merging again changes nothing.
#![cfg(all(feature = "cli", feature = "net"))]

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};

const LIBRARY: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>\
<p>馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>";

fn page(title: &str, head: &str, body: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><head><meta charset=utf-8><title>{title}</title>{head}</head>\
         <body><article><h1>{title}</h1>{LIBRARY}{body}</article></body></html>"
    ))
}

fn image(shade: u8) -> Answer {
    let mut gif = b"GIF89a\x0a\0\x0a\0\x80\0\0".to_vec();
    gif.extend([shade, shade, shade, 255, 255, 255]);
    gif.extend(b"!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x0a\0\x0a\0\0\x02\x08\x84\x8f\xa9\xcb\xed\x0f\x63\x2b\0;");
    Answer::bytes("image/gif", gif)
}

/// A page whose text says how often it was asked for, and others.
fn site(asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/library" => page("图书馆", "", &format!("<p>第{}次采访。</p><img src=/1.gif>", asked.n)),
        "/moved" => Answer::redirect(301, "/other"),
        "/other" => page("另一篇", "", "<p>码头边的仓库。</p><img src=/2.gif>"),
        "/gone" if asked.n == 0 => page("不见了", "", "<p>这一页很快就要撤下。</p>"),
        "/1.gif" => image(1),
        "/2.gif" => image(2),
        _ => Answer::status(404),
    }
}

fn archive(program: &Program, into: &str, day: u8, server: &Server, path: &str) -> Ran {
    let now = format!("2026-11-{day:02}T08:00:00Z");
    let url = server.url(path);
    program.run(&["archive", "--json", "--retries", "0", "--now", &now, "-a", into, url.as_str()])
}

fn merge(program: &Program, code: i32, other: &str, into: &str) -> Ran {
    program.run_to(code, &["merge", other, "-a", into, "--now", "2026-12-01T08:00:00Z"])
}

fn record(program: &Program, archive: &str, url: &str) -> Value {
    serde_json::from_str(&program.run_to(0, &["show", "-a", archive, "--record", url]).out).unwrap()
}

/// Every file of an archive but the program's working files.
fn tree(program: &Program, archive: &str) -> BTreeMap<String, Vec<u8>> {
    let files = program.files(archive).into_iter().filter(|file| !file.starts_with(".bindery"));
    files.map(|file| (file.clone(), std::fs::read(program.path(archive).join(file)).unwrap())).collect()
}

/// Two archives of one site: A has the first and the third version of a page, B the second and two other pages.
fn two(program: &Program) -> Server {
    let server = Server::start(site);
    archive(program, "A", 20, &server, "/library");
    archive(program, "B", 21, &server, "/library");
    archive(program, "A", 22, &server, "/library");
    archive(program, "B", 22, &server, "/moved");
    archive(program, "B", 22, &server, "/gone");
    archive(program, "B", 23, &server, "/gone");
    server
}

#[test]
fn versions_captures_images_aliases_and_absences_of_both_are_kept() {
    for bundled in [false, true] {
        let program = Program::new();
        let server = two(&program);
        let newest = program.run_to(0, &["show", "-a", "A", server.url("/library").as_str()]).out;
        let texts: Vec<Vec<u8>> = ["A", "B"]
            .iter()
            .flat_map(|archive| tree(&program, archive))
            .filter(|(path, _)| path.ends_with(".md") && path.starts_with("articles") && !path.ends_with("index.md"))
            .map(|(_, bytes)| bytes)
            .collect();
        let other = if bundled { "B.zip" } else { "B" };
        if bundled {
            program.run_to(0, &["bundle", "-a", "B", "-o", "B.zip"]);
        }
        let before = tree(&program, "B");
        let ran = merge(&program, 0, other, "A");
        assert!(ran.err.contains("2 new, 1 updated, 0 unchanged"), "{}", ran.err);
        assert_eq!(tree(&program, "B"), before, "the other archive is only read");
        program.run_to(0, &["verify", "-a", "A"]);
        let record_of = |path: &str| record(&program, "A", server.url(path).as_str());
        let library = record_of("/library");
        let days: Vec<&str> =
            library["snapshots"].as_array().unwrap().iter().map(|s| s["captured"].as_str().unwrap()).collect();
        assert_eq!(days, ["2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"]);
        assert!(library["snapshots"].as_array().unwrap().iter().all(|snapshot| snapshot["capture"].is_object()));
        assert_eq!(
            program.run_to(0, &["show", "-a", "A", server.url("/library").as_str()]).out,
            newest,
            "the newest text stays"
        );
        let merged: Vec<Vec<u8>> = tree(&program, "A").into_values().collect();
        assert!(texts.iter().all(|text| merged.contains(text)), "every text is there as it was written");
        assert_eq!(record_of("/moved")["aliases"][0], server.url("/moved").as_str());
        assert_eq!(record_of("/gone")["absences"][0]["count"], 1);
        let done = tree(&program, "A");
        let again = merge(&program, 0, other, "A");
        assert!(again.err.contains("0 new, 0 updated, 3 unchanged"), "{}", again.err);
        assert_eq!(tree(&program, "A"), done, "merging again changes nothing");
    }
}

#[test]
fn archives_of_the_same_second_keep_their_texts_and_captures() {
    let program = Program::new();
    let server = Server::start(site);
    for into in ["A", "B"] {
        archive(&program, into, 20, &server, "/library");
    }
    merge(&program, 0, "B", "A");
    program.run_to(0, &["verify", "-a", "A"]);
    let library = record(&program, "A", server.url("/library").as_str());
    let file = |at: usize| library["snapshots"][at]["file"].as_str().unwrap().to_owned();
    assert_eq!((file(0).as_str(), file(1).as_str()), ("20261120T080000Z.md", "20261120T080000Z-2.md"));
    let done = tree(&program, "A");
    merge(&program, 0, "B", "A");
    assert_eq!(tree(&program, "A"), done);
}

#[test]
fn pages_from_disk_and_pages_without_captures_are_merged() {
    let program = Program::new();
    let server = two(&program);
    program.write("page.html", format!("<title>存盘的一页</title><article><h1>存盘的一页</h1>{LIBRARY}</article>"));
    program.run_to(0, &["archive", "-a", "B", "page.html"]);
    program.run_to(0, &["archive", "-a", "C", "--captures", "none", server.url("/other").as_str()]);
    program.run_to(0, &["merge", "B", "C", "-a", "A"]);
    program.run_to(0, &["verify", "-a", "A"]);
    assert_eq!(program.run_to(0, &["list", "-a", "A"]).out.matches("存盘的一页").count(), 1);
}

#[test]
fn what_was_removed_stays_removed_and_tombstones_come_along() {
    let program = Program::new();
    let server = two(&program);
    program.run_to(0, &["remove", "-a", "B", server.url("/gone").as_str(), "--now", "2026-11-25T08:00:00Z"]);
    merge(&program, 0, "B", "A");
    let removed: Vec<String> = tree(&program, "A").into_keys().filter(|path| path.ends_with("removed.json")).collect();
    assert_eq!(removed.len(), 1);
    program.run_to(0, &["remove", "-a", "A", server.url("/library").as_str(), "--now", "2026-11-25T08:00:00Z"]);
    let ran = merge(&program, 0, "B", "A");
    assert!(ran.err.contains("1 skipped"), "{}", ran.err);
    let page = merge(&program, 0, "B", "A").out;
    assert!(page.contains("was removed from this archive"), "{page}");
    program.run_to(1, &["show", "-a", "A", server.url("/library").as_str()]);
    program.run_to(0, &["verify", "-a", "A"]);
    // An article that is here stays, whatever was removed there.
    program.run_to(0, &["remove", "-a", "B", server.url("/other").as_str()]);
    merge(&program, 0, "B", "A");
    program.run_to(0, &["show", "-a", "A", server.url("/other").as_str()]);
    program.run_to(0, &["verify", "-a", "A"]);
}

#[test]
fn a_damaged_file_of_the_other_archive_is_named_and_not_taken() {
    let program = Program::new();
    let server = two(&program);
    archive(&program, "A", 23, &server, "/other");
    let image = tree(&program, "B").into_keys().filter(|path| path.ends_with(".gif")).collect::<Vec<_>>();
    for path in &image {
        program.write(&format!("B/{path}"), b"GIF89a, but other bytes");
    }
    // This archive has both images, so every article of the other one can come in.
    let ran = merge(&program, 4, "B", "A");
    for path in &image {
        assert!(ran.err.contains(path), "{}", ran.err);
    }
    assert!(ran.err.contains("0 failed, with damage"), "{}", ran.err);
    program.run_to(0, &["verify", "-a", "A"]);
    // An empty archive lacks them.
    let ran = merge(&program, 4, "B", "D");
    assert!(ran.err.contains("1 new, 0 updated, 0 unchanged, 0 skipped, 2 failed"), "{}", ran.err);
    program.run_to(0, &["verify", "-a", "D"]);
    // An undamaged copy repairs a damaged image.
    program.write(&format!("A/{}", image[0]), b"GIF89a, but other bytes");
    program.run_to(4, &["verify", "-a", "A"]);
    archive(&program, "E", 24, &server, "/library");
    archive(&program, "E", 24, &server, "/other");
    merge(&program, 0, "E", "A");
    program.run_to(0, &["verify", "-a", "A"]);
}

#[test]
fn what_cannot_be_merged_is_refused_before_anything_is_written() {
    let program = Program::new();
    two(&program);
    let before = tree(&program, "A");
    assert!(merge(&program, 2, "A", "A").err.contains("the archive itself"));
    assert!(merge(&program, 2, "./A/../A/", "A").err.contains("the archive itself"));
    program.write("B/.bindery/unsealed", b"");
    assert!(merge(&program, 2, "B", "A").err.contains("unfinished run"));
    program.write("notes.txt", b"no archive");
    assert!(merge(&program, 2, "notes.txt", "A").err.contains("not an archive, a bag or a WACZ"));
    assert!(merge(&program, 2, "nowhere", "A").err.contains("does not exist"));
    let convert = program.run_to(2, &["convert", "B", "--archive", "A"]);
    assert!(convert.err.contains("bindery merge"), "{}", convert.err);
    assert_eq!(tree(&program, "A"), before);
}

#[test]
fn a_wacz_brings_its_pages() {
    let program = Program::new();
    let server = two(&program);
    program.run_to(0, &["bundle", "-a", "B", "--format", "wacz", "-o", "B.wacz"]);
    let newest = program.run_to(0, &["show", "-a", "A", server.url("/library").as_str()]).out;
    merge(&program, 0, "B.wacz", "A");
    program.run_to(0, &["show", "-a", "A", server.url("/other").as_str()]);
    let shown = program.run_to(0, &["show", "-a", "A", server.url("/library").as_str()]).out;
    assert_eq!(shown, newest, "an older text does not become the newest");
    program.run_to(0, &["verify", "-a", "A"]);
    let done = tree(&program, "A");
    merge(&program, 0, "B.wacz", "A");
    assert_eq!(tree(&program, "A"), done, "merging again changes nothing");
}

#[test]
fn an_interrupted_merge_is_completed_by_the_next_one() {
    let program = Program::new();
    two(&program);
    // The states that a kill can leave: everything up to one file is there, and nothing is listed.
    std::fs::create_dir_all(program.path("whole")).unwrap();
    let copy = |from: &str, to: &str| {
        for (path, bytes) in tree(&program, from) {
            program.write(&format!("{to}/{path}"), bytes);
        }
    };
    copy("A", "whole");
    merge(&program, 0, "B", "whole");
    let (before, after) = (tree(&program, "A"), tree(&program, "whole"));
    let is_record = |path: &&String| path.ends_with("record.json");
    let changed = |path: &&String| before.get(*path) != after.get(*path) && !path.ends_with("manifest-sha256.txt");
    let mut new: Vec<&String> = after.keys().filter(changed).filter(|path| !path.starts_with("runs")).collect();
    // Records are written after the files that they name.
    new.sort_by_key(|path| (is_record(path), path.ends_with("index.md"), path.starts_with("articles")));
    for count in 0..=new.len() {
        let into = format!("killed{count}");
        copy("A", &into);
        program.write(&format!("{into}/.bindery/unsealed"), b"");
        for path in &new[..count] {
            program.write(&format!("{into}/{path}"), &after[*path]);
        }
        merge(&program, 0, "B", &into);
        program.run_to(0, &["verify", "-a", &into]);
        let articles = |archive: &str| {
            tree(&program, archive)
                .into_iter()
                .filter(|(path, _)| path.starts_with("articles") && path.ends_with("record.json"))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(
            articles(&into).keys().collect::<Vec<_>>(),
            articles("whole").keys().collect::<Vec<_>>(),
            "after {count} files"
        );
    }
    assert!(new.len() > 10);
}
