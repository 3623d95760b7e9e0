//! Whom the client visits, what it tells them, and how often.

use std::time::{Duration, Instant};

use bindery::fetch::{Client, Robots, Settings};
use bindery::model::{FailureKind, Request};
use url::Url;

use super::{client, get, hearing, kind, settings};
use crate::support::server::{Answer, Asked, Server};

#[tokio::test]
async fn a_redirect_into_a_private_network_is_refused() {
    let inner = Server::start(|_| Answer::html("secret"));
    let target = inner.url("/");
    let outer = Server::start(move |_| Answer::redirect(302, target.as_str()));
    let guarded = client(settings(), &[&outer]);
    assert_eq!(kind(&guarded, outer.url("/")).await, FailureKind::PrivateAddress);
    for url in
        ["http://localhost:1/", "http://[::1]:1/", "http://[::ffff:127.0.0.1]:1/", "http://2130706433/", "http://0/"]
    {
        assert_eq!(kind(&guarded, Url::parse(url).unwrap()).await, FailureKind::PrivateAddress, "{url}");
    }
    assert!(inner.log().is_empty());

    let open = client(Settings { allow_private: true, ..settings() }, &[]);
    assert_eq!(get(&open, outer.url("/")).await.unwrap().body, b"secret");
}

#[tokio::test]
async fn a_private_image_needs_a_named_page_beside_its_own_name() {
    let server = Server::start(|_| Answer::bytes("image/png", "png"));
    let client = client(settings(), &[&server]);
    let stranger = Url::parse("https://example.org/").unwrap();
    let url = server.url("/a.png");
    assert_eq!(client.image(&url, None, &stranger).await.unwrap_err().kind(), FailureKind::PrivateAddress);
    assert_eq!(client.image(&url, Some(&server.url("/p#x")), &server.url("/p")).await.unwrap().body, b"png");
    let log = server.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].header("referer"), Some(server.url("/p").as_str()));
    assert!(log[0].header("accept").unwrap().starts_with("image/webp"));
}

#[tokio::test]
async fn a_named_host_name_is_resolved_and_reached() {
    let server = Server::start(|_| Answer::html("here"));
    let url = Url::parse(&format!("http://localhost:{}/", server.port())).unwrap();
    let client = client(settings(), &[]);
    client.name_origin(&url);
    assert_eq!(get(&client, url.clone()).await.unwrap().body, b"here");
    let other = Url::parse(&format!("http://localhost:{}/", server.port() ^ 1)).unwrap();
    assert_eq!(kind(&client, other).await, FailureKind::PrivateAddress, "a name covers its port alone");
}

#[tokio::test]
async fn what_the_user_gave_for_one_origin_reaches_no_other() {
    let other = Server::start(|_| Answer::html("end"));
    let target = other.url("/end");
    let named = Server::start(move |_| Answer::redirect(302, target.as_str()).header("Set-Cookie", "own=1"));
    let headers = vec![("X-Key".to_owned(), "k".to_owned()), ("accept".to_owned(), "text/plain".to_owned())];
    let client = hearing(Settings { headers, allow_private: true, ..settings() }).0;
    let mut url = named.url("/");
    url.set_username("读者").unwrap();
    url.set_password(Some("p w")).unwrap();
    client.name_origin(&url);

    let request = Request { referrer: Some(named.url("/list")), ..Request::new(url) };
    let page = client.page(&request).await.unwrap();

    let sent = &named.log()[0];
    assert_eq!((sent.header("x-key"), sent.header("accept")), (Some("k"), Some("text/plain")));
    assert_eq!(sent.header("authorization"), Some("Basic 6K+76ICFOnAgdw=="));
    assert_eq!(sent.header("referer"), Some(named.url("/list").as_str()));
    let leaked = &other.log()[0];
    for name in ["x-key", "authorization", "referer"] {
        assert_eq!(leaked.header(name), None, "{name}");
    }
    assert_eq!(page.requested, Some(named.url("/")));
    assert_eq!(page.redirects[0].url, named.url("/"));
}

#[tokio::test]
async fn cookies_live_for_the_run() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/set" => {
            Answer::html("").header("Set-Cookie", "a=1; Path=/").header("Set-Cookie", "b=2; Path=/; Domain=0.0.1")
        }
        _ => Answer::html(asked.header("cookie").unwrap_or("none").to_owned()),
    });
    let jar = client(settings(), &[&server]);
    get(&jar, server.url("/set")).await.unwrap();
    let page = get(&jar, server.url("/get")).await.unwrap();
    assert_eq!(page.body, b"a=1; b=2");
    assert_eq!(page.exchange.unwrap().request_headers.get("cookie"), Some("a=1; b=2"));
    assert_eq!(get(&client(settings(), &[&server]), server.url("/get")).await.unwrap().body, b"none");
}

