//! The second export and those after it.

use std::fs;

use crate::support::program::Program;

use super::fixture::{HOST, NOW, Page, archive, archived, counts, export, export_to, snapshot, text_of};

const LATER: &str = "2026-11-25T10:00:00Z";

#[test]
fn a_second_export_with_nothing_new_writes_no_byte() {
    let program = archived();
    for profile in ["hexo", "hugo", "jekyll", "zola", "obsidian", "plain", "html"] {
        let first = export_to(&program, 0, profile, &[]);
        assert_eq!((counts(&first)["new"], counts(&first)["images"]), (3, 1), "{}", first.out);
        let before = snapshot(&program);
        let second = export_to(&program, 0, profile, &[]);
        assert_eq!(counts(&second)["unchanged"], 3, "{}", second.out);
        assert!(before == snapshot(&program), "{profile}");
        fs::remove_dir_all(program.path("out")).unwrap();
    }
}

#[test]
fn new_and_changed_articles_are_written_and_links_to_new_ones_are_completed() {
    let program = archived();
    let first = export_to(&program, 0, "plain", &[]);
    let tea = text_of(&first, "茶馆");
    let link =
        format!("<p>后来的事写在<a href=\"{HOST}/wen/xin.html\">新篇</a>里，那时候桥已经修好了，船也不再开了。</p>");
    archive(&program, LATER, &[Page { path: "/wen/cha.html", title: "茶馆", more: &link }]);
    let second = export_to(&program, 0, "plain", &[]);
    assert_eq!((counts(&second)["updated"], counts(&second)["unchanged"]), (1, 2));
    assert!(program.read(&tea).contains(&format!("[新篇]({HOST}/wen/xin.html)")), "{}", program.read(&tea));
    archive(&program, LATER, &[Page { path: "/wen/xin.html", title: "新 篇", more: "" }]);
    let third = export_to(&program, 0, "plain", &[]);
    assert_eq!((counts(&third)["new"], counts(&third)["updated"], counts(&third)["unchanged"]), (1, 1, 2));
    assert!(program.read(&tea).contains("[新篇](新%20篇.md)"), "{}", program.read(&tea));
}

#[test]
fn a_text_that_the_user_changed_or_removed_stays_so() {
    let program = archived();
    let first = export_to(&program, 0, "hexo", &[]);
    let (tea, bridge) = (text_of(&first, "茶馆"), text_of(&first, "石桥"));
    program.write(&tea, "我的批注");
    fs::remove_file(program.path(&bridge)).unwrap();
    archive(
        &program,
        LATER,
        &[Page { path: "/wen/cha.html", title: "茶馆", more: "<p>又过了一年，桥真的修好了。</p>" }],
    );
    let second = export_to(&program, 0, "hexo", &[]);
    assert_eq!((counts(&second)["edited"], counts(&second)["deleted"]), (1, 1), "{}", second.out);
    assert_eq!(program.read(&tea), "我的批注");
    assert!(!program.path(&bridge).exists());
    let forced = export_to(&program, 0, "hexo", &["--force"]);
    assert_eq!((counts(&forced)["updated"], counts(&forced)["new"]), (1, 1), "{}", forced.out);
    assert!(program.read(&tea).contains("桥真的修好了") && program.path(&bridge).exists());
}

#[test]
fn texts_are_removed_only_with_prune_and_never_an_edited_one() {
    let program = archived();
    let first = export_to(&program, 0, "hexo", &[]);
    let (tea, bridge) = (text_of(&first, "茶馆"), text_of(&first, "石桥"));
    let template = format!("{HOST}/wen/ma.html");
    let kept = export_to(&program, 0, "hexo", &[&template]);
    assert_eq!((counts(&kept)["unchanged"], counts(&kept)["stale"]), (1, 2));
    program.write(&bridge, "改过");
    let dry = export_to(&program, 0, "hexo", &[&template, "--prune", "--dry-run"]);
    assert_eq!(counts(&dry)["removed"], 1);
    assert!(program.path(&tea).exists());
    let pruned = export_to(&program, 0, "hexo", &[&template, "--prune"]);
    assert_eq!((counts(&pruned)["removed"], counts(&pruned)["stale"]), (1, 1), "{}", pruned.out);
    assert!(!program.path(&tea).exists() && program.read(&bridge) == "改过");
    assert!(!program.path("out/source/images").exists(), "the image of no other text");
    export_to(&program, 0, "hexo", &[&template, "--prune", "--force"]);
    assert!(!program.path(&bridge).exists());
}

#[test]
fn a_dry_run_reports_everything_and_writes_nothing() {
    let program = archived();
    let dry = export_to(&program, 0, "hugo", &["--dry-run"]);
    assert_eq!((counts(&dry)["new"], counts(&dry)["images"]), (3, 1));
    assert!(!program.path("out").exists());
}

