//! Disks that are full, read-only or broken, and a system that opens no more files.

use std::process::{Command, Output};

use crate::site::{self, archive, assert_whole, listed};
use crate::support::program::Program;
use crate::support::skip::skip;

/// Runs a script in a mount namespace of its own, in the program's folder; None where the system has none for us.
fn apart(program: &Program, script: &str) -> Option<Output> {
    let mut command = Command::new("unshare");
    let command = command.args(["-rm", "sh", "-ec", script]).current_dir(program.path(""));
    let command = command.env("bindery", env!("CARGO_BIN_EXE_bindery")).env("HOME", program.path(""));
    let output = command.output().ok().filter(|output| output.status.code() != Some(99));
    let refused = |output: &Output| String::from_utf8_lossy(&output.stderr).contains("unshare:");
    let output = output.filter(|output| !refused(output));
    if output.is_none() {
        skip("mounts", "`unshare -rm` gives no mount namespace");
    }
    output
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_full_disk_stops_a_run_and_loses_nothing_that_was_kept() {
    let server = site::start();
    for kib in [24, 40, 64, 120] {
        let program = Program::in_memory();
        std::fs::create_dir(program.path("small")).unwrap();
        let pages = site::pages(&server).join(" ");
        let script = format!(
            "mount -t tmpfs -o size={kib}k small small || exit 99; code=0; \
             \"$bindery\" archive -a small/a --json {pages} || code=$?; \
             \"$bindery\" list -a small/a >&2 || true; \
             mount -o remount,size=64m small; \"$bindery\" archive -a small/a --json {pages} >&2; \
             \"$bindery\" verify small/a >&2; echo code $code"
        );
        let Some(output) = apart(&program, &script) else { return };
        let said = said(&output);
        assert!(output.status.success(), "{kib} KiB: {said}");
        assert!(!said.contains("panicked"), "{kib} KiB: {said}");
        if kib <= 40 {
            assert!(said.contains("code 1") || said.contains("code 3"), "{kib} KiB cannot be enough: {said}");
            assert!(said.contains("No space left"), "{kib} KiB: the reason is reported: {said}");
        }
    }
}

#[test]
fn a_bundle_and_a_restoration_on_a_full_disk_leave_nothing_half() {
    let server = site::start();
    let program = site::kept(&server);
    program.run_to(0, &["bundle", "-o", "all.zip"]);
    std::fs::create_dir(program.path("small")).unwrap();
    let script = "mount -t tmpfs -o size=8k small small || exit 99; \
        for format in bag wacz; do code=0; \"$bindery\" bundle --format $format -o small/b >&2 || code=$?; \
        echo $format $code $(ls -A small); done; \
        code=0; \"$bindery\" restore all.zip -a small/copy >&2 || code=$?; echo restore $code $(ls -A small)";
    let Some(output) = apart(&program, script) else { return };
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    assert_eq!(lines, ["bag 1", "wacz 1", "restore 1"], "{}", said(&output));
    assert!(said(&output).matches("No space left").count() >= 3, "{}", said(&output));
}

#[test]
fn a_repair_on_a_full_disk_stops_and_loses_nothing() {
    let server = site::start();
    let program = site::kept(&server);
    std::fs::create_dir(program.path("small")).unwrap();
    let script = "mount -t tmpfs -o size=64m small small || exit 99; cp -r bindery-archive small/a; \
        index=$(ls small/a/articles/*/*/*/index.md | head -n 1); echo 'my own words' >> $index; \
        rm small/a/images/*/*.gif small/a/README.md; \
        dd if=/dev/zero of=small/full bs=1k 2>/dev/null || true; code=0; \
        \"$bindery\" repair -a small/a >&2 || code=$?; echo full $code; \
        grep -q 'my own words' $index && echo there; rm small/full; \
        \"$bindery\" repair -a small/a >&2; \"$bindery\" verify -a small/a >&2; \
        grep -rq 'my own words' small/a/.bindery/edited && echo kept";
    let Some(output) = apart(&program, script) else { return };
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(out.lines().collect::<Vec<_>>(), ["full 1", "there", "kept"], "{}", said(&output));
    assert!(said(&output).contains("No space left"), "{}", said(&output));
}

#[test]
fn a_merge_and_a_text_set_aside_on_a_full_disk_lose_nothing() {
    let (server, version) = site::start_changing();
    let program = site::kept(&server);
    let url = server.url("/p/0").to_string();
    version.store(2, std::sync::atomic::Ordering::Relaxed);
    program.run_to(0, &["archive", "-a", "other", "--now", "2030-01-01T00:00:00Z", &url]);
    version.store(site::WALL, std::sync::atomic::Ordering::Relaxed);
    std::fs::create_dir(program.path("small")).unwrap();
    let full = "dd if=/dev/zero of=small/full bs=1k 2>/dev/null || true; code=0";
    let script = format!(
        "mount -t tmpfs -o size=64m small small || exit 99; cp -r bindery-archive small/a; \
         {full}; \"$bindery\" merge other -a small/a >&2 || code=$?; echo merge $code; \
         {full}; \"$bindery\" archive -a small/a --now 2031-01-01T00:00:00Z {url} >&2 || code=$?; echo visit $code; rm small/full; \
         \"$bindery\" merge other -a small/a >&2; \"$bindery\" archive -a small/a --now 2031-01-01T00:00:00Z {url} >&2; \
         \"$bindery\" verify -a small/a >&2; \"$bindery\" show -a small/a {url} | grep -c 图书馆; \
         \"$bindery\" show --all -a small/a {url} | grep -c 'set aside: login'"
    );
    let Some(output) = apart(&program, &script) else { return };
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.len() == 4 && lines[0] == "merge 1" && lines[2] != "0" && lines[3] == "1", "{out}{}", said(&output));
    assert!(["visit 1", "visit 3"].contains(&lines[1]), "{out}{}", said(&output));
    assert!(said(&output).contains("No space left"), "{}", said(&output));
}

