//! Fetching, against a loopback server.

#![cfg(feature = "net")]

mod answers;
mod politeness;
mod proxies;
mod tls;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bindery::fetch::{Client, Event, FetchError, Settings};
use bindery::model::{FailureKind, RawPage, Request, Timestamp};
use url::Url;

use crate::support::server::Server;

fn settings() -> Settings {
    Settings { backoff: Duration::from_millis(5), timeout: Duration::from_secs(20), ..Settings::default() }
}

type Heard = Arc<Mutex<Vec<Event>>>;

fn hearing(settings: Settings) -> (Client, Heard) {
    let heard = Heard::default();
    let events = heard.clone();
    let clock = Arc::new(|| Timestamp::from_second(1_700_000_000).unwrap());
    let client = Client::new(settings, clock, Arc::new(move |event| events.lock().unwrap().push(event))).unwrap();
    (client, heard)
}

/// A client that may visit these servers.
fn client(settings: Settings, servers: &[&Server]) -> Client {
    let client = hearing(settings).0;
    servers.iter().for_each(|server| client.name_origin(&server.url("/")));
    client
}

fn retries(heard: &Heard) -> usize {
    heard.lock().unwrap().iter().filter(|event| matches!(event, Event::Retry { .. })).count()
}

async fn get(client: &Client, url: Url) -> Result<RawPage, FetchError> {
    client.page(&Request::new(url)).await
}

async fn kind(client: &Client, url: Url) -> FailureKind {
    get(client, url).await.map(|page| page.status).unwrap_err().kind()
}