#[tokio::test]
async fn robots_txt_is_read_once_and_obeyed() {
    let rules = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Answer::redirect(301, "/r"),
        "/r" => Answer::bytes("text/plain", "User-agent: bindery\nDisallow: /私\n"),
        _ => Answer::html(""),
    });
    let none = Server::start(|_| Answer::status(404));
    let down = Server::start(|_| Answer::status(500));
    let long = Server::start(|_| {
        Answer::bytes("text/plain", format!("User-agent: *\nDisallow: /\n{}", "# 长\n".repeat(200_000)))
    });
    let client = client(settings(), &[&rules, &none, &down, &long]);
    assert_eq!(client.robots(&rules.url("/a")).await, Robots::Allowed);
    let denied = client.robots(&rules.url("/私/a")).await;
    assert_eq!(denied, Robots::Disallowed { rule: "Disallow: /私".into() });
    assert_eq!(denied.permit(&rules.url("/私/a")).unwrap_err().kind(), FailureKind::Robots);
    assert_eq!(rules.count("/robots.txt"), 1);
    assert_eq!(client.robots(&none.url("/a")).await, Robots::Allowed);
    assert!(matches!(client.robots(&down.url("/a")).await, Robots::Unreachable { reason } if reason.contains("500")));
    assert!(matches!(client.robots(&long.url("/a")).await, Robots::Disallowed { .. }), "its start counts");
}

#[tokio::test]
async fn an_unchanged_page_is_a_304_and_only_when_asked() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/moved" => Answer::redirect(301, "/page"),
        _ if asked.header("if-none-match") == Some("W/\"v1\"") => {
            Answer::status(304).header("ETag", "W/\"v2\"").header("Content-Length", "5000")
        }
        "/odd" => Answer::status(304),
        _ => Answer::html("new"),
    });
    let client = client(settings(), &[&server]);
    let request = Request {
        etag: Some("W/\"v1\"".into()),
        last_modified: Some("Thu, 17 Jun 2021 10:44:26 GMT".into()),
        ..Request::new(server.url("/moved"))
    };
    let page = client.page(&request).await.unwrap();
    assert_eq!((page.status, page.body.len(), page.headers.get("etag")), (304, 0, Some("W/\"v2\"")));
    assert_eq!(page.url, Some(server.url("/page")));
    assert_eq!(server.log()[1].header("if-modified-since"), Some("Thu, 17 Jun 2021 10:44:26 GMT"));
    assert_eq!(get(&client, server.url("/page")).await.unwrap().status, 200);
    assert_eq!(get(&client, server.url("/odd")).await.unwrap_err().status(), Some(304));
}

async fn all<F: Future<Output = ()> + Send + 'static>(tasks: impl Iterator<Item = F>) {
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn slow(_: &Asked) -> Answer {
    Answer::bytes("image/png", "x").delay(Duration::from_millis(60))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_gives_one_page_at_a_time_and_four_images() {
    let pages = Server::start(slow);
    let client = client(settings(), &[&pages]);
    all((0..5).map(|n| {
        let (client, url) = (client.clone(), pages.url(&format!("/{n}")));
        async move { drop(get(&client, url).await.unwrap()) }
    }))
    .await;
    assert_eq!((pages.log().len(), pages.busiest()), (5, 1));

    let images = Server::start(slow);
    client.name_origin(&images.url("/"));
    all((0..12).map(|n| {
        let (client, url) = (client.clone(), images.url(&format!("/{n}")));
        async move { drop(client.image(&url, None, &url).await.unwrap()) }
    }))
    .await;
    assert_eq!((images.log().len(), images.busiest()), (12, 4));
}

#[tokio::test]
async fn the_delay_counts_from_the_end_of_the_last_page() {
    let server = Server::start(|_| Answer::html("x").delay(Duration::from_millis(100)));
    let client = client(Settings { delay: Duration::from_millis(200), ..settings() }, &[&server]);
    assert!(client.rest(&server.url("/1")).is_zero(), "the first page waits for nothing");
    let start = Instant::now();
    get(&client, server.url("/1")).await.unwrap();
    get(&client, server.url("/2")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[test]
fn a_client_is_shared_between_tasks() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Client>();
}

#[tokio::test]
async fn a_server_that_asks_for_a_second_gets_it_from_everyone() {
    let server = Server::start(|asked| match (asked.path.as_str(), asked.n) {
        ("/busy", 0) => Answer::status(429).header("Retry-After", "1"),
        _ => Answer::html("ok"),
    });
    let client = client(settings(), &[&server]);
    let start = Instant::now();
    let other = {
        let (client, url) = (client.clone(), server.url("/other.png"));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            client.image(&url, None, &url).await.unwrap();
            start.elapsed()
        })
    };
    get(&client, server.url("/busy")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert!(other.await.unwrap() >= Duration::from_millis(950), "the host is left alone, not the page");
}
