//! WARC and ARC files of other programs: revisits, damage, and what such programs write in their own way.
#![cfg(feature = "cli")]

use std::io::Write;

use crate::support::program::{Program, Ran};
use crate::warc::fixture::gzip;

const SITE: &str = "https://ferry.example/";

/// A page whose title and text name it.
fn page(name: &str) -> String {
    let text = "渡口每天开六班船，第一班在天亮以前，最后一班要等到对岸的灯都灭了才走，船上的人多半彼此认识。".repeat(3);
    format!(
        "<html><head><title>{name}</title></head><body><article><h1>{name}</h1><p>{name}：{text}</p><p>{text}</p></article></body></html>"
    )
}

fn ok(fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{fields}\r\n").as_bytes(), body].concat()
}

fn date(day: u8) -> String {
    format!("2021-06-{day:02}T01:02:03Z")
}

fn lines(kind: &str, id: &str, day: u8, path: &str, more: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: {}\r\nWARC-Target-URI: {SITE}{path}\r\n\
         Content-Type: application/http; msgtype=response\r\n{more}",
        date(day)
    )
}

fn record(head: &str, block: &[u8]) -> Vec<u8> {
    [format!("{head}Content-Length: {}\r\n\r\n", block.len()).as_bytes(), block, b"\r\n\r\n"].concat()
}

fn response(id: &str, day: u8, path: &str, name: &str) -> Vec<u8> {
    record(&lines("response", id, day, path, ""), &ok("", page(name).as_bytes()))
}

fn revisit(id: &str, day: u8, path: &str, more: &str) -> Vec<u8> {
    let profile = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\n";
    record(&lines("revisit", id, day, path, &format!("{profile}{more}")), &ok("", b""))
}

/// The titles and capture dates of what became of files, sorted, and how the run went.
fn converted(code: i32, files: &[(&str, Vec<u8>)]) -> (Vec<(String, String)>, Ran) {
    let program = Program::new();
    files.iter().for_each(|(name, bytes)| drop(program.write(name, bytes)));
    let mut arguments = vec!["convert"];
    arguments.extend(files.iter().map(|(name, _)| *name));
    arguments.extend(["--output", "out", "--json"]);
    let ran = program.run_to(code, &arguments);
    let texts = program.files("out").into_iter().filter(|file| file.ends_with(".md"));
    let field = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_matches([':', ' ', '"']).to_owned()
    };
    let mut found: Vec<_> = texts
        .map(|file| program.read(&format!("out/{file}")))
        .map(|text| (field(&text, "title"), field(&text, "archived")))
        .collect();
    found.sort();
    (found, ran)
}

fn titles(code: i32, files: &[(&str, Vec<u8>)]) -> Vec<String> {
    converted(code, files).0.into_iter().map(|(title, _)| title).collect()
}

/// The sum of a count in all reports of a run.
fn counted(ran: &Ran, field: &str, what: &str) -> u64 {
    ran.events_named("import").iter().filter_map(|report| report[field][what].as_u64()).sum()
}

#[test]
fn a_revisit_has_the_body_of_the_capture_that_it_refers_to() {
    let original = response("a", 1, "timetable", "甲");
    let digest = "WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n";
    let with_digest = record(&lines("response", "a", 1, "timetable", digest), &ok("", page("甲").as_bytes()));
    let by_place =
        format!("WARC-Refers-To-Target-URI: {SITE}timetable\r\nWARC-Refers-To-Date: {}\r\n{digest}", date(1));
    for (original, reference) in [
        (&original, "WARC-Refers-To: <urn:uuid:a>\r\n".to_owned()),
        (&original, by_place),
        (&with_digest, digest.to_owned()),
        (&with_digest, "WARC-Payload-Digest: SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709\r\n".to_owned()),
    ] {
        let second = revisit("b", 9, "winter", &reference);
        let expected = [("甲".to_owned(), date(1)), ("甲".to_owned(), date(9))];
        // In one file and in two, whichever comes first.
        let both = [original.clone(), second.clone()].concat();
        assert_eq!(converted(0, &[("one.warc", both.clone())]).0, expected, "{reference}");
        let reversed = [second.clone(), original.clone()].concat();
        assert_eq!(converted(0, &[("one.warc", reversed)]).0, expected, "{reference}");
        let (first, second) = (("a.warc", original.clone()), ("b.warc.gz", gzip(&second)));
        assert_eq!(converted(0, &[first.clone(), second.clone()]).0, expected, "{reference}");
        assert_eq!(converted(0, &[second, first]).0, expected, "{reference}");
    }
}

