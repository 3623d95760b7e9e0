//! `convert --shard`: several runs divide the inputs, each with a report that a killed run continues.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::program::Program;
use crate::warc::fixture::gzip;

fn page(title: &str, more: &str) -> String {
    let text = "铺子在南门外，开了四十年，师傅姓林，手艺是祖上传下来的，街坊都认得他门前的那盏灯。".repeat(3);
    format!(
        "<html><head><meta charset=utf-8><title>{title}</title></head><body><article><h1>{title}</h1><p>{title}：{text}</p>{more}\
         <p>{text}</p></article></body></html>"
    )
}

/// A WARC file with a page for each name.
fn warc(names: &[String]) -> Vec<u8> {
    let mut file = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", page(name, ""));
        let head = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{at:012}>\r\nWARC-Date: \
             2021-06-01T01:02:03Z\r\nWARC-Target-URI: https://ferry.example/{name}\r\nContent-Type: application/http; \
             msgtype=response\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        file.extend(gzip(format!("{head}{block}\r\n\r\n").as_bytes()));
    }
    file
}

/// The bytes of every file below a folder.
fn bytes(program: &Program, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let read = |file: &String| std::fs::read(program.path(&format!("{folder}/{file}"))).unwrap();
    program.files(folder).into_iter().map(|file| (file.clone(), read(&file))).collect()
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}{n}")).collect()
}

#[test]
fn the_shards_bytes_and_their_merged_report_are_those_of_one_run() {
    let program = Program::new();
    for n in 0..30 {
        let more = if n % 5 == 0 { "<math><mi>x</mi></math><p><img src='https://cdn.example/a.png'>" } else { "" };
        program.write(&format!("in/{}/{n}.html", n % 4), page(&format!("第{n}页"), more));
    }
    program.write("in/empty.html", "");
    program.write("in/report.docx", "PK");
    for file in ["a", "b", "c", "d", "e"] {
        program.write(&format!("in/{file}.warc.gz"), warc(&names(file, 4)));
    }
    let one = program.run_to(3, &["convert", "in", "--output", "one", "--report", "one-report/all.jsonl", "--json"]);
    for part in 1..=3 {
        let (shard, report) = (format!("{part}/3"), format!("reports/{part}.jsonl"));
        let ran = program.run(&["convert", "in", "--output", "parts", "--shard", &shard, "--report", &report]);
        assert!(matches!(ran.code, 0 | 3), "{}", ran.err);
    }
    let whole = bytes(&program, "one");
    assert_eq!(whole.len(), 50, "{:?}", whole.keys());
    assert_eq!(bytes(&program, "parts"), whole);
    let merged = program.run_to(3, &["convert", "--merge-reports", "reports", "--json"]);
    assert_eq!(merged.summary(), one.summary());
    let failed: Vec<_> = merged.events_named("converted").iter().map(|event| event["source"].clone()).collect();
    assert_eq!(failed, ["in/empty.html"], "failures are named");
    let said = program.run_to(3, &["convert", "--merge-reports", "reports"]).err;
    assert!(said.contains("50 converted, 0 unchanged, 1 failed") && said.contains("in/empty.html is empty"), "{said}");
    assert_eq!(program.run_to(3, &["convert", "--merge-reports", "one-report", "--json"]).summary(), one.summary());
}

#[test]
fn of_several_web_archives_each_is_read_by_one_shard_and_a_single_one_is_divided() {
    let program = Program::new();
    for file in ["a", "b", "c", "d", "e", "f"] {
        program.write(&format!("many/{file}.warc.gz"), warc(&names(file, 3)));
    }
    program.write("single/a.warc.gz", warc(&names("页", 30)));
    let mut seen = BTreeMap::<String, Vec<u64>>::new();
    for part in 1..=3 {
        for (folder, count) in [("many", 0), ("single", 1)] {
            let (shard, output) = (format!("{part}/3"), format!("{folder}-{part}"));
            let ran = program.run_to(0, &["convert", folder, "--output", &output, "--shard", &shard, "--json"]);
            let files = if Path::new(&program.path(&output)).exists() { program.files(&output) } else { Vec::new() };
            assert!(files.len() >= count, "{part}: {files:?}");
            if folder == "many" {
                assert_eq!(files.len() % 3, 0, "whole files: {files:?}");
                files.iter().for_each(|file| seen.entry(file.clone()).or_default().push(part));
            } else {
                assert!(files.len() < 25, "divided: {files:?}");
            }
            assert_eq!(ran.summary()["converted"], files.len());
        }
    }
    assert!(seen.len() == 18 && seen.values().all(|parts| parts.len() == 1), "{seen:?}");
}