#[test]
fn a_damaged_image_is_named_and_the_text_links_to_the_one_on_the_web() {
    let program = archived();
    let image = program.files("bindery-archive/images").into_iter().find(|file| file.ends_with(".png")).unwrap();
    let path = program.path("bindery-archive/images").join(&image);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, b"spoilt").unwrap();
    let ran = export_to(&program, 3, "jekyll", &[]);
    assert_eq!((counts(&ran)["damaged"], counts(&ran)["new"]), (1, 3), "{}", ran.out);
    assert!(ran.err.contains(&image) && ran.err.contains("bindery repair"), "{}", ran.err);
    let tea = text_of(&ran, "茶馆");
    assert!(!program.read(&tea).contains("/assets/images/"), "{}", program.read(&tea));
    fs::write(&path, bytes).unwrap();
    let ran = export_to(&program, 0, "jekyll", &[]);
    assert_eq!((counts(&ran)["updated"], counts(&ran)["images"]), (1, 1));
    assert!(program.read(&tea).contains("](/assets/images/"));
}

#[test]
fn a_damaged_text_stays_as_an_earlier_export_wrote_it() {
    let program = archived();
    let first = export_to(&program, 0, "plain", &[]);
    let tea = text_of(&first, "茶馆");
    let folder = first.events_named("article")[0]["folder"].as_str().unwrap().to_owned();
    let texts = program.files(&format!("bindery-archive/{folder}"));
    let file = texts.iter().find(|file| file.ends_with("Z.md")).unwrap();
    program.write(&format!("bindery-archive/{folder}/{file}"), "spoilt");
    let second = export_to(&program, 3, "plain", &["--prune"]);
    assert_eq!((counts(&second)["failed"], counts(&second)["unchanged"]), (1, 2), "{}", second.out);
    assert!(program.path(&tea).exists());
}

/// A state and files as a kill leaves them: the state names files that are not there, or with their earlier digests.
#[test]
fn an_export_that_was_killed_is_completed_by_the_next() {
    let program = archived();
    let first = export_to(&program, 0, "hexo", &[]);
    let wanted = snapshot(&program);
    let (tea, bridge) = (text_of(&first, "茶馆"), text_of(&first, "石桥"));
    let state: serde_json::Value = serde_json::from_str(&program.read("out/.bindery-export.json")).unwrap();
    let mut killed = state.clone();
    // One file was written, the other not, when the kill came.
    for path in [&tea, &bridge] {
        let file = &mut killed["files"][path.strip_prefix("out/").unwrap()];
        file["pending"] = file["sha256"].take();
        file.as_object_mut().unwrap().remove("sha256");
    }
    killed["articles"] = serde_json::json!({});
    program.write("out/.bindery-export.json", killed.to_string());
    fs::remove_file(program.path(&bridge)).unwrap();
    let second = export_to(&program, 0, "hexo", &[]);
    assert_eq!((counts(&second)["new"], counts(&second)["unchanged"]), (1, 2), "{}", second.out);
    let bytes = |files: &std::collections::BTreeMap<String, (Vec<u8>, _)>| {
        files.iter().map(|(path, (bytes, _))| (path.clone(), bytes.clone())).collect::<Vec<_>>()
    };
    assert!(bytes(&wanted) == bytes(&snapshot(&program)));
}

/// A real kill, at times that hit every phase of an export of some hundred articles.
#[test]
fn a_kill_at_any_moment_leaves_whole_files_that_the_next_export_completes() {
    let program = Program::in_memory();
    let page = |n: usize| {
        format!(
            "<html lang=zh><meta charset=utf-8><title>第{n}篇</title><article><h1>第{n}篇</h1><p>{}</p></article>",
            format!("渡口第{n}天的雾。").repeat(30)
        )
    };
    for n in 0..150 {
        program.write(&format!("pages/{n}.html"), page(n));
    }
    program.run_to(0, &["convert", "pages", "--archive", "bindery-archive", "--now", NOW]);
    for (profile, delays) in [("plain", [5, 15, 25, 40, 60]), ("html", [10, 40, 80, 120, 180])] {
        let whole = export_to(&program, 0, profile, &[]);
        let expected: Vec<String> = program.files("out");
        assert_eq!(counts(&whole)["new"], 150, "{}", whole.err);
        for delay in delays {
            fs::remove_dir_all(program.path("out")).unwrap();
            let mut child = program.command(&["export", "--profile", profile, "--output", "out"]).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
            let ran = export(&program, profile, &[]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert_eq!((counts(&ran).get("edited"), counts(&ran).get("deleted")), (None, None), "{}", ran.out);
            let files: Vec<String> =
                program.files("out").into_iter().filter(|file| !file.ends_with(".bindery-part")).collect();
            assert_eq!(files, expected);
        }
        fs::remove_dir_all(program.path("out")).unwrap();
    }
}