#[test]
fn the_newest_state_of_a_url_wins_whatever_the_order_of_the_files() {
    let (old, new) = (response("a", 1, "timetable", "旧"), response("b", 5, "timetable", "新"));
    let gone = record(
        &lines("response", "c", 7, "timetable", ""),
        b"HTTP/1.1 404 Gone\r\nContent-Type: text/html\r\n\r\n<p>x",
    );
    let again = revisit("d", 9, "timetable", "WARC-Refers-To: <urn:uuid:b>\r\n");
    let unmodified = record(
        &lines(
            "revisit",
            "e",
            10,
            "timetable",
            "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified\r\n",
        ),
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    );
    for order in [[&old, &new, &gone, &again, &unmodified], [&unmodified, &again, &gone, &new, &old]] {
        for (states, day) in [(3, 5), (4, 9), (5, 10)] {
            let states: Vec<_> = order
                .iter()
                .filter(|state| [&old, &new, &gone, &again, &unmodified][..states].contains(state))
                .collect();
            let files: Vec<_> = states.iter().zip(["a.warc", "b.warc", "c.warc", "d.warc", "e.warc"]).collect();
            let files: Vec<(&str, Vec<u8>)> = files.into_iter().map(|(bytes, name)| (name, bytes.to_vec())).collect();
            let (found, ran) = converted(3, &files);
            assert_eq!(found, [("新".to_owned(), date(day))], "{}", ran.err);
        }
    }
    let one = [old, new, gone, again, unmodified].concat();
    let (found, ran) = converted(0, &[("one.warc", one)]);
    assert_eq!(found, [("新".to_owned(), date(10))]);
    assert_eq!((counted(&ran, "left_out", "older capture"), counted(&ran, "left_out", "redirect or error")), (3, 1));
}

#[test]
fn a_revisit_without_its_capture_is_reported_with_its_url() {
    let missing =
        revisit("b", 9, "winter", "WARC-Refers-To: <urn:uuid:elsewhere>\r\nWARC-Payload-Digest: sha1:AAAA\r\n");
    let to_itself = revisit("c", 9, "circle", "WARC-Refers-To: <urn:uuid:c>\r\n");
    let (found, ran) =
        converted(0, &[("one.warc", [response("a", 1, "timetable", "甲"), missing, to_itself].concat())]);
    assert_eq!(found.len(), 1);
    assert_eq!(counted(&ran, "left_out", "unresolved revisit"), 2);
    assert_eq!(counted(&ran, "losses", &format!("unresolved-revisit {SITE}winter")), 1, "{}", ran.out);
}

#[test]
fn one_damaged_record_costs_one_record() {
    let (first, last) = (response("a", 1, "1", "甲"), response("c", 1, "3", "丙"));
    let middle = response("b", 1, "2", "乙");
    let text = String::from_utf8(middle.clone()).unwrap();
    let length = text.lines().find(|line| line.starts_with("Content-Length")).unwrap();
    let damaged = [
        text.replace("WARC/1.0", "WARX/1.0"),
        text.replace("WARC-Type: response\r\n", "no field at all\r\n"),
        text.replace(&format!("{length}\r\n"), ""),
        text.replace(length, "Content-Length: 99"),
        text.replace(length, &format!("{length}0")),
        text.replace(length, &format!("{length}00000000")),
        text.replace(length, "Content-Length: many"),
        text.chars().take(text.chars().count() / 2).collect(),
        "\0".repeat(3000),
    ];
    for damaged in damaged {
        let plain = [first.clone(), damaged.clone().into_bytes(), last.clone()].concat();
        assert_eq!(titles(3, &[("one.warc", plain)]), ["丙", "甲"], "{damaged:.200}");
        let packed = [gzip(&first), gzip(damaged.as_bytes()), gzip(&last)].concat();
        let expected =
            if damaged.contains(&format!("{length}\r\n")) || damaged.starts_with('\0') { 0..3 } else { 2..3 };
        let found = titles(3, &[("one.warc.gz", packed)]);
        assert!(found.len() == 2 || expected.contains(&found.len()), "{damaged:.200}: {found:?}");
        assert!(found.contains(&"甲".to_owned()) && found.contains(&"丙".to_owned()), "{damaged:.200}: {found:?}");
    }
}

