//! Conversion in bulk: what is skipped, shared out, linked and reported, and what bad input does.
#![cfg(feature = "cli")]

use std::io::Write;

use crate::support::program::{Program, Ran};
use crate::support::skip::skip;

fn page(title: &str, body: &str) -> String {
    format!(
        "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>铺子在南门外，开了四十年，师傅姓林，\
         手艺是祖上传下来的，来的人多半是老主顾。</p><p>后来的事，街坊们都还记得{body}，说起来总要讲上半天，谁也不肯先走。\
         </p><p>到了去年冬天，铺子要搬，来帮忙的人站满了半条街，师傅一个一个记下了名字。</p></article></body></html>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    coder.write_all(bytes).unwrap();
    coder.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // As written by programs that do not mind: `..` and a leading slash included.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const GIF: &[u8] = b"GIF89a\x1e\0\x28\0\0\0\0";

#[test]
fn links_between_pages_become_links_between_texts() {
    let program = Program::new();
    program
        .write("in/甲.html", page("甲", "<a href='b/%E4%B9%99.html#x'>乙</a>和<a href='https://example.org/'>外</a>"));
    program.write(
        "in/b/乙.html",
        page("乙", "<a href='../甲.html'>甲</a>、<a href='#note'>注</a>、<a href='c.pdf'>图</a>"),
    );
    program.run_to(0, &["convert", "in", "--output", "out"]);
    let text = program.read("out/甲.md");
    assert!(text.contains("[乙](b/乙.md#x)") && text.contains("(https://example.org/)"), "{text}");
    let text = program.read("out/b/乙.md");
    assert!(text.contains("[甲](../甲.md)") && text.contains("、注、") && text.contains("(c.pdf)"), "{text}");
    // A page that is not converted with it stays where it is.
    program.run_to(0, &["convert", "in/甲.html", "--output", "one"]);
    assert!(program.read("one/甲.md").contains("[乙](b/%E4%B9%99.html#x)"), "{}", program.read("one/甲.md"));
}

#[test]
fn a_url_that_another_page_tells_is_a_link_to_its_text() {
    let program = Program::new();
    let with_head = |html: String, head: &str| html.replace("<head>", &format!("<head>{head}"));
    let links = "<a href='http://www.news.example.cn/b?id=2&amp;utm_source=x#later'>乙</a>、<a href='https://news.example.cn/c'>丙</a>、\
                 <a href='https://news.example.cn/d'>丁</a>";
    program.write("in/甲.html", page("甲", links));
    let canonical = "<link href=\"https://news.example.cn/b?id=2\" rel=\"canonical\">";
    program.write("in/x/乙.html", with_head(page("乙", "<a href='https://news.example.cn/a'>甲</a>"), canonical));
    program
        .write("in/x/丙.html", with_head(page("丙", ""), "<meta property=og:url content=https://news.example.cn/c>"));
    program.run_to(0, &["convert", "in", "--output", "out"]);
    let text = program.read("out/甲.md");
    for link in ["[乙](x/乙.md#later)", "[丙](x/丙.md)", "[丁](https://news.example.cn/d)"] {
        assert!(text.contains(link), "{link}: {text}");
    }
    assert!(program.read("out/x/乙.md").contains("[甲](https://news.example.cn/a)"));
}

#[test]
fn a_link_to_a_page_that_came_to_nothing_stays_what_it_was() {
    let program = Program::new();
    program.write("in/甲.html", page("甲", "<a href='空.html#x'>空</a>和<a href='乙.html'>乙</a>"));
    program.write("in/乙.html", page("乙", ""));
    program.write("in/空.html", " \n");
    let ran = program.run_to(3, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!((ran.events_named("converted").len(), &ran.summary()["failed"]), (3, &1.into()), "{}", ran.out);
    let text = program.read("out/甲.md");
    assert!(text.contains("[空](%E7%A9%BA.html#x)") || text.contains("[空](空.html#x)"), "{text}");
    assert!(text.contains("[乙](乙.md)"), "{text}");
    // The next run leaves it alone.
    let again = program.run_to(3, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!(again.summary()["unchanged"], 2);
    assert_eq!(program.read("out/甲.md"), text);
}

#[test]
fn what_changed_while_it_was_read_is_made_again_by_the_next_run() {
    use bindery::convert::{Event, Options, Run, run};
    let program = Program::new();
    const PAGES: usize = 60;
    std::fs::create_dir(program.path("in")).unwrap();
    // As editors save: never half a file.
    let write = |n: usize, more: &str| {
        program.write("new.html", page(&format!("第{n}页"), more));
        std::fs::rename(program.path("new.html"), program.path(&format!("in/{n:02}.html"))).unwrap();
    };
    (0..PAGES).for_each(|n| write(n, ""));
    let (paths, folder) = ([program.path("in")], program.path("out"));
    let options = Options::new(bindery::frontmatter::Profile::default());
    let all = |on_progress: &mut dyn FnMut(usize)| {
        let plan = Run {
            paths: &paths,
            folder: &folder,
            options: &options,
            threads: None,
            force: false,
            shard: None,
            is_reported: None,
        };
        let mut count = 0;
        run(&plan, &mut |event| {
            if matches!(event, Event::Converted { .. }) {
                on_progress(count);
                count += 1;
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        count
    };
    // Those ahead are about to be read, being read, or just written.
    let made = all(&mut |done| (done..PAGES.min(done + 6)).for_each(|n| write(n, &format!("，后来又改了{done}次"))));
    assert_eq!(made, PAGES);
    all(&mut |_| {});
    for n in 0..PAGES {
        let text = program.read(&format!("out/{n:02}.md"));
        assert!(text.contains(&format!("，后来又改了{n}次")), "{n}: {text}");
    }
    assert_eq!(all(&mut |_| {}), 0, "and then all is done");
}

/// A file system of its own that is full soon; None where nobody may mount one.
#[cfg(target_os = "linux")]
fn on_a_small_disk(program: &Program, script: &str) -> Option<std::process::Output> {
    std::fs::create_dir_all(program.path("small")).unwrap();
    let mount = "mount -t tmpfs -o size=256k small small || exit 99; ";
    let run = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.current_dir(program.path("")).args(["-rm", "sh", "-c", script]).env("B", env!("CARGO_BIN_EXE_bindery"));
        command.output().ok()
    };
    run(mount).filter(|tried| tried.status.success())?;
    run(&format!("{mount}{script}"))
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_is_reported_and_a_larger_one_gets_the_rest() {
    let program = Program::new();
    for n in 0..12 {
        program.write(&format!("in/{n}.html"), page(&format!("第{n}页"), &"很长很长的一段话，写不下。".repeat(900)));
    }
    let script = "$B convert in --output small/out >first.txt 2>&1; echo $? >>first.txt; \
        find small -type f ! -name '*.md' >left.txt; cat small/out/*.md >texts.txt; \
        mount -o remount,size=8m small; $B convert in --output small/out >second.txt 2>&1; echo $? >>second.txt; \
        mount -o remount,size=512k small; rm -r small/out; \
        $B convert in -a small/kept >third.txt 2>&1; echo $? >>third.txt; \
        mount -o remount,size=16m small; $B convert in -a small/kept >fourth.txt 2>&1; echo $? >>fourth.txt; \
        $B verify -a small/kept >fifth.txt 2>&1; echo $? >>fifth.txt";
    let Some(_) = on_a_small_disk(&program, script) else {
        return skip("mounts", "a small file system cannot be mounted");
    };
    let first = program.read("first.txt");
    assert!(first.contains("cannot be written") && first.contains("free space"), "{first}");
    assert!(first.contains("bindery: the disk is full") && first.ends_with("\n1\n"), "{first}");
    assert_eq!(program.read("left.txt"), "", "nothing half-written");
    let texts = program.read("texts.txt");
    assert_eq!(texts.matches("sha256:").count(), texts.matches("站满了半条街").count(), "each text is whole");
    let second = program.read("second.txt");
    assert!(second.ends_with("\n0\n"), "{second}");
    let third = program.read("third.txt");
    assert!(third.contains("free some space") && !third.ends_with("\n0\n"), "{third}");
    for after in ["fourth.txt", "fifth.txt"] {
        assert!(program.read(after).ends_with("\n0\n"), "{after}: {}", program.read(after));
    }
}

#[test]
fn a_second_run_does_only_what_has_changed() {
    let program = Program::new();
    for n in 0..5 {
        program.write(&format!("in/{n}.html"), page(&format!("第{n}页"), ""));
    }
    let count = |ran: &Ran, what: &str| ran.summary()[what].as_u64().unwrap();
    program.run_to(0, &["convert", "in", "--output", "out"]);
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!((count(&ran, "converted"), count(&ran, "unchanged")), (0, 5));
    assert_eq!(ran.events_named("converted").len(), 5, "each is reported");
    program.write("in/3.html", page("改过的第3页", "多了一句。"));
    std::fs::remove_file(program.path("out/1.md")).unwrap();
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!((count(&ran, "converted"), count(&ran, "unchanged")), (2, 3));
    assert!(program.read("out/3.md").contains("多了一句。"));
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json", "--profile", "hexo"]);
    assert_eq!(count(&ran, "converted"), 5, "another profile makes other texts");
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json", "--profile", "hexo", "--comments"]);
    assert_eq!(count(&ran, "converted"), 5, "what readers wrote makes other texts");
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json", "--profile", "hexo", "--force"]);
    assert_eq!(count(&ran, "converted"), 5);
}

#[test]
fn shards_together_do_everything_once_and_threads_change_nothing() {
    let program = Program::new();
    for n in 0..40 {
        program.write(
            &format!("in/{}/{n}.html", n % 3),
            page(&format!("第{n}页"), &format!("<img src='/{}.gif'>", n % 2)),
        );
    }
    program.write("in/0.gif", GIF);
    let one = program.run_to(0, &["convert", "in", "--output", "one", "--threads", "1", "--json"]);
    let eight = program.run_to(0, &["convert", "in", "--output", "eight", "--threads", "8", "--json"]);
    assert_eq!(one.out, eight.out, "the same events in the same order");
    for part in 1..=3 {
        program.run_to(0, &["convert", "in", "--output", "parts", "--shard", &format!("{part}/3")]);
    }
    let files = program.files("one");
    assert_eq!(files.len(), 41, "{files:?}");
    for other in ["eight", "parts"] {
        assert_eq!(program.files(other), files);
        for file in &files {
            let bytes = |folder: &str| std::fs::read(program.path(&format!("{folder}/{file}"))).unwrap();
            assert_eq!(bytes("one"), bytes(other), "{file}");
        }
    }
    for wrong in ["0/3", "4/3", "x", "1/0"] {
        assert!(
            program.run_to(2, &["convert", "in", "--output", "o", "--shard", wrong]).err.contains("1/8"),
            "{wrong}"
        );
    }
}

#[test]
fn packed_inputs_are_read_where_they_lie() {
    let program = Program::new();
    let site: &[(&str, &[u8])] = &[
        ("站/甲.html", page("甲", "<img src='图/a.gif'><a href='乙.html'>乙</a>").leak().as_bytes()),
        ("站/乙.html", page("乙", "").leak().as_bytes()),
        ("站/图/a.gif", GIF),
        ("站/post.md", "---\ntitle: 旧文\n---\n<p>旧的正文。</p>\n".as_bytes()),
    ];
    program.write("in/site.zip", zip(site));
    program.write("in/site.tar", tar(site));
    program.write("in/site2.tar.gz", gzip(&tar(site)));
    let zstd = ruzstd::encoding::compress_to_vec(&tar(site)[..], ruzstd::encoding::CompressionLevel::Fastest);
    program.write("in/site3.tar.zst", zstd);
    program.write("in/单页.html.gz", gzip(page("单页", "").as_bytes()));
    // Two are called site: the clash is reported for both.
    let ran = program.run_to(3, &["convert", "in", "--output", "out", "--json"]);
    assert_eq!(ran.summary()["failures"]["clash"], 3, "{}", ran.err);
    assert!(ran.err.contains("site.tar") && ran.err.contains("site.zip"), "{}", ran.err);
    std::fs::remove_file(program.path("in/site.tar")).unwrap();
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json", "--force"]);
    assert_eq!(ran.summary()["converted"], 10);
    for folder in ["site", "site2", "site3"] {
        let text = program.read(&format!("out/{folder}/站/甲.md"));
        assert!(text.contains("](../../images/") && text.contains("[乙](乙.md)"), "{folder}: {text}");
        assert_eq!(program.read(&format!("out/{folder}/站/post.md")), "---\ntitle: 旧文\n---\n旧的正文。\n");
    }
    assert!(program.read("out/单页.md").contains("开了四十年"));
    // An archive that is named is a folder that is named.
    program.run_to(0, &["convert", "in/site.zip", "--output", "top"]);
    assert!(program.path("top/站/甲.md").exists(), "{:?}", program.files("top"));
    assert!(program.run_to(3, &["convert", "in/site.zip"]).err.contains("--output"));
}

#[test]
fn archives_made_to_do_harm_do_none() {
    let program = Program::new();
    let html = page("好页", "");
    program.write(
        "in.tar",
        tar(&[
            ("../out.html", html.as_bytes()),
            ("/etc/abs.html", html.as_bytes()),
            ("a/../../up.html", html.as_bytes()),
            ("fine.html", html.as_bytes()),
        ]),
    );
    let ran = program.run_to(0, &["convert", "in.tar", "--output", "deep/out", "--json"]);
    assert_eq!(program.files("deep"), ["out/fine.md"]);
    assert_eq!(ran.summary()["left_out"]["file with a path that leads out of the archive"], 3);
    // A page of a hundred megabytes in a hundred kilobytes.
    program.write("bomb.zip", zip(&[("bomb.html", &vec![b' '; 100 << 20]), ("fine.html", html.as_bytes())]));
    let ran = program.run_to(3, &["convert", "bomb.zip", "--output", "bombed", "--json"]);
    assert_eq!(
        (ran.summary()["failures"]["too-large"].as_u64(), program.files("bombed")),
        (Some(1), vec!["fine.md".to_owned()])
    );
    program.write("cut.zip", &zip(&[("fine.html", html.as_bytes())])[..300]);
    program.write("cut.html.gz", &gzip(html.as_bytes())[..100]);
    let ran = program.run_to(3, &["convert", "cut.zip", "cut.html.gz", "--output", "cut", "--json"]);
    assert_eq!(ran.summary()["failed"], 2);
    let nested = (0..6).fold(zip(&[("p.html", html.as_bytes())]), |inner, _| zip(&[("in.zip", &inner)]));
    program.write("nested.zip", nested);
    assert!(program.run_to(3, &["convert", "nested.zip", "--output", "n"]).err.contains("too many archives"));
}

#[test]
fn bad_folders_and_names_are_tolerated_or_reported() {
    let program = Program::new();
    program.write("none/a.css", "p {}");
    assert!(program.run_to(2, &["convert", "none", "--output", "o"]).err.contains("contains no HTML file"));
    program.write("case/A.html", page("大", ""));
    program.write("case/a.htm", page("小", ""));
    let clash = program.run_to(2, &["convert", "case", "--output", "o"]).err;
    assert!(clash.contains("case/A.html") && clash.contains("case/a.htm") && !program.path("o").exists(), "{clash}");
    // The output lies in the input, and is not converted again.
    program.write("in/a.html", page("甲", ""));
    for _ in 0..2 {
        program.run_to(0, &["convert", "in", "--output", "in/out", "--format", "html", "--force"]);
    }
    assert_eq!(program.files("in"), ["a.html", "out/a.html"]);
    program.write("globs/1.html", page("一", ""));
    program.write("globs/2.txt", page("二", ""));
    program.run_to(0, &["convert", "globs/*.html", "--output", "globbed"]);
    assert_eq!(program.files("globbed"), ["1.md"]);
    assert!(program.run_to(2, &["convert", "globs/*.xyz", "--output", "o"]).err.contains("matches no file"));
}

#[test]
#[cfg(unix)]
fn names_that_are_no_text_and_files_that_cannot_be_read_are_borne() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let program = Program::new();
    let name = std::ffi::OsStr::from_bytes(b"\xb5\xda\xd2\xbb.html");
    std::fs::create_dir_all(program.path("in")).unwrap();
    std::fs::write(program.path("in").join(name), page("名字不是文字", "<a href='b.html'>乙</a>")).unwrap();
    program.write("in/b.html", page("乙", ""));
    let locked = program.write("in/locked.html", page("锁", ""));
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::read(&locked).is_ok();
    symlink(program.path("in"), program.path("in/loop")).unwrap();
    symlink("/nowhere", program.path("in/dangling.html")).unwrap();
    let ran = program.run_to(if is_root { 0 } else { 3 }, &["convert", "in", "--output", "out", "--json"]);
    let made = program.path("out").join(std::ffi::OsStr::from_bytes(b"\xb5\xda\xd2\xbb.md"));
    assert!(std::fs::read_to_string(made).unwrap().contains("[乙](b.md)"));
    assert_eq!(ran.summary()["left_out"]["symbolic link"], 2);
    if !is_root {
        assert_eq!(ran.summary()["failures"]["unreadable"], 1);
    }
}

/// Stands for a full disk: no file may grow beyond a few blocks.
#[test]
#[cfg(unix)]
fn a_text_that_cannot_be_written_leaves_nothing_half_written() {
    let program = Program::new();
    program.write("in/1.html", page("短", ""));
    program.write("in/2.html", page("长", &"很长很长的一段话，写不下。".repeat(4000)));
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let script = format!("trap '' XFSZ; ulimit -f 64; exec {bindery} convert in --output out");
    let output = std::process::Command::new("sh").current_dir(program.path("")).args(["-c", &script]).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("2.md cannot be written"), "{err}");
    assert_eq!(program.files("out"), ["1.md"]);
}

#[test]
fn standard_input_may_be_an_export() {
    let program = Program::new();
    let feed = "<rss version='2.0'><channel><title>报</title><item><title>头条</title><link>https://example.cn/1</link>\
                <description>&lt;p&gt;正文在此。&lt;/p&gt;</description></item></channel></rss>";
    let mut command = program.command(&["convert", "-", "--output", "out"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(feed.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let files = program.files("out");
    assert!(files.len() == 1 && files[0].starts_with("stdin/头条-"), "{files:?}");
}

#[test]
fn everything_goes_into_an_archive_too() {
    let program = Program::new();
    program.write("in/甲.html", page("甲", "<img src='图.gif'>"));
    program.write("in/图.gif", GIF);
    program.write(
        "in/旧.md",
        "---\ntitle: 旧文\ndate: Thu, 17 Jun 2021 10:44:26 GMT\nauthor: 林远\n---\n<p>旧的正文。</p>\n",
    );
    program.write("in/坏.html", "%PDF-1.4");
    let ran = program.run_to(3, &["convert", "in", "--archive", "kept", "--json"]);
    let articles = ran.events_named("article");
    assert_eq!(articles.len(), 2, "{}", ran.out);
    assert!(articles.iter().all(|article| article["outcome"] == "new"));
    let old = articles.iter().find(|article| article["title"] == "旧文").unwrap();
    assert!(old["path"].as_str().unwrap().starts_with("articles/local/2021/旧文-"), "{old}");
    let text = program.read(&format!("kept/{}", old["path"].as_str().unwrap()));
    assert!(text.contains("author:\n  - 林远\n") && text.contains("旧的正文。"), "{text}");
    let new = articles.iter().find(|article| article["title"] == "甲").unwrap();
    assert_eq!(new["images"]["saved"], 1);
    program.run_to(0, &["verify", "-a", "kept"]);
    let again = program.run_to(3, &["convert", "in", "--archive", "kept", "--json"]);
    assert_eq!(again.summary()["unchanged"], 2);
    program.run_to(0, &["verify", "-a", "kept"]);
    assert!(program.run_to(2, &["convert", "in", "-a", "kept", "--output", "o"]).err.contains("cannot be combined"));
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_or_killed_is_gone_on_with() {
    const PAGES: usize = 400;
    let program = Program::new();
    for nth in 0..PAGES {
        program.write(&format!("in/{:02}/{nth}.html", nth / 50), page(&format!("第{nth}页"), ""));
    }
    // Files come and go beside them while it runs.
    let made = |program: &Program| {
        let folders = std::fs::read_dir(program.path("out")).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
        files.filter(|file| file.file_name().to_string_lossy().ends_with(".md")).count()
    };
    let mut least = 0;
    for signal in ["-KILL", "-INT", "-TERM"] {
        let child = program
            .command(&["convert", "in", "--output", "out", "--json"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while made(&program) < least + 20 {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = child.wait_with_output().unwrap();
        let printed = String::from_utf8(ended.stdout).unwrap();
        if signal != "-KILL" {
            assert_eq!(ended.status.code(), Some(130), "{signal}");
            assert!(printed.lines().last().unwrap().contains("\"interrupted\":true"), "{printed}");
        }
        let done = made(&program);
        assert!((least + 20..PAGES).contains(&done), "{signal}: {done}");
        least = done;
    }
    let ran = program.run_to(0, &["convert", "in", "--output", "out", "--json"]);
    let (converted, unchanged) = (ran.summary()["converted"].as_u64(), ran.summary()["unchanged"].as_u64());
    assert_eq!((converted, unchanged), (Some((PAGES - least) as u64), Some(least as u64)), "{}", ran.err);
    let whole = program.files("out");
    assert_eq!(whole.len(), PAGES, "nothing else is left: {whole:?}");
    assert!(whole.iter().all(|file| program.read(&format!("out/{file}")).contains("sha256: ")));
}

#[test]
fn a_loss_is_an_object_for_programs_wherever_the_text_is_written() {
    let program = Program::new();
    program.write("甲.html", page("甲", "<script type='math/asciimath'>sum_(i=1)^n i</script>"));
    for (arguments, event) in [
        (["convert", "甲.html", "--json", "--output", "out"], "converted"),
        (["convert", "甲.html", "--json", "--archive", "kept"], "article"),
    ] {
        let ran = program.run_to(0, &arguments);
        let events = ran.events_named(event);
        assert_eq!(events[0]["losses"][0]["kind"], "formula", "{}", ran.out);
        assert_eq!(events[0]["losses"][0]["detail"], "sum_(i=1)^n i", "{}", ran.out);
    }
}
