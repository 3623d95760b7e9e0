//! How fast a crawl is, how much memory it takes, how well it keeps its pace, and what its queue costs.
//!
//! `cargo bench --bench crawl` crawls a site on loopback of 20 hosts with 50 pages each and three images a page;
//! `cargo bench --bench crawl -- whole` one with 500 pages a host, `-- whole disk` that on a disk alone (so each of memory,
//! disk, wget, unchanged, pause and queue). `wget -r` fetches the same site beside it, if it is
//! there. It fails when a limit is not held; the limit of pages per second holds for the whole site in memory.
#![allow(clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bindery::frontier::{
    End, Finish, Frontier, MemoryFrontier, Next, QueuedUrl, SqliteFrontier, UnixMillis, UrlKind, Usage,
};
use url::Url;

const HOSTS: usize = 20;
const MUST_DO: f64 = 150.0;
const MAY_TAKE: u64 = 300;
const UNCHANGED: Duration = Duration::from_millis(50);
const PAUSE: Duration = Duration::from_millis(100);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let whole = arguments.iter().any(|argument| argument == "whole");
    let parts = ["memory", "disk", "wget", "unchanged", "pause", "queue"];
    let is_named = |part: &str| arguments.iter().any(|argument| argument == part);
    let wanted = |part: &str| is_named(part) || !parts.iter().any(|part| is_named(part));
    let pages = if whole { 500 } else { 50 };
    let site = Site::start(pages);
    let memory = Path::new("/dev/shm");
    let fast = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let (fast, slow) = (fast.expect("a folder"), tempfile::tempdir().expect("a folder"));

    let all = HOSTS * pages;
    let mut rates = BTreeMap::new();
    for (place, folder) in [("memory", fast.path()), ("disk", slow.path())].into_iter().filter(|(part, _)| wanted(part))
    {
        let crawled = crawl(&site, folder, all);
        let rate = all as f64 / crawled.took.as_secs_f64();
        println!("{all} pages of {HOSTS} hosts, {} images, archive in {place}: {rate:.0} pages/s", all * 3);
        let mut before = (0, Duration::ZERO);
        for (done, (resident, at)) in &crawled.resident {
            let rate = (done - before.0) as f64 / (*at - before.1).as_secs_f64();
            println!("  at {done} pages: {} MB resident, {rate:.0} pages/s since {}", resident / 1000, before.0);
            before = (*done, *at);
        }
        println!("  largest ever: {} MB", crawled.largest / 1000);
        assert!(crawled.largest / 1000 < MAY_TAKE, "{} MB", crawled.largest / 1000);
        rates.insert(place, rate);
    }
    if wanted("wget") {
        wget(&site, pages);
    }
    // A visit is made again in the archive that one of the crawls left.
    let left = [("memory", fast.path()), ("disk", slow.path())].into_iter().find(|(part, _)| rates.contains_key(part));
    if let Some((_, folder)) = left.filter(|_| wanted("unchanged")) {
        unchanged(&site, folder, all);
    }
    if wanted("pause") {
        pause(&site);
    }
    if wanted("queue") {
        queue(fast.path());
    }
    // Twenty pages a second are the start of a small run; and builders share their machines.
    let must = if whole { MUST_DO } else { MUST_DO / 3.0 };
    assert!(rates.get("memory").is_none_or(|rate| *rate >= must), "{rates:?} pages/s");
}

struct Crawled {
    took: Duration,
    /// Resident memory in kB at some counts of pages, and when they were done.
    resident: BTreeMap<usize, (u64, Duration)>,
    largest: u64,
}

fn bindery(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bindery"));
    command.current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    command
}

/// Crawls so many pages, from one of each host.
fn crawl(site: &Site, folder: &Path, pages: usize) -> Crawled {
    let most = pages.to_string();
    let begin = Instant::now();
    let mut child = bindery(folder)
        .args(["crawl", "--json", "--allow-private", "--delay", "0s", "--max-pages", &most])
        .args(site.seeds())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut crawled = Crawled { took: Duration::ZERO, resident: BTreeMap::new(), largest: 0 };
    let mut done = 0;
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        done += usize::from(line.contains("\"event\":\"article\""));
        assert!(!line.contains("\"outcome\":\"failed\""), "{line}");
        if done % 500 == 0 || done == pages {
            let resident = memory_of(child.id(), "VmRSS:");
            if [500, 2000, 5000, 10_000, pages].contains(&done) {
                crawled.resident.entry(done).or_insert((resident, begin.elapsed()));
            }
            crawled.largest = crawled.largest.max(memory_of(child.id(), "VmHWM:"));
        }
    }
    assert!(child.wait().expect("it ends").success());
    crawled.took = begin.elapsed();
    assert_eq!(done, pages);
    crawled
}

