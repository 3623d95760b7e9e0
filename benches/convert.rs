//! Bulk conversion: how two workers do beside one, what memory many inputs take, how fast the program starts.
//!
//! `cargo bench --bench convert` fails when two workers fall far behind what two threads of bare parsing reach, when memory
//! grows with the number of inputs, or when the program starts late. `cargo bench --bench convert -- 100` multiplies every
//! size by 100: a million files, a WordPress export of gigabytes; `-- 100 files`, and so each of start, scaling, steady,
//! files and wxr, measures that alone. `BINDERY_CORPUS` puts real pages in the place of made
//! ones for the speeds.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::io::Write;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bindery::convert::{Event, Options, Run, run};
use bindery::frontmatter::Profile;
use bindery::html;

/// Scaling, as a share of what bare parsing reaches on the same machine at the same time. The aim is 1.85 in itself.
const SCALING: f64 = 0.8;
/// In kilobytes: a million small files, and a WordPress export of any size.
const FILES_MEMORY: u64 = 250 * 1024;
const WXR_MEMORY: u64 = 150 * 1024;
/// What four times as many inputs may take more, in kilobytes.
const GROWTH: u64 = 48 * 1024;
const START: Duration = Duration::from_millis(15);
/// Throughput of the last tenth of a long run, as a share of the first. The aim is 0.95.
const STEADY: f64 = 0.7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, folder] = arguments.as_slice()
        && word == "convert"
    {
        return child(Path::new(folder));
    }
    let scale = arguments.first().and_then(|argument| argument.parse().ok()).unwrap_or(1);
    let wanted = |part: &str| arguments.len() < 2 || arguments[1..].iter().any(|argument| argument == part);
    let scratch = tempfile::tempdir().expect("a scratch folder");
    if wanted("start") {
        start_up(scratch.path());
    }
    if wanted("scaling") || wanted("steady") {
        let pages = pages(scratch.path(), scale);
        if wanted("scaling") {
            scaling(&pages, scratch.path());
        }
        if wanted("steady") {
            steady(&pages, scratch.path(), scale);
        }
    }
    if wanted("files") {
        let files = [2_500, 10_000].map(|count| count * scale);
        memory("small files", files, FILES_MEMORY, scratch.path(), &many);
    }
    if wanted("wxr") {
        let megabytes = [10, 40].map(|count| count * scale);
        memory("megabytes of WordPress export", megabytes, WXR_MEMORY, scratch.path(), &wxr);
    }
}

fn many(folder: &Path, count: usize) {
    for nth in 0..count {
        let folder = folder.join(format!("{}", nth / 1000));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{nth}.html")), small(nth)).expect("a file");
    }
}

fn small(nth: usize) -> String {
    let sentence = format!("这是第{nth}篇文章，讲的是老城里的一家装订铺，铺子开了四十年，师傅姓林。");
    format!(
        "<html><head><title>第{nth}篇</title></head><body><article><p>{}</p></article></body></html>",
        sentence.repeat(6)
    )
}

/// Real pages where they are, else made ones with something around the text.
fn pages(scratch: &Path, scale: usize) -> PathBuf {
    let folder = scratch.join("pages");
    std::fs::create_dir_all(&folder).expect("a folder");
    if let Some(corpus) = std::env::var_os("BINDERY_CORPUS") {
        let files = std::fs::read_dir(Path::new(&corpus).join("wcxb-dev/html")).expect("the set is unpacked");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("listed").path()).collect();
        files.sort();
        // A short run takes some of them.
        for file in files.iter().step_by(if scale > 1 { 1 } else { 10 }) {
            std::fs::copy(file, folder.join(file.file_name().expect("a name"))).expect("a copy");
        }
        return folder;
    }
    let around = "<div class=item><a href='/n'>另一篇</a><span>2021-06-17</span></div>".repeat(200);
    for nth in 0..120 {
        let body = format!("<p>{}</p>", small(nth).repeat(2)).repeat(10);
        let page = format!(
            "<html><head><title>第{nth}篇</title></head><body><nav>{around}</nav><article>{body}</article><footer>{around}</footer>"
        );
        std::fs::write(folder.join(format!("{nth}.html")), page).expect("a file");
    }
    folder
}

fn convert(paths: &[PathBuf], output: &Path, threads: usize, tell: &mut dyn FnMut(Event)) -> Duration {
    let options = Options::new(Profile::default());
    let begin = Instant::now();
    let plan = Run {
        paths,
        folder: output,
        options: &options,
        threads: NonZero::new(threads),
        force: true,
        shard: None,
        is_reported: None,
    };
    run(&plan, &mut |event| {
        tell(event);
        ControlFlow::Continue(())
    })
    .expect("the run ends");
    begin.elapsed()
}

fn scaling(pages: &Path, scratch: &Path) {
    let texts: Vec<String> = std::fs::read_dir(pages)
        .expect("pages")
        .map(|file| String::from_utf8_lossy(&std::fs::read(file.expect("listed").path()).expect("read")).into_owned())
        .collect();
    let parse = |threads: usize| {
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for nth in 0..threads {
                let texts = &texts;
                let worker = std::thread::Builder::new().stack_size(2 << 20);
                let parse = move || texts.iter().skip(nth).step_by(threads).for_each(|text| drop(html::document(text)));
                worker.spawn_scoped(scope, parse).expect("a thread");
            }
        });
        begin.elapsed()
    };
    let all = |threads: usize| convert(&[pages.to_owned()], &scratch.join("scaling"), threads, &mut |_| {});
    let best = |measure: &dyn Fn() -> Duration| (0..2).map(|_| measure()).min().expect("measured");
    let (parse_one, one) = (best(&|| parse(1)), best(&|| all(1)));
    let (parse_two, two) = (best(&|| parse(2)), best(&|| all(2)));
    let rate = |time: Duration| texts.len() as f64 / time.as_secs_f64();
    let ours = one.as_secs_f64() / two.as_secs_f64();
    let theirs = parse_one.as_secs_f64() / parse_two.as_secs_f64();
    println!("{} pages: 1 worker {:.0} pages/s, 2 workers {:.0}: {ours:.2} times", texts.len(), rate(one), rate(two));
    println!(
        "bare parsing: 1 thread {:.0} pages/s, 2 threads {:.0}: {theirs:.2} times",
        rate(parse_one),
        rate(parse_two)
    );
    println!("files to files, one worker: {:.0} % of bare parsing in memory", 100.0 * rate(one) / rate(parse_one));
    assert!(ours >= theirs * SCALING, "two workers do {ours:.2} times what one does; bare parsing {theirs:.2}");
}