#[cfg(unix)]
#[test]
fn a_killed_shard_run_again_completes_and_redoes_nothing_that_it_reported() {
    use std::os::unix::fs::MetadataExt;
    let program = Program::new();
    for n in 0..150 {
        let more = if n % 7 == 0 { "<p><img src='a.svgz'><iframe src='https://video.example/1'></iframe>" } else { "" };
        program.write(&format!("in/{n}.html"), page(&format!("第{n}页"), &more.repeat(20)));
    }
    program.run_to(0, &["convert", "in", "--output", "one", "--report", "whole/1.jsonl", "--shard", "1/2"]);
    let arguments =
        ["convert", "in", "--output", "out", "--report", "reports/1.jsonl", "--shard", "1/2", "--threads", "2"];
    let mut command = program.command(&arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let report = program.path("reports/1.jsonl");
    let lines = || std::fs::read_to_string(&report).unwrap_or_default().lines().count();
    while lines() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // The kill came in the middle of a line, and an output was written that no line names.
    let text = std::fs::read_to_string(&report).unwrap();
    let kept: Vec<_> = text.lines().collect();
    let cut = kept.len() - 2;
    let done: Vec<Value> = kept[..cut].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    std::fs::write(&report, kept[..cut].join("\n") + "\n" + &kept[cut][..40]).unwrap();
    let file = |event: &Value| Some(format!("out/{}", event["output"].as_str()?));
    let number = |file: &String| std::fs::metadata(program.path(file)).unwrap().ino();
    let before: Vec<_> = done.iter().filter_map(file).map(|file| (number(&file), file)).collect();
    assert!(before.len() >= 5);
    let merged = program.run(&["convert", "--merge-reports", "reports"]);
    assert!(merged.code == 1 && merged.err.contains("reports/1.jsonl did not end"), "{}", merged.err);
    assert!(merged.err.contains("no report of shard 2/2"), "{}", merged.err);
    program.run_to(0, &arguments);
    for (number_before, file) in &before {
        assert_eq!(number(file), *number_before, "{file} is written once");
    }
    assert_eq!(bytes(&program, "out"), bytes(&program, "one"));
    let summary = |folder: &str| program.run_to(1, &["convert", "--merge-reports", folder, "--json"]).summary();
    assert_eq!(summary("reports"), summary("whole"));
    // A third run finds nothing to do, and the report still says everything.
    let ran = program.run_to(0, &[&arguments[..], &["--json"]].concat());
    assert_eq!(ran.summary()["converted"], 0);
    assert_eq!(summary("reports"), summary("whole"));
}

#[test]
fn a_report_of_a_page_that_failed_first_says_how_it_ended() {
    let program = Program::new();
    program.write("in/a.html", "");
    program.write("in/b.html", page("乙", ""));
    program.write("in/c.warc.gz", "no WARC");
    let arguments = ["convert", "in", "--output", "out", "--report", "reports/1.jsonl"];
    program.run_to(3, &arguments);
    let merged = program.run_to(3, &["convert", "--merge-reports", "reports", "--json"]).summary();
    assert_eq!((&merged["converted"], &merged["failed"]), (&1.into(), &2.into()));
    program.write("in/a.html", page("甲", ""));
    program.write("in/c.warc.gz", warc(&names("丙", 1)));
    program.run_to(0, &arguments);
    let merged = program.run_to(0, &["convert", "--merge-reports", "reports", "--json"]).summary();
    assert_eq!((&merged["converted"], &merged["failed"]), (&3.into(), &0.into()));
    for (wrong, expected) in [
        (&["in/a.html", "--report", "r.jsonl"][..], "--output"),
        (&["--merge-reports", "nowhere"], "cannot be read"),
        (&["--merge-reports", "in"], "no report"),
        (&["--merge-reports", "reports", "in"], "cannot be used with"),
    ] {
        let err = program.run_to(2, &[&["convert"], wrong].concat()).err;
        assert!(err.contains(expected), "{err}");
    }
}

/// The shell script in the job file for Kubernetes.
fn kubernetes_script() -> String {
    let job = std::fs::read_to_string(crate::architecture::project("examples/engines/kubernetes.yaml")).unwrap();
    let block = job.split("- |\n").nth(1).unwrap();
    let lines = block.lines().take_while(|line| line.starts_with("              "));
    lines.map(|line| format!("{}\n", line.trim_start())).collect()
}

#[cfg(unix)]
#[test]
fn the_job_files_of_slurm_and_kubernetes_convert_everything_once() {
    let program = Program::new();
    for n in 0..12 {
        program.write(&format!("in/{n}.html"), page(&format!("第{n}页"), ""));
    }
    program.write("in/empty.html", "");
    program.run_to(3, &["convert", "in", "--output", "one"]);
    let folder = Path::new(env!("CARGO_BIN_EXE_bindery")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let run = |shell: &str, arguments: &[&str], variables: &[(&str, String)]| {
        let mut command = std::process::Command::new(shell);
        command.args(arguments).current_dir(program.path("")).env("PATH", &path);
        let output = command.envs(variables.iter().map(|(name, value)| (name, value))).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let slurm = crate::architecture::project("examples/engines/slurm.sh").display().to_string();
    for part in 1..=3 {
        run("bash", &[&slurm, "in", "slurm", "3"], &[("SLURM_ARRAY_TASK_ID", part.to_string())]);
        let index = (part - 1).to_string();
        let variables = [
            ("JOB_COMPLETION_INDEX", index),
            ("PARTS", "3".to_owned()),
            ("DATA", program.path("").display().to_string()),
        ];
        run("sh", &["-c", &kubernetes_script()], &variables);
    }
    for output in ["slurm", "out"] {
        assert_eq!(bytes(&program, &format!("{output}/texts")), bytes(&program, "one"));
        let merged = program.run_to(3, &["convert", "--merge-reports", &format!("{output}/reports")]);
        assert!(merged.err.contains("12 converted, 0 unchanged, 1 failed"), "{}", merged.err);
    }
}
