//! A small site, the program in a scratch folder, and the shim that stands below it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::support::program::{Program, Ran};
use crate::support::server::{Answer, Asked, Server};
use crate::support::skip::skip;

const TEXT: &str = "<p>这座图书馆建于一九五六年，当时只有两层，藏书不到三万册，读者大多是附近工厂的工人。</p>\
<p>七十年过去，它搬过三次家，换过五任馆长，书却越来越多，如今已经有一百二十万册，每天开放到晚上十点。</p>";

/// Pages `/p/0` to `/p/2`, each with an image of its own, and `/` that leads to them.
pub const PAGES: usize = 3;

/// The version of the site that shows a login page instead of every page.
pub const WALL: usize = 9;

fn serve(asked: &Asked, version: usize) -> Answer {
    let path = asked.path.as_str();
    if path.ends_with(".gif") {
        let mut gif = b"GIF89a\x0a\0\x0a\0\0\0\0!\xfe\x20".to_vec();
        gif.extend(bindery::model::Digest::of(path.as_bytes()).as_bytes());
        return Answer::bytes("image/gif", [gif.as_slice(), b"\0;"].concat());
    }
    match path.strip_prefix("/p/") {
        Some(_) if version == WALL => wall(),
        Some(number) => {
            let again = if version > 1 { "它后来改过一次，多了这一句话。" } else { "" };
            page(&format!("第{number}页"), &format!("<img src=/{number}.gif><p>这是第{number}页。{again}</p>"))
        }
        None if path == "/" => {
            page("首页", &(0..PAGES).map(|n| format!("<a href=/p/{n}>第{n}页</a> ")).collect::<String>())
        }
        None => Answer::status(404),
    }
}

fn page(title: &str, more: &str) -> Answer {
    Answer::html(format!(
        "<html lang=zh-CN><meta charset=utf-8><title>{title}</title><article><h1>{title}</h1>{TEXT}{more}</article></html>"
    ))
}

/// A login page, which stands in the place of every page.
fn wall() -> Answer {
    let text = "<p>您需要登录后才能查看此页面。如果您还没有账号，请先注册，注册只需要一分钟。</p>";
    Answer::html(format!(
        "<html lang=zh-CN><meta charset=utf-8><title>用户登录</title><main><h1>用户登录</h1>{text}</main></html>"
    ))
}

/// The site.
pub fn start() -> Server {
    Server::start(|asked| serve(asked, 1))
}

/// The site, and the version of its pages.
pub fn start_changing() -> (Server, Arc<AtomicUsize>) {
    let version = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&version);
    (Server::start(move |asked| serve(asked, now.load(Ordering::Relaxed))), version)
}

/// The URLs of its pages.
pub fn pages(server: &Server) -> Vec<String> {
    (0..PAGES).map(|n| server.url(&format!("/p/{n}")).to_string()).collect()
}

/// A program whose archive holds the site's pages.
pub fn kept(server: &Server) -> Program {
    let program = Program::in_memory();
    archive(&program, server).expect_code(0);
    program
}

/// Archives the site's pages.
pub fn archive(program: &Program, server: &Server) -> Ran {
    let pages = pages(server);
    let arguments: Vec<&str> = ["archive", "--json"].into_iter().chain(pages.iter().map(String::as_str)).collect();
    program.run(&arguments)
}

impl Ran {
    /// Insists on the exit code.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

/// The shim, built; None where there is no C compiler, which is reported in one line.
pub fn shim() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Tests may run in processes of their own, which all build it: none loads a half of it.
        let (made, target) = (folder.join(format!("shim-{}.so", std::process::id())), folder.join("shim.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let status =
            Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&made).arg(source).arg("-ldl").status();
        let built = status.is_ok_and(|status| status.success()) && std::fs::rename(made, &target).is_ok();
        built.then_some(target)
    });
    if built.is_none() {
        skip("cc", "there is no C compiler to build the shim with");
    }
    built.as_deref()
}

/// A command over the shim, with its settings.
pub fn shimmed(program: &Program, shim: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = program.command(arguments);
    command.env("LD_PRELOAD", shim).envs(settings.iter().copied());
    command
}

/// Everything in the archive is whole.
pub fn assert_whole(program: &Program, when: &str) {
    let verified = program.run(&["verify"]);
    assert_eq!(verified.code, 0, "{when}: {}{}", verified.out, verified.err);
}

/// URLs and titles that are listed.
pub fn listed(program: &Program) -> Vec<(String, String)> {
    let events = program.run_to(0, &["list", "--json"]).events();
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<(String, String)> =
        events.iter().map(|event| (text(event, "url"), text(event, "title"))).collect();
    found.sort();
    found
}
