//! `convert --stream`: other programs send pages and read the texts.
#![cfg(feature = "cli")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::program::Program;

fn page(title: &str) -> String {
    format!(
        "<!doctype html><html lang=zh><head><meta charset=utf-8><title>{title} - 装订报</title></head><body><nav><a href=/>首页\
         </a></nav><article><h1>{title}</h1><p class=byline>文/林远 2024-03-18</p><p>铺子在南门外，开了四十年，师傅姓林，手艺是\
         <b>祖上传下来的</b>。</p><p><img src=/a.png alt=门面></p><table><tr><th>甲<th>乙<tr><td>1<td>2</table><p>每天早上七点\
         开门，一直做到天黑，街坊都认得他，也认得他门前的那盏灯。</p></article></body></html>"
    )
}

fn begin(program: &Program, arguments: &[&str]) -> Child {
    let mut command = program.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Sends all lines and returns the answers, the messages and the exit code.
fn answers(program: &Program, arguments: &[&str], lines: Vec<u8>) -> (Vec<Value>, String, i32) {
    let mut child = begin(program, arguments);
    let mut input = child.stdin.take().unwrap();
    let sender = std::thread::spawn(move || input.write_all(&lines).unwrap());
    let output = child.wait_with_output().unwrap();
    sender.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (answers, String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

#[test]
fn the_texts_are_those_of_the_files_byte_for_byte_and_in_order() {
    let program = Program::new();
    let mut lines = String::new();
    for n in 0..40 {
        let bytes = match n % 3 {
            0 => page(&format!("第{n}页")).into_bytes(),
            1 => encoding_rs::GBK.encode(&page(&format!("第{n}页")).replace("utf-8", "gbk")).0.into_owned(),
            _ => encoding_rs::BIG5.encode(&page("舊書").replace("utf-8", "big5")).0.into_owned(),
        };
        let line = match n % 3 {
            0 => json!({ "id": n, "html": String::from_utf8(bytes.clone()).unwrap() }),
            _ => json!({ "id": n, "base64": STANDARD.encode(&bytes) }),
        };
        writeln!(lines, "{line}").unwrap();
        program.write(&format!("in/{n}.html"), bytes);
    }
    for (format, extension, field) in [("md", "md", "markdown"), ("html", "html", "html"), ("text", "txt", "text")] {
        program.run_to(0, &["convert", "in", "--output", format, "--format", format]);
        let arguments = ["convert", "--stream", "--threads", "3", "--format", format];
        let (found, said, code) = answers(&program, &arguments, lines.clone().into_bytes());
        assert_eq!((found.len(), code), (40, 0), "{said}");
        assert!(said.contains("40 converted"), "{said}");
        for (n, answer) in found.iter().enumerate() {
            assert_eq!((&answer["id"], &answer["line"]), (&n.into(), &(n + 1).into()));
            let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
            let file = program.read(&format!("{format}/{n}.{extension}"));
            assert_eq!(text("front_matter") + &text(field), file, "{n} as {format}");
        }
        assert_eq!(found[0]["title"], "第0页");
        assert_eq!((&found[0]["language"], &found[0]["charset"]["name"]), (&"zh".into(), &"UTF-8".into()));
        assert!(found[0]["confidence"].as_f64().unwrap() > 0.5 && found[0]["losses"].is_array());
    }
}

#[test]
fn the_url_and_the_options_are_those_of_the_command() {
    let program = Program::new();
    program.write("a.html", page("甲"));
    let line = json!({ "url": "https://example.cn/1", "html": page("甲") }).to_string();
    let options = ["--profile", "hexo", "--categories", "旧书"];
    let file = program.run_to(0, &[&["convert", "a.html", "--url", "https://example.cn/1"], &options[..]].concat()).out;
    let (found, ..) = answers(&program, &[&["convert", "--stream"], &options[..]].concat(), line.clone().into());
    let text = |answer: &Value| {
        format!("{}{}", answer["front_matter"].as_str().unwrap(), answer["markdown"].as_str().unwrap())
    };
    assert_eq!(text(&found[0]), file);
    assert_eq!(found[0]["url"], "https://example.cn/1");
    let (found, ..) = answers(&program, &["convert", "--stream", "--no-front-matter"], line.into());
    assert_eq!(found[0]["front_matter"], "");
}

#[test]
fn a_failure_is_an_answer_and_the_exit_code_is_that_of_failed_pages() {
    let program = Program::new();
    let mut lines = b"{\"id\":\"a\",\"html\":\" \"}\r\n\n{\"id\":\"b\",\"html\":\"\xff\"}\n".to_vec();
    lines.extend(b"{\"id\": \"long\", \"html\": \"");
    lines.resize(lines.len() + (97 << 20), b'x');
    lines.extend(format!("\"}}\n{}", json!({ "id": "c", "html": page("丙") })).into_bytes());
    let (found, said, code) = answers(&program, &["convert", "--stream"], lines);
    assert_eq!(code, 3, "{said}");
    let kinds: Vec<_> = found.iter().map(|answer| answer["error"]["kind"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["empty", "malformed", "too-large", ""], "{said}");
    assert_eq!((&found[2]["id"], &found[3]["id"], &found[3]["line"]), (&"long".into(), &"c".into(), &5.into()));
    assert!(said.contains("1 converted") && said.contains("1 malformed (line 3)"), "{said}");
    let (found, _, code) = answers(&program, &["convert", "--stream"], Vec::new());
    assert!(found.is_empty() && code == 0);
    for wrong in [&["--output", "o"][..], &["a.html"], &["--archive", "kept"], &["--shard", "1/2"]] {
        assert_eq!(program.run(&[&["convert", "--stream"], wrong].concat()).code, 2, "{wrong:?}");
    }
}

#[test]
fn each_page_is_answered_before_the_next_is_sent() {
    let program = Program::new();
    let mut child = begin(&program, &["convert", "--stream"]);
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for n in 0..20 {
        writeln!(input, "{}", json!({ "id": n, "html": page("甲") })).unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&answer["id"], &answer["title"]), (&n.into(), &"甲".into()));
    }
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("", Some(0)));
}

#[test]
fn a_reader_that_goes_away_ends_the_stream_quietly() {
    let program = Program::new();
    let mut child = begin(&program, &["convert", "--stream"]);
    drop(child.stdout.take());
    // Standard input stays open.
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", json!({ "html": page("甲") })).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    drop(input);
}

#[test]
fn a_sender_cannot_run_ahead_of_its_reader() {
    let program = Program::new();
    let mut child = begin(&program, &["convert", "--stream", "--threads", "1"]);
    let mut input = child.stdin.take().unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    // Nobody reads the answers, of which a pipe holds a few.
    std::thread::spawn(move || {
        let line = format!("{}\n", json!({ "html": page("甲") }));
        for n in 0..20_000 {
            if input.write_all(line.as_bytes()).is_err() {
                break;
            }
            let _ = send.send(n);
        }
    });
    let mut last = 0;
    while let Ok(n) = receive.recv_timeout(std::time::Duration::from_secs(3)) {
        last = n;
    }
    assert!((100..5_000).contains(&last), "{last} pages were taken");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The code of the only block of a language in a document.
fn example(language: &str) -> String {
    let document = std::fs::read_to_string(crate::architecture::project("docs/stream.md")).unwrap();
    let code = document.split(&format!("```{language}\n")).nth(1).unwrap();
    code.split("```").next().unwrap().to_owned()
}

#[test]
fn the_documents_examples_work_as_printed() {
    let program = Program::new();
    let bread = "<article><h1>Bread</h1><p>Flour, water, salt and most of a day to wait for it.</p></article>";
    program.write("pages/1.html", bread);
    program.write("pages/2.html", " ");
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_bindery")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    for (language, interpreter, needed) in
        [("python", ["python3", "-c"], "python3"), ("js", ["node", "-e"], "node"), ("sh", ["sh", "-c"], "jq")]
    {
        if std::process::Command::new(needed).arg("--version").output().is_err() {
            println!("without {needed}, its example is not run");
            continue;
        }
        let mut command = std::process::Command::new(interpreter[0]);
        command.args([interpreter[1], &example(language)]).env("PATH", &path).current_dir(program.path(""));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let lines = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<_> = lines.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(answers.len(), 2, "{language}: {lines}{said}");
        assert!(answers[0].contains("Flour, water") && answers[1].contains("is empty"), "{language}: {lines}{said}");
    }
}
