//! Proxies: what is sent through them, and what they may lead to.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use bindery::fetch::{Proxies, Settings};
use bindery::model::FailureKind;
use url::Url;

use super::{client, get, kind, settings};
use crate::support::server::{Answer, Server};

/// A SOCKS 5 proxy for one connection, which leads to `server` whatever is requested. The thread returns what it received:
/// user, password and target.
fn socks(server: &Server) -> (u16, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, target) = (listener.local_addr().unwrap().port(), server.port());
    let proxy = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let received = Mutex::new(Vec::new());
        // An error means that the client left.
        let _ = serve(stream, target, &received);
        received.into_inner().unwrap()
    });
    (port, proxy)
}

fn serve(mut near: TcpStream, target: u16, received: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        near.read_exact(&mut bytes).map(|()| bytes)
    };
    let methods = usize::from(take(2)?[1]);
    let method = if take(methods)?.contains(&2) { 2 } else { 0 };
    near.write_all(&[5, method])?;
    let text = |near: &mut TcpStream| {
        let mut length = [0];
        near.read_exact(&mut length)?;
        let mut bytes = vec![0; usize::from(length[0])];
        near.read_exact(&mut bytes)?;
        received.lock().unwrap().push(String::from_utf8_lossy(&bytes).into_owned());
        std::io::Result::Ok(())
    };
    if method == 2 {
        near.read_exact(&mut [0])?;
        text(&mut near)?;
        text(&mut near)?;
        near.write_all(&[1, 0])?;
    }
    let mut head = [0; 4];
    near.read_exact(&mut head)?;
    match head[3] {
        3 => text(&mut near)?,
        _ => {
            let mut address = [0; 4];
            near.read_exact(&mut address)?;
            received.lock().unwrap().push(std::net::Ipv4Addr::from(address).to_string());
        }
    }
    near.read_exact(&mut [0; 2])?;
    near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let mut far = TcpStream::connect(("127.0.0.1", target))?;
    let (mut from, mut to) = (near.try_clone()?, far.try_clone()?);
    let up = thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
    let copied = std::io::copy(&mut far, &mut near);
    let _ = near.shutdown(Shutdown::Both);
    let _ = up.join();
    copied.map(drop)
}

fn through(proxy: &str) -> Settings {
    Settings { proxies: Proxies::all(Url::parse(proxy).unwrap()), retries: 0, ..settings() }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn a_socks_proxy_receives_user_password_and_name() {
    let server = Server::start(|_| Answer::html("by way of SOCKS"));
    let (port, proxy) = socks(&server);
    let client = client(through(&format!("socks5h://me:p%40ss@127.0.0.1:{port}")), &[]);
    let page = get(&client, url("http://news.example/a")).await.unwrap();
    assert_eq!(page.body, b"by way of SOCKS");
    assert_eq!(proxy.join().unwrap(), ["me", "p@ss", "news.example"]);
    assert_eq!(server.log()[0].header("host"), Some("news.example"));
    assert!(server.log()[0].headers.iter().all(|(_, value)| !value.contains("ss")), "the password stays here");
}

#[tokio::test]
async fn a_socks_proxy_that_does_not_resolve_names_receives_an_address() {
    let server = Server::start(|_| Answer::html("here"));
    for host in ["localhost", "127.0.0.1"] {
        let (port, proxy) = socks(&server);
        let client = client(through(&format!("socks5://127.0.0.1:{port}")), &[]);
        let page = url(&format!("http://{host}:{}/", server.port()));
        client.name_origin(&page);
        assert_eq!(get(&client, page).await.unwrap().body, b"here", "{host}");
        assert_eq!(proxy.join().unwrap(), ["127.0.0.1"], "{host}");
    }
}

#[tokio::test]
async fn a_proxy_leads_to_no_private_address_that_was_not_named() {
    let proxy = Server::start(|_| Answer::html("inside"));
    let client = client(through(&format!("http://127.0.0.1:{}", proxy.port())), &[]);
    for private in ["http://10.0.0.1/", "http://localhost/", "http://intranet/", "http://nas.local/"] {
        assert_eq!(kind(&client, url(private)).await, FailureKind::PrivateAddress, "{private}");
    }
    assert!(proxy.log().is_empty());
    client.name_origin(&url("http://intranet/"));
    assert_eq!(get(&client, url("http://intranet/a")).await.unwrap().body, b"inside");
    assert_eq!(proxy.log()[0].path, "http://intranet/a");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_without_its_password() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for scheme in ["http", "socks5h"] {
        let client = client(through(&format!("{scheme}://me:geheim@127.0.0.1:{port}")), &[]);
        for page in ["http://news.example/", "https://news.example/"] {
            let error = get(&client, url(page)).await.unwrap_err();
            assert_eq!(error.kind(), FailureKind::Proxy, "{error}");
            let (said, proxy) = (error.to_string(), format!("the proxy `{scheme}://127.0.0.1:{port}"));
            assert!(said.contains(&proxy) && !said.contains("geheim"), "{said}");
        }
    }
}