/// A line of what Linux says of a process, in kB; 0 where there is none.
fn memory_of(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

/// The same site by wget; a few of its hosts are enough to tell, since it visits one after another.
fn wget(site: &Site, pages: usize) {
    const VISITED: usize = 4;
    let folder = tempfile::tempdir().expect("a folder");
    let begin = Instant::now();
    let mut command = Command::new("wget");
    command.args(["-q", "-r", "-l", "inf", "-p", "-e", "robots=off"]).args(&site.seeds()[..VISITED]);
    command.current_dir(folder.path());
    match command.status() {
        Ok(_) => println!(
            "wget -r of the same site: {:.0} pages/s",
            (VISITED * pages) as f64 / begin.elapsed().as_secs_f64()
        ),
        Err(_) => println!("skipped: there is no wget to compare with"),
    }
}

/// What a visit costs beside its fetch when nothing changed: a run of one page in the large archive.
fn unchanged(site: &Site, folder: &Path, all: usize) {
    let seed = site.seeds().remove(0);
    let once = || {
        // Visits are an hour apart, not within the pause after the one before: clocks count whole seconds.
        thread::sleep(Duration::from_millis(1100));
        let begin = Instant::now();
        let done = bindery(folder)
            .args(["crawl", "-q", "--allow-private", "--delay", "0s", "--depth", "0", &seed])
            .stdout(Stdio::null())
            .status();
        assert!(done.expect("the program starts").success());
        begin.elapsed()
    };
    let mut costs: Vec<Duration> = (0..9).map(|_| once()).collect();
    costs.sort();
    let begin = Instant::now();
    let version = bindery(folder).arg("--version").stdout(Stdio::null()).status();
    let start = begin.elapsed();
    assert!(version.expect("the program starts").success());
    println!(
        "a run of one unchanged page in an archive of {all}: {:.0} ms, at best {:.0} ms, of which starting the program {:.0} ms",
        costs[costs.len() / 2].as_secs_f64() * 1e3,
        costs[0].as_secs_f64() * 1e3,
        start.as_secs_f64() * 1e3
    );
    // The best of them: other work on the machine is not the visit's.
    assert!(costs[0] < UNCHANGED, "{costs:?}");
}

/// Twenty pages a host, a tenth of a second between requests.
fn pause(site: &Site) {
    let folder = tempfile::tempdir().expect("a folder");
    site.asked.lock().expect("no panic").clear();
    let done = bindery(folder.path())
        .args(["crawl", "-q", "--allow-private", "--delay", "100ms", "--max-pages", "100"])
        .args(site.seeds())
        .stdout(Stdio::null())
        .status();
    assert!(done.expect("the program starts").success());
    let asked = site.asked.lock().expect("no panic");
    let (mut pairs, mut shortest) = (0, Duration::MAX);
    for times in asked.values() {
        for pair in times.windows(2) {
            pairs += 1;
            shortest = shortest.min(pair[1] - pair[0]);
        }
    }
    println!(
        "with a pause of 100 ms: {pairs} pairs of requests to a host, the closest {} ms apart",
        shortest.as_millis()
    );
    assert!(pairs > 100 && shortest >= PAUSE, "{shortest:?}");
}

/// URLs in the queue.
const MANY: usize = 100_000;

/// Fills a queue, leaves a few leases behind as a process does that is killed, opens it again, and times what a visit asks
/// of it. The one in memory is held to the same.
fn queue(folder: &Path) {
    let path = folder.join("queue.sqlite");
    let page = |n: usize| {
        let url = Url::parse(&format!("https://host{}.example/{n}", n * 7919 % 5000)).expect("a URL");
        QueuedUrl { kind: UrlKind::Page, ..QueuedUrl::seed(url, 0) }
    };
    let found: Vec<QueuedUrl> = (0..MANY).map(page).collect();
    let mut frontier = SqliteFrontier::open(&path, "bench", UnixMillis(0)).expect("a queue");
    let begin = Instant::now();
    frontier.add(&found, UnixMillis(0)).expect("added");
    println!("{MANY} URLs enter the queue in {:.2} s", begin.elapsed().as_secs_f64());
    (0..5).for_each(|_| assert!(matches!(frontier.lease(UnixMillis(0), HOLD), Ok(Next::Work(_)))));
    drop(frontier);
    let begin = Instant::now();
    let mut frontier = SqliteFrontier::open(&path, "bench", UnixMillis(0)).expect("a queue");
    let start = begin.elapsed();
    println!(
        "with {MANY} in the queue and the leases of a process that is gone: opened in {:.0} ms",
        milliseconds(start)
    );
    assert!(start < Duration::from_secs(1));
    visits("on disk", &mut frontier);
    let mut frontier = MemoryFrontier::default();
    frontier.add(&found, UnixMillis(0)).expect("added");
    visits("in memory", &mut frontier);
}

const HOLD: Duration = Duration::from_secs(60);

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A lease and its end cost less than a millisecond each.
fn visits(place: &str, frontier: &mut dyn Frontier) {
    const TIMED: u32 = 5000;
    let (mut leasing, mut finishing) = (Duration::ZERO, Duration::ZERO);
    for n in 0..TIMED {
        let now = UnixMillis(i64::from(n));
        let begin = Instant::now();
        let Next::Work(lease) = frontier.lease(now, HOLD).expect("a lease") else { panic!("drained") };
        leasing += begin.elapsed();
        let begin = Instant::now();
        let (rest_until, spent) = (now.after(Duration::from_secs(1000)), Usage { pages: 1, bytes: 1000 });
        let finish = Finish { end: End::Done, rest_until, found: &[], also: &[], usage: spent };
        assert!(frontier.finish(&lease, &finish, now).expect("an end"));
        finishing += begin.elapsed();
    }
    let [lease, end] = [leasing, finishing].map(|all| milliseconds(all) / f64::from(TIMED));
    println!("{MANY} in a queue {place}: a lease {lease:.3} ms, its end {end:.3} ms");
    assert!(lease < 1.0 && end < 1.0);
}

/// A site of many hosts.
struct Site {
    ports: Vec<u16>,
    /// When each host was asked.
    asked: Arc<Mutex<BTreeMap<usize, Vec<Instant>>>>,
}

impl Site {
    fn start(pages: usize) -> Self {
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let mut ports = Vec::new();
        for host in 0..HOSTS {
            let listener = TcpListener::bind((format!("127.0.0.{}", host + 1), 0)).expect("a free port");
            ports.push(listener.local_addr().expect("an address").port());
            let asked = Arc::clone(&asked);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let asked = Arc::clone(&asked);
                    thread::spawn(move || serve(stream, host, pages, &asked));
                }
            });
        }
        Self { ports, asked }
    }

    fn seeds(&self) -> Vec<String> {
        let ports = self.ports.iter().enumerate();
        ports.map(|(host, port)| format!("http://127.0.0.{}:{port}/0.html", host + 1)).collect()
    }
}