#[test]
fn a_read_only_archive_is_read_and_not_written() {
    let server = site::start();
    let program = site::kept(&server);
    let page = &site::pages(&server)[0];
    // With its index and without it: what is only read needs none.
    for before in ["true", "rm -rf bindery-archive/.bindery"] {
        let script = format!(
            "{before}; mount --bind bindery-archive bindery-archive || exit 99; \
             mount -o remount,bind,ro bindery-archive || exit 99; \
             for command in verify list 'search 图书馆' 'show {page}' 'bundle -o all.zip'; do \
             code=0; \"$bindery\" $command >/dev/null || code=$?; echo \"$code ${{command%% *}}\"; done; \
             code=0; \"$bindery\" archive {page} || code=$?; echo \"$code archive\"; \
             code=0; \"$bindery\" reindex || code=$?; echo \"$code reindex\"; \
             code=0; \"$bindery\" remove {page} || code=$?; echo \"$code remove\""
        );
        let Some(output) = apart(&program, &script) else { return };
        let said = said(&output);
        for line in ["0 verify", "0 list", "0 search", "0 show", "0 bundle", "1 archive", "1 reindex", "1 remove"] {
            assert!(said.lines().any(|there| there == line), "{before}: {line} in {said}");
        }
        assert!(said.contains("Read-only file system"), "{said}");
        let _ = std::fs::remove_file(program.path("all.zip"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_finding_and_no_end() {
    let Some(shim) = site::shim() else { return };
    let server = site::start();
    let program = site::kept(&server);
    let files = program.files("bindery-archive");
    let image = files.iter().find(|file| file.ends_with(".gif")).unwrap();
    let text = files.iter().find(|file| file.ends_with("index.md")).unwrap();
    let capture = files.iter().find(|file| file.ends_with(".warc.gz")).unwrap();
    for file in [image, text, capture] {
        let end = format!("/{file}");
        for (arguments, code) in [(&["verify"][..], 4), (&["bundle", "-o", "all.zip"], 1)] {
            let output = site::shimmed(&program, shim, &[("SHIM_UNREADABLE", &end)], arguments).output().unwrap();
            let said = said(&output);
            assert_eq!(output.status.code(), Some(code), "{file}: {said}");
            assert!(said.contains("Input/output error") && said.contains(file.as_str()), "{file}: {said}");
            assert!(!said.contains("panicked"), "{file}: {said}");
        }
        assert!(!program.path("all.zip").exists(), "{file}");
    }
    assert_whole(&program, "readable again");
}

#[test]
fn a_system_that_opens_no_more_files_fails_pages_and_not_the_archive() {
    let server = site::start();
    let expected = listed(&site::kept(&server));
    for most in [4, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28] {
        let program = Program::in_memory();
        let pages = site::pages(&server).join(" ");
        let script = format!("ulimit -n {most}; exec \"$bindery\" archive --json --retries 0 {pages}");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(program.path("")).env("bindery", env!("CARGO_BIN_EXE_bindery"));
        let output = command.env("HOME", program.path("")).output().unwrap();
        let said = said(&output);
        assert!(!said.contains("panicked"), "{most} files: {said}");
        assert!(matches!(output.status.code(), Some(0 | 1 | 3 | 127)), "{most} files: {:?} {said}", output.status);
        archive(&program, &server).expect_code(0);
        assert_whole(&program, &format!("{most} files"));
        assert_eq!(listed(&program), expected, "{most} files");
    }
}