/// Many copies of the pages in one run: does it go on as fast as it began?
fn steady(pages: &Path, scratch: &Path, scale: usize) {
    let copies = 10 * scale;
    let folder = scratch.join("copies");
    let files: Vec<PathBuf> =
        std::fs::read_dir(pages).expect("pages").map(|file| file.expect("listed").path()).collect();
    for copy in 0..copies {
        let folder = folder.join(format!("{copy:04}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        for file in &files {
            let link = folder.join(file.file_name().expect("a name"));
            if std::fs::hard_link(file, &link).is_err() {
                std::fs::copy(file, &link).expect("a copy");
            }
        }
    }
    let mut times = Vec::new();
    let (mut converted, mut failed) = (0, 0);
    let begin = Instant::now();
    convert(&[folder], &scratch.join("copied"), 2, &mut |event| {
        match event {
            Event::Converted { .. } => converted += 1,
            Event::Failed { .. } => failed += 1,
            _ => return,
        }
        if (converted + failed) % files.len() == 0 {
            times.push(begin.elapsed());
        }
    });
    let spans: Vec<f64> = std::iter::once(times[0])
        .chain(times.windows(2).map(|two| two[1] - two[0]))
        .map(|span| span.as_secs_f64())
        .collect();
    // The first copy warms everything up.
    let tenth = (copies / 10).max(1);
    let rate = |spans: &[f64]| (spans.len() * files.len()) as f64 / spans.iter().sum::<f64>();
    let (start, end) = (rate(&spans[1..=tenth.max(2)]), rate(&spans[copies - tenth.max(2)..]));
    println!(
        "{copies} copies, {converted} converted, {failed} without an article: {start:.0} pages/s at the start, {end:.0} at the end ({:+.1} %)",
        100.0 * (end / start - 1.0)
    );
    assert!(end >= start * STEADY, "the run slows down");
}

/// The most memory that a run over many inputs takes, at two sizes, each in a process of its own.
fn memory(what: &str, sizes: [usize; 2], limit: u64, scratch: &Path, make: &dyn Fn(&Path, usize)) {
    let peaks = sizes.map(|size| {
        let folder = scratch.join("memory");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("in")).expect("a folder");
        make(&folder.join("in"), size);
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program).arg("convert").arg(&folder).output().expect("a process");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let peak = text.trim().parse::<u64>().ok();
        let _ = std::fs::remove_dir_all(&folder);
        peak
    });
    let [Some(few), Some(many)] = peaks else {
        println!("{what}: this system does not tell a process's memory");
        return;
    };
    println!("{} {what}: {} MB at the most; {}: {} MB", sizes[0], few / 1024, sizes[1], many / 1024);
    assert!(many <= limit, "{many} kB are more than {limit}");
    assert!(many <= few + GROWTH, "memory grows with the number of inputs");
}

fn child(folder: &Path) {
    convert(&[folder.join("in")], &folder.join("out"), 2, &mut |event| {
        if let Event::Failed { source, failure } = event {
            panic!("{source}: {failure}");
        }
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.and_then(|peak| peak.split_whitespace().next()).unwrap_or_default());
}

fn wxr(folder: &Path, megabytes: usize) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join("site.xml")).expect("a file"));
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>站</title>";
    file.write_all(head.as_bytes()).expect("written");
    let body = "这是一篇文章，讲的是老城里的一家装订铺。\n\n".repeat(160);
    let mut written = 0;
    for nth in 0.. {
        let item = format!(
            "<item><title>第{nth}篇</title><link>https://blog.example.cn/{nth}</link><content:encoded><![CDATA[{body}]]></content:encoded>\
             <wp:post_id>{nth}</wp:post_id><wp:post_name>p{nth}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>\n"
        );
        file.write_all(item.as_bytes()).expect("written");
        written += item.len();
        if written > megabytes << 20 {
            break;
        }
    }
    file.write_all(b"</channel></rss>").expect("written");
}

/// From the start of the process to its first byte, the fastest of many; beside a program that does nothing.
fn start_up(scratch: &Path) {
    let page = scratch.join("start.html");
    std::fs::write(&page, small(1)).expect("a file");
    let fastest = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let once = || {
            let begin = Instant::now();
            let output = Command::new(program).args(arguments).output().expect("the program runs");
            assert!(output.status.success());
            begin.elapsed()
        };
        (0..30).map(|_| once()).min().expect("measured")
    };
    let bindery = env!("CARGO_BIN_EXE_bindery");
    let nothing = fastest("/bin/true", &[]);
    let version = fastest(bindery, &["--version".as_ref()]);
    let convert = fastest(bindery, &["convert".as_ref(), page.as_os_str()]);
    println!(
        "start to end: /bin/true {nothing:.1?}, bindery --version {version:.1?}, bindery convert of a small page {convert:.1?}"
    );
    assert!(version <= START, "the program starts late");
}