/// Answers request after request on one connection.
fn serve(mut stream: TcpStream, host: usize, pages: usize, asked: &Mutex<BTreeMap<usize, Vec<Instant>>>) {
    let _ = stream.set_nodelay(true);
    let Ok(reading) = stream.try_clone() else { return };
    let mut reader = BufReader::new(reading.take(1 << 30));
    loop {
        let (mut first, mut line) = (String::new(), String::new());
        if reader.read_line(&mut first).is_err() || first.is_empty() {
            return;
        }
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            line.clear();
        }
        asked.lock().expect("no panic").entry(host).or_default().push(Instant::now());
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, kind, body) = answer(path, host, pages);
        let mut sent = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nETag: \"{path}\"\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        sent.extend(body);
        // In one piece: in two the second would wait for the client to acknowledge the first.
        if stream.write_all(&sent).is_err() {
            return;
        }
    }
}

fn answer(path: &str, host: usize, pages: usize) -> (u16, &'static str, Vec<u8>) {
    if let Some(name) = path.strip_suffix(".gif") {
        let mut state = name.bytes().fold(host as u64 + 1, |state, byte| state * 31 + u64::from(byte));
        let mut gif = b"GIF89a\x20\0\x20\0\0\0\0".to_vec();
        for _ in 0..1000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            gif.extend(state.to_be_bytes());
        }
        return (200, "image/gif", gif);
    }
    let number = path.trim_start_matches('/').strip_suffix(".html").and_then(|text| text.parse::<usize>().ok());
    let Some(number) = number.filter(|number| *number < pages) else { return (404, "text/plain", b"no".to_vec()) };
    let links = (number * 10 + 1..=number * 10 + 10).filter(|next| *next < pages);
    let links: String = links.map(|next| format!("<li><a href=\"/{next}.html\">第{next}篇</a></li>")).collect();
    let text: String = (0..12)
        .map(|n| format!("<p>第{number}篇第{n}段。馆长说，最难的不是买书，而是让每一本书都找得到，为此他们花了整整六年，把卡片目录一张一张录入电脑。</p>"))
        .collect();
    let images: String = (0..3).map(|n| format!("<p><img src=\"/{number}-{n}.gif\"></p>")).collect();
    let html = format!(
        "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><title>第{number}篇</title></head><body><nav><ul>{links}</ul></nav>\
         <article><h1>第{number}篇</h1>{text}{images}</article></body></html>"
    );
    (200, "text/html; charset=utf-8", html.into_bytes())
}
