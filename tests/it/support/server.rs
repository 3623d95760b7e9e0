//! A loopback HTTP/1.1 server for tests: it answers as a closure says, keeps a log, and can misbehave on demand.
//!
//! ```ignore
//! let server = Server::start(|asked| match asked.path.as_str() {
//!     "/" => Answer::html("<p>文"),
//!     "/busy" if asked.n == 0 => Answer::status(503).header("Retry-After", "1"),
//!     "/busy" => Answer::html("<p>好了"),
//!     _ => Answer::status(404),
//! });
//! let url = server.url("/busy");
//! ```
//!
//! One thread a connection, one request a connection. The server stops when it is dropped.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use url::Url;

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`.
    pub method: String,
    /// Path and query: `/a?b`.
    pub path: String,
    /// Header fields in the order received.
    pub headers: Vec<(String, String)>,
    /// How often this path was asked for before.
    pub n: usize,
}

impl Asked {
    /// The first field of that name (any case); None when absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// How the body is framed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Framing {
    /// `Content-Length`.
    Length,
    /// `Transfer-Encoding: chunked`, in chunks of that many bytes.
    Chunked(usize),
    /// Chunked, the body over and over until the client leaves.
    Endless,
    /// Neither: the end of the connection is the end of the body.
    Close,
}

/// What to answer. Made by [`Answer::status`] or [`Answer::html`], then refined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    framing: Framing,
    cut: Option<usize>,
    delay: Duration,
    drip: Option<Duration>,
    stall: bool,
    raw: Option<Vec<u8>>,
}

impl Answer {
    /// An answer with no header fields and an empty body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            cut: None,
            delay: Duration::ZERO,
            drip: None,
            stall: false,
            raw: None,
        }
    }

    /// 200 with an HTML page in UTF-8.
    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).header("Content-Type", "text/html; charset=utf-8").body(body)
    }

    /// 200 with bytes of that type.
    pub fn bytes(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).header("Content-Type", media_type).body(body)
    }

    /// A redirect to `location`.
    pub fn redirect(status: u16, location: impl AsRef<str>) -> Self {
        Self::status(status).header("Location", location.as_ref())
    }

    /// Exactly these bytes, whatever they mean, and the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::status(0) }
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the body in chunks of `size` bytes.
    pub fn chunked(mut self, size: usize) -> Self {
        self.framing = Framing::Chunked(size.max(1));
        self
    }

    /// Sends `chunk` again and again until the client leaves.
    pub fn endless(mut self, chunk: impl Into<Vec<u8>>) -> Self {
        self.body = chunk.into();
        self.framing = Framing::Endless;
        self
    }

    /// Sends no length: the end of the connection is the end of the body.
    pub fn until_close(mut self) -> Self {
        self.framing = Framing::Close;
        self
    }

    /// Closes the connection after `n` bytes of what follows the header fields (chunk sizes included).
    pub fn cut(mut self, n: usize) -> Self {
        self.cut = Some(n);
        self
    }

    /// Waits before the first byte.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits before each byte of the body.
    pub fn drip(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    /// Sends everything up to the cut ([`Answer::cut`]; without one not even the header fields), then falls silent and keeps
    /// the connection open until the client or the server ends.
    pub fn stall(mut self) -> Self {
        self.stall = true;
        self
    }

    fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Status\r\nConnection: close\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let bodiless = matches!(self.status, 204 | 304);
        match self.framing {
            Framing::Length if !bodiless => head.extend(format!("Content-Length: {}\r\n", self.body.len()).bytes()),
            Framing::Chunked(_) | Framing::Endless => head.extend(b"Transfer-Encoding: chunked\r\n"),
            _ => {}
        }
        head.extend(b"\r\n");
        head
    }

    fn framed(&self) -> Vec<u8> {
        match self.framing {
            Framing::Length | Framing::Close => self.body.clone(),
            Framing::Endless => chunk(&self.body),
            Framing::Chunked(size) => {
                let mut framed: Vec<u8> = self.body.chunks(size).flat_map(chunk).collect();
                framed.extend(b"0\r\n\r\n");
                framed
            }
        }
    }

    /// An error means that the client left, which is its right.
    fn send(&self, stream: &mut TcpStream, running: &AtomicBool) -> std::io::Result<()> {
        if let Some(raw) = &self.raw {
            return stream.write_all(raw);
        }
        if !self.stall || self.cut.is_some() {
            stream.write_all(&self.head())?;
            let framed = self.framed();
            if let Some(wait) = self.drip {
                return drip(stream, &framed, wait, running);
            }
            stream.write_all(&framed[..self.cut.unwrap_or(framed.len()).min(framed.len())])?;
            while self.framing == Framing::Endless && running.load(Ordering::Relaxed) {
                stream.write_all(&framed)?;
            }
        }
        if self.stall {
            stream.set_read_timeout(Some(Duration::from_millis(20)))?;
            while running.load(Ordering::Relaxed) && stream.read(&mut [0; 64]).map_or(true, |read| read > 0) {}
        }
        Ok(())
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn drip(stream: &mut TcpStream, bytes: &[u8], wait: Duration, running: &AtomicBool) -> std::io::Result<()> {
    for byte in bytes {
        pause(wait, running);
        if !running.load(Ordering::Relaxed) {
            break;
        }
        stream.write_all(&[*byte])?;
    }
    Ok(())
}

fn pause(delay: Duration, running: &AtomicBool) {
    let step = Duration::from_millis(10);
    let mut left = delay;
    while !left.is_zero() && running.load(Ordering::Relaxed) {
        thread::sleep(left.min(step));
        left = left.saturating_sub(step);
    }
}

type Handler = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

struct Shared {
    handler: Handler,
    running: AtomicBool,
    log: Mutex<Vec<Asked>>,
    counts: Mutex<HashMap<String, usize>>,
    busy: AtomicUsize,
    busiest: AtomicUsize,
}

/// A running server.
pub struct Server {
    host: &'static str,
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on a free port of 127.0.0.1. The handler may be called from several threads at once.
    pub fn start(handler: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1", handler)
    }

    /// The same at another URL of this machine, `127.0.0.2` for one: another host to who counts hosts by name.
    pub fn start_at(host: &'static str, handler: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((host, 0)).expect("a free port on this machine");
        let port = listener.local_addr().expect("the port just bound").port();
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            running: AtomicBool::new(true),
            log: Mutex::default(),
            counts: Mutex::default(),
            busy: AtomicUsize::new(0),
            busiest: AtomicUsize::new(0),
        });
        let thread = thread::spawn({
            let shared = shared.clone();
            move || accept(&listener, &shared)
        });
        Self { host, port, shared, thread: Some(thread) }
    }

    /// The URL of a path on this server: `http://127.0.0.1:<port><path>`, or with the host that it was started at.
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}:{}{path}", self.host, self.port)).expect("a path that begins with a slash")
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every request so far, in the order they came.
    pub fn log(&self) -> Vec<Asked> {
        self.shared.log.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.shared.counts.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    /// The most requests that were in work at once.
    pub fn busiest(&self) -> usize {
        self.shared.busiest.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.running.store(false, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect((self.host, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        if !shared.running.load(Ordering::SeqCst) {
            return;
        }
        let shared = shared.clone();
        thread::spawn(move || serve(stream, &shared));
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let Some(mut asked) = read_request(&stream) else {
        // No HTTP, such as the start of a TLS handshake: say so, as real servers do.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        return;
    };
    {
        let mut counts = shared.counts.lock().unwrap();
        let count = counts.entry(asked.path.clone()).or_default();
        asked.n = *count;
        *count += 1;
        shared.log.lock().unwrap().push(asked.clone());
    }
    let busy = shared.busy.fetch_add(1, Ordering::SeqCst) + 1;
    shared.busiest.fetch_max(busy, Ordering::SeqCst);
    let answer = (shared.handler)(&asked);
    pause(answer.delay, &shared.running);
    shared.busy.fetch_sub(1, Ordering::SeqCst);
    let _ = answer.send(&mut stream, &shared.running);
    let _ = stream.shutdown(Shutdown::Write);
}

/// Request line and header fields; None when that is not what came.
fn read_request(stream: &TcpStream) -> Option<Asked> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    // A TLS handshake has no line to wait for.
    let mut first = [0];
    stream.peek(&mut first).ok().filter(|_| first[0].is_ascii_uppercase())?;
    let mut reader = BufReader::new(stream.take(64 << 10));
    let mut line = || {
        let mut bytes = Vec::new();
        reader.read_until(b'\n', &mut bytes).ok()?;
        Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    words.next().filter(|version| version.starts_with("HTTP/"))?;
    let mut headers = Vec::new();
    loop {
        let field = line()?;
        let Some((name, value)) = field.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Some(Asked { method, path, headers, n: 0 })
}