#[test]
fn one_damaged_gzip_member_costs_one_record() {
    let records: Vec<Vec<u8>> =
        ["甲", "乙", "丙"].iter().zip(1..).map(|(name, n)| response(name, n, name, name)).collect();
    let members: Vec<Vec<u8>> = records.iter().map(|record| gzip(record)).collect();
    let spoilt = |nth: usize, at: usize, change: &dyn Fn(&mut Vec<u8>, usize)| {
        let mut members = members.clone();
        change(&mut members[nth], at);
        members.concat()
    };
    let half = members[1].len() / 2;
    for (file, expected) in [
        (spoilt(1, half, &|member, at| member[at] ^= 0x55), ["丙", "甲"]),
        (spoilt(1, half, &|member, at| member.truncate(at)), ["丙", "甲"]),
        (spoilt(1, 0, &|member, at| member[at] = 0), ["丙", "甲"]),
        (spoilt(1, members[1].len() - 6, &|member, at| member[at] ^= 1), ["丙", "甲"]),
        (spoilt(0, 3, &|member, _| member[..4].fill(0)), ["丙", "乙"]),
        (spoilt(0, half, &|member, at| member[at] ^= 0x55), ["丙", "乙"]),
        (spoilt(2, half, &|member, at| member.truncate(at)), ["乙", "甲"]),
    ] {
        assert_eq!(titles(3, &[("one.warc.gz", file)]), expected);
    }
}

#[test]
fn a_file_that_was_compressed_as_one_is_read() {
    let records: Vec<u8> =
        (1..=3).flat_map(|n| response(&n.to_string(), n, &n.to_string(), &format!("第{n}"))).collect();
    assert_eq!(titles(0, &[("one.warc.gz", gzip(&records))]), ["第1", "第2", "第3"]);
    // Two such files, one after the other, and one that ends early.
    let more = gzip(&response("4", 4, "4", "第4"));
    assert_eq!(titles(0, &[("one.warc.gz", [gzip(&records), more].concat())]), ["第1", "第2", "第3", "第4"]);
    // Text that does not compress well, so that few bytes at the end are a part of the last record only.
    let noise = |n: u32| {
        (1..9000).map(|at: u32| format!("{:x}", (at * n).wrapping_mul(2_654_435_761) >> 25)).collect::<String>()
    };
    let record = |n: u32| {
        let block = ok("", format!("{}<!-- {} -->", page(&format!("第{n}")), noise(n)).as_bytes());
        record(&lines("response", &n.to_string(), 1, &n.to_string(), ""), &block)
    };
    let whole = gzip(&(1..=3).flat_map(record).collect::<Vec<u8>>());
    let cut = titles(3, &[("one.warc.gz", whole[..whole.len() - 60].to_vec())]);
    assert_eq!(cut[..2], ["第1", "第2"]);
}

#[test]
fn wrong_dates_and_missing_ids_are_warnings() {
    let text = String::from_utf8(response("a", 1, "1", "甲")).unwrap();
    let id = "WARC-Record-ID: <urn:uuid:a>\r\n";
    for (written, expected) in [
        ("20210601010203", "2021-06-01T01:02:03Z"),
        ("2021-06-01 01:02:03", "2021-06-01T01:02:03Z"),
        ("2021-06-01T01:02:61Z", "2021-06-01T00:00:00Z"),
        ("yesterday", "2001-02-03T04:05:06Z"),
    ] {
        let text = text.replace(&date(1), written).replace(id, "");
        let text = text.replace("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nDate: Sat, 03 Feb 2001 04:05:06 GMT\r\n");
        let length: usize =
            text.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
        let text = text.replace(&format!("Content-Length: {length}"), &format!("Content-Length: {}", length + 37));
        let (found, ran) = converted(0, &[("one.warc", text.into_bytes())]);
        assert_eq!(found, [("甲".to_owned(), expected.to_owned())], "{written}: {}", ran.err);
        assert_eq!(counted(&ran, "warnings", "record without an id"), 1);
        let wrong = ["record without a valid date", "record whose date has an invalid form"];
        assert_eq!(wrong.iter().map(|what| counted(&ran, "warnings", what)).sum::<u64>(), 1, "{written}");
    }
}

fn arc_record(path: &str, name: &str) -> Vec<u8> {
    let block = ok("", page(name).as_bytes());
    [
        format!("http://ferry.example/{path} 192.0.2.7 20060102030405 text/html {}\n", block.len()).as_bytes(),
        &block,
        b"\n",
    ]
    .concat()
}

