//! Folders that are refused, and names that are avoided.

use std::fs;

use crate::support::program::Program;

use super::fixture::{NOW, Page, archive, archived, counts, export, export_to, text_of};

#[test]
fn a_folder_with_other_files_is_refused_unless_it_is_meant() {
    let program = archived();
    program.write("out/_config.yml", "title: 我的博客\n");
    let ran = export_to(&program, 2, "hexo", &[]);
    assert!(ran.err.contains("--into"), "{}", ran.err);
    assert_eq!(program.files("out"), ["_config.yml"]);
    export_to(&program, 0, "hexo", &["--into"]);
    export_to(&program, 0, "hexo", &[]);
    assert_eq!(program.read("out/_config.yml"), "title: 我的博客\n");
    let ran = export_to(&program, 2, "hugo", &[]);
    assert!(ran.err.contains("was exported for hexo"), "{}", ran.err);
}

#[test]
fn the_archive_is_no_place_for_an_export() {
    let program = archived();
    let before = program.files("bindery-archive");
    for output in ["bindery-archive", "bindery-archive/site/new"] {
        let ran = program.run_to(2, &["export", "--profile", "plain", "--output", output, "--into"]);
        assert!(ran.err.contains("inside the archive"), "{}", ran.err);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(program.path("bindery-archive"), program.path("link")).unwrap();
        program.run_to(2, &["export", "--profile", "plain", "--output", "link/x", "--into"]);
        // Images of a site may be a link to those of the archive.
        fs::create_dir_all(program.path("blog/source")).unwrap();
        std::os::unix::fs::symlink(program.path("bindery-archive/images"), program.path("blog/source/images")).unwrap();
        program.run_to(0, &["export", "--profile", "hexo", "--output", "blog", "--into"]);
        fs::remove_file(program.path("blog/source/images")).unwrap();
        fs::remove_file(program.path("blog/.bindery-export.json")).unwrap();
        fs::remove_dir_all(program.path("blog/source/_posts")).unwrap();
        std::os::unix::fs::symlink(program.path("bindery-archive/articles"), program.path("blog/source/_posts"))
            .unwrap();
        let ran = program.run_to(2, &["export", "--profile", "hexo", "--output", "blog", "--into"]);
        assert!(ran.err.contains("inside the archive"), "{}", ran.err);
    }
    let after: Vec<String> = program.files("bindery-archive");
    assert_eq!(before, after);
}

#[test]
fn files_of_the_user_keep_their_names() {
    let program = archived();
    program.write("out/茶馆.md", "我自己的笔记");
    let ran = export_to(&program, 0, "obsidian", &["--into"]);
    let taken = &ran.events_named("name-taken")[0];
    assert_eq!(taken["path"], "茶馆.md");
    assert_eq!(program.read("out/茶馆.md"), "我自己的笔记");
    let tea = text_of(&ran, "茶馆");
    let read = program.read(&tea).replace("  - ", "- ");
    assert!(tea.starts_with("out/茶馆 ") && read.contains("aliases:\n- 茶馆\n"), "{read}");
    let again = export_to(&program, 0, "obsidian", &[]);
    assert_eq!((counts(&again)["unchanged"], again.events_named("name-taken").len()), (3, 0));
}

#[test]
fn titles_that_are_one_name_or_too_long_become_different_valid_names() {
    let program = Program::in_memory();
    let long = "长".repeat(300);
    let titles = ["Café au lait", "CAFE\u{301} AU LAIT", "问/答: \"一\"?", "问 答 一", &long, "..", "NUL"];
    let paths: Vec<String> = (0..titles.len()).map(|n| format!("/{n}")).collect();
    let pages: Vec<Page<'_>> = titles.iter().zip(&paths).map(|(title, path)| Page { path, title, more: "" }).collect();
    archive(&program, NOW, &pages);
    for profile in ["plain", "obsidian", "hexo", "hugo", "jekyll", "zola", "html"] {
        let ran = export_to(&program, 0, profile, &[]);
        let paths: Vec<String> =
            ran.events_named("article").iter().map(|event| event["path"].as_str().unwrap().to_owned()).collect();
        let folded: std::collections::BTreeSet<String> =
            paths.iter().map(|path| bindery::model::folded_name(path)).collect();
        assert_eq!(folded.len(), titles.len(), "{paths:?}");
        for name in paths.iter().flat_map(|path| path.split('/')) {
            assert!(name.len() <= 255 && !name.starts_with('.') && !name.contains(['"', ':', '?', '*']), "{name}");
            assert!(!name.eq_ignore_ascii_case("nul.md"), "{name}");
        }
        fs::remove_dir_all(program.path("out")).unwrap();
    }
}

#[test]
fn a_state_that_names_files_outside_is_refused() {
    let program = archived();
    export_to(&program, 0, "plain", &[]);
    let state = program.read("out/.bindery-export.json");
    program.write("precious.md", "x");
    program.write("out/.bindery-export.json", state.replacen("\"石桥", "\"../石桥", 1));
    let ran = export(&program, "plain", &["--prune", "--force"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("not a path below the folder"), "{}", ran.err);
    program.write("out/.bindery-export.json", "{");
    assert_eq!(export(&program, "plain", &[]).code, 1);
}
