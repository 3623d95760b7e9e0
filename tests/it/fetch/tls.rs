//! TLS: own certificate authorities, and ports that do not speak it. The certificates in `tls/` are valid until 2126.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bindery::fetch::Settings;
use bindery::model::FailureKind;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

use super::{client, get, hearing, kind, retries, settings};

const AUTHORITY: &[u8] = include_bytes!("tls/authority.pem");

/// A port of this machine that treats each connection in its own way; it closes when it is dropped.
struct Port {
    port: u16,
    met: Arc<AtomicUsize>,
    running: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Port {
    fn open(treat: impl Fn(TcpStream, &AtomicBool) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (met, running) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let thread = thread::spawn({
            let (met, running) = (met.clone(), running.clone());
            move || {
                while let Ok((stream, _)) = listener.accept() {
                    if !running.load(Ordering::SeqCst) {
                        return;
                    }
                    met.fetch_add(1, Ordering::SeqCst);
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                    treat(stream, &running);
                }
            }
        });
        Self { port, met, running, thread: Some(thread) }
    }

    fn url(&self) -> Url {
        Url::parse(&format!("https://127.0.0.1:{}/", self.port)).unwrap()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.running.store(false, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn secure(stream: TcpStream, _: &AtomicBool) {
    let certificates = CertificateDer::pem_slice_iter(include_bytes!("tls/server.pem")).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
    // A client that does not trust the certificate sends no request.
    if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
}

#[tokio::test]
async fn a_server_of_the_user_s_own_authority_is_trusted_when_that_is_named() {
    let server = Port::open(secure);
    let stranger = client(settings(), &[]);
    stranger.name_origin(&server.url());
    let error = get(&stranger, server.url()).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Tls, "{error}");
    assert!(error.to_string().contains("--ca-file"), "{error}");
    let friend = client(Settings { authorities: AUTHORITY.to_vec(), ..settings() }, &[]);
    friend.name_origin(&server.url());
    assert_eq!(get(&friend, server.url()).await.unwrap().body, b"secret");
}

#[tokio::test]
async fn a_port_that_never_answers_a_handshake_is_tried_once_and_left() {
    let silent = Port::open(|mut stream, running| {
        // Until the client leaves.
        while running.load(Ordering::SeqCst) && stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
    });
    let (client, heard) = hearing(Settings { connect_timeout: Duration::from_millis(300), ..settings() });
    client.name_origin(&silent.url());
    let error = get(&client, silent.url()).await.unwrap_err();
    assert_eq!(error.kind(), FailureKind::Timeout);
    let words = "no secure connection was made within 300ms; check that the port speaks TLS";
    assert!(error.to_string().contains(words), "{error}");
    // Its other pages are not asked for, at least for a while.
    assert_eq!(kind(&client, silent.url().join("/other").unwrap()).await, FailureKind::Timeout);
    assert_eq!((silent.met.load(Ordering::SeqCst), retries(&heard)), (1, 0));
}