#[test]
fn arc_files_are_read() {
    let about = "1 0 Ferry Archive\nURL IP-address Archive-date Content-type Archive-length\n\n";
    let file = format!("filedesc://old.arc 0.0.0.0 20060102030405 text/plain {}\n{about}", about.len());
    let metadata = "1 1 Ferry Archive\nURL IP-address Archive-date Content-type Archive-length\n<arcmetadata><a>一</a></arcmetadata>\n";
    let newer = format!("filedesc://new.arc 0.0.0.0 20060102030405 text/xml {}\n{metadata}\n", metadata.len());
    let name = arc_record("a file with spaces", "甲");
    let dns = b"dns:ferry.example 192.0.2.1 20060102030405 text/dns 10\n2006010203\n".to_vec();
    // HTTP/0.9 has no header.
    let body = page("丙");
    let bare =
        format!("http://ferry.example/3 192.0.2.7 20060102030405 text/html {}\n{body}\n", body.len()).into_bytes();
    for head in [file, newer] {
        let records = [head.into_bytes(), name.clone(), dns.clone(), arc_record("2", "乙"), bare.clone()];
        let expected = ["丙", "乙", "甲"];
        assert_eq!(titles(0, &[("one.arc", records.concat())]), expected);
        let packed: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
        let (found, ran) = converted(0, &[("one.arc.gz", packed)]);
        assert!(found.iter().all(|(_, date)| date == "2006-01-02T03:04:05Z"), "{found:?} {}", ran.err);
        assert_eq!(found.len(), 3);
        assert_eq!(titles(0, &[("one.arc.gz", gzip(&records.concat()))]), expected);
        // A damaged record costs itself only.
        for change in [("text/html ", "text/html x"), ("192.0.2.7", "here")] {
            let damaged = String::from_utf8(arc_record("2", "乙")).unwrap().replacen(change.0, change.1, 1);
            let file = [records[0].clone(), name.clone(), damaged.clone().into_bytes(), bare.clone()].concat();
            assert_eq!(titles(3, &[("one.arc", file)]), ["丙", "甲"], "{damaged:.90}");
        }
        let length = arc_record("2", "乙").iter().position(|&byte| byte == b'\n').unwrap();
        let text = String::from_utf8(arc_record("2", "乙")).unwrap();
        let longer = format!("{}9{}", &text[..length], &text[length..]);
        let file =
            [records[0].clone(), name.clone(), longer.into_bytes(), arc_record("4", "丁"), bare.clone()].concat();
        assert_eq!(titles(3, &[("one.arc", file)]), ["丁", "丙", "甲"]);
    }
}

#[test]
fn bodies_are_decoded_whatever_the_header_says_of_them() {
    let text = page("甲");
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let chunked = |bytes: &[u8]| {
        let (a, b) = bytes.split_at(bytes.len() / 2);
        [chunk(a), chunk(b), b"0\r\n\r\n".to_vec()].concat()
    };
    let brotli = {
        let mut out = Vec::new();
        // A body that is stored, not compressed.
        out.write_all(text.as_bytes()).unwrap();
        out
    };
    let both = "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n";
    for (fields, body) in [
        ("Transfer-Encoding: chunked\r\n", chunked(text.as_bytes())),
        ("Transfer-Encoding: Chunked\r\n", chunked(text.as_bytes())),
        (both, chunked(&gzip(text.as_bytes()))),
        (both, gzip(text.as_bytes())),
        (both, text.clone().into_bytes()),
        (both, chunked(text.as_bytes())),
        ("Transfer-Encoding: chunked\r\n", text.clone().into_bytes()),
        ("Content-Encoding: br\r\n", brotli),
        ("Content-Encoding: none\r\nthis line is no field\r\n", text.clone().into_bytes()),
    ] {
        let file = record(&lines("response", "a", 1, "1", ""), &ok(fields, &body));
        assert_eq!(titles(0, &[("one.warc", file)]), ["甲"], "{fields}");
    }
    for head in ["HTTP/1.1  200  OK", "HTTP/1.0 200", "HTTP/2 200 ", "HTTP/1.1 200 \u{fffd}"] {
        let block = format!("{head}\r\nContent-Type : text/html\r\n\tfolded\r\n\r\n{text}");
        let block = block.replace('\u{fffd}', "?").into_bytes();
        assert_eq!(titles(0, &[("one.warc", record(&lines("response", "a", 1, "1", ""), &block))]), ["甲"], "{head}");
    }
    // A chunked body that ends early is what came before.
    let cut = chunked(text.as_bytes());
    let file =
        record(&lines("response", "a", 1, "1", ""), &ok("Transfer-Encoding: chunked\r\n", &cut[..cut.len() - 40]));
    let program = Program::new();
    program.write("one.warc", file);
    program.run_to(0, &["convert", "one.warc", "--output", "out"]);
    let text = program.read(&format!("out/{}", program.files("out")[0]));
    assert!(!text.contains("\n1") && text.contains("渡口"), "{text}");
}
