//! The tests that every frontier must pass. `benches/crawl.rs` measures what a lease and its end cost (`queue`).

use std::num::NonZeroUsize;
use std::time::Duration;

use url::Url;

use super::{Counts, End, Finish, Frontier, LONGEST_REST, Lease, List, Next, QueuedUrl, UnixMillis, UrlKind, Usage};

const HOLD: Duration = Duration::from_secs(60);

/// Runs every test, each on a new, empty frontier.
pub fn all(make: &mut dyn FnMut() -> Box<dyn Frontier>) {
    let cases: [fn(&mut dyn Frontier); 11] = [
        a_url_is_queued_once_by_its_key,
        a_host_has_one_lease_at_a_time_and_pauses_after_each,
        a_host_may_have_several_leases_if_allowed,
        an_expired_lease_is_given_to_another_worker,
        a_lease_can_be_renewed,
        finishing_a_visit_queues_its_links_and_marks_other_urls_done,
        a_url_to_retry_waits_without_blocking_its_host,
        a_released_url_is_leased_again,
        a_clock_that_is_set_back_blocks_nothing,
        usage_adds_up_until_the_crawl_is_complete,
        the_last_response_of_a_list_is_stored,
    ];
    for case in cases {
        case(make().as_mut());
    }
}

fn page(text: &str) -> QueuedUrl {
    QueuedUrl { kind: UrlKind::Page, depth: 1, ..QueuedUrl::seed(Url::parse(text).unwrap(), 3) }
}

fn work(next: Next) -> Lease {
    match next {
        Next::Work(lease) => *lease,
        other => panic!("{other:?}"),
    }
}

fn done<'a>(rest_until: i64) -> Finish<'a> {
    Finish { end: End::Done, rest_until: UnixMillis(rest_until), found: &[], also: &[], usage: Usage::default() }
}

fn a_url_is_queued_once_by_its_key(frontier: &mut dyn Frontier) {
    let now = UnixMillis(1000);
    assert_eq!(frontier.lease(now, HOLD).unwrap(), Next::Drained);
    let same = ["http://www.a.test/1?utm_source=x#top", "https://a.test/1", "https://a.test:443/1"];
    assert_eq!(frontier.add(&same.map(page), now).unwrap(), 1);
    assert_eq!(frontier.add(&[page("https://a.test/1"), page("https://a.test/2")], now).unwrap(), 1);
    let lease = work(frontier.lease(now, HOLD).unwrap());
    assert_eq!(lease.found, page("http://www.a.test/1?utm_source=x#top"), "the first spelling is the one visited");
    assert!(frontier.finish(&lease, &done(0), now).unwrap());
    assert_eq!(frontier.add(&[page("https://a.test/1")], now).unwrap(), 0, "a finished URL is not queued again");
    assert_eq!(frontier.counts().unwrap(), Counts { queued: 1, done: 1, ..Counts::default() });
}

fn a_host_has_one_lease_at_a_time_and_pauses_after_each(frontier: &mut dyn Frontier) {
    let now = UnixMillis(1000);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://b.test/1"].map(page), now).unwrap();
    let a = work(frontier.lease(now, HOLD).unwrap());
    let b = work(frontier.lease(now, HOLD).unwrap());
    assert_eq!([a.found.url.as_str(), b.found.url.as_str()], ["https://a.test/1", "https://b.test/1"]);
    assert_eq!(frontier.lease(now, HOLD).unwrap(), Next::WaitUntil(now.after(HOLD)), "both hosts are being visited");
    assert!(frontier.finish(&a, &done(1500), UnixMillis(1200)).unwrap());
    assert_eq!(frontier.lease(UnixMillis(1200), HOLD).unwrap(), Next::WaitUntil(UnixMillis(1500)));
    assert_eq!(frontier.lease(UnixMillis(1499), HOLD).unwrap(), Next::WaitUntil(UnixMillis(1500)));
    let second = work(frontier.lease(UnixMillis(1500), HOLD).unwrap());
    assert_eq!(second.found.url.as_str(), "https://a.test/2");
    assert!(frontier.finish(&second, &done(0), UnixMillis(1600)).unwrap());
    assert!(matches!(frontier.lease(UnixMillis(1600), HOLD).unwrap(), Next::WaitUntil(_)), "b is still being visited");
    assert!(frontier.finish(&b, &done(0), UnixMillis(1600)).unwrap());
    assert_eq!(frontier.lease(UnixMillis(1600), HOLD).unwrap(), Next::Drained);
}

fn a_host_may_have_several_leases_if_allowed(frontier: &mut dyn Frontier) {
    let now = UnixMillis(1000);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://a.test/3"].map(page), now).unwrap();
    frontier.allow(NonZeroUsize::new(2).unwrap(), now).unwrap();
    let first = work(frontier.lease(now, HOLD).unwrap());
    let second = work(frontier.lease(UnixMillis(1100), HOLD).unwrap());
    assert_eq!([first.found.url.path(), second.found.url.path()], ["/1", "/2"]);
    assert_eq!(frontier.lease(UnixMillis(1100), HOLD).unwrap(), Next::WaitUntil(now.after(HOLD)), "the limit is two");
    assert!(frontier.finish(&first, &done(1500), UnixMillis(1200)).unwrap());
    assert!(!frontier.finish(&first, &done(1500), UnixMillis(1200)).unwrap());
    assert_eq!(
        frontier.lease(UnixMillis(1200), HOLD).unwrap(),
        Next::WaitUntil(UnixMillis(1500)),
        "the host pauses after each visit"
    );
    let third = work(frontier.lease(UnixMillis(1500), HOLD).unwrap());
    assert_eq!(third.found.url.path(), "/3");
    // Only the second lease expires.
    let late = UnixMillis(1100).after(HOLD);
    let again = work(frontier.lease(late, HOLD).unwrap());
    assert_eq!((again.found.url.path(), again.attempts), ("/2", 1));
    assert!(!frontier.finish(&second, &done(0), late).unwrap());
    assert!(frontier.finish(&third, &done(0), late).unwrap() && frontier.finish(&again, &done(0), late).unwrap());
    assert_eq!(frontier.lease(late, HOLD).unwrap(), Next::Drained);
}

fn an_expired_lease_is_given_to_another_worker(frontier: &mut dyn Frontier) {
    frontier.add(&[page("https://a.test/1")], UnixMillis(0)).unwrap();
    let lost = work(frontier.lease(UnixMillis(0), HOLD).unwrap());
    let late = UnixMillis(0).after(HOLD);
    let mine = work(frontier.lease(late, HOLD).unwrap());
    assert_eq!((mine.found.clone(), mine.attempts), (lost.found.clone(), 1));
    let found = [page("https://a.test/2")];
    assert!(!frontier.finish(&lost, &Finish { found: &found, ..done(0) }, late).unwrap());
    frontier.release(&lost, late).unwrap();
    assert_eq!(
        frontier.counts().unwrap(),
        Counts { leased: 1, ..Counts::default() },
        "an expired lease changes nothing"
    );
    assert!(frontier.finish(&mine, &done(0), late).unwrap());
    assert_eq!(frontier.lease(late, HOLD).unwrap(), Next::Drained);
}

fn a_lease_can_be_renewed(frontier: &mut dyn Frontier) {
    frontier.add(&[page("https://a.test/1")], UnixMillis(0)).unwrap();
    let mut lease = work(frontier.lease(UnixMillis(0), HOLD).unwrap());
    assert!(frontier.renew(&mut lease, UnixMillis(50_000), HOLD).unwrap());
    assert_eq!(lease.until, UnixMillis(110_000));
    assert_eq!(frontier.lease(UnixMillis(60_000), HOLD).unwrap(), Next::WaitUntil(UnixMillis(110_000)));
    let other = work(frontier.lease(UnixMillis(110_000), HOLD).unwrap());
    assert!(!frontier.renew(&mut lease, UnixMillis(110_000), HOLD).unwrap());
    assert!(frontier.finish(&other, &done(0), UnixMillis(110_000)).unwrap());
}

fn finishing_a_visit_queues_its_links_and_marks_other_urls_done(frontier: &mut dyn Frontier) {
    let now = UnixMillis(0);
    frontier.add(&["https://a.test/1", "https://a.test/2"].map(page), now).unwrap();
    let lease = work(frontier.lease(now, HOLD).unwrap());
    let found = ["https://a.test/1", "https://a.test/3", "https://b.test/1"].map(page);
    let also = ["https://a.test/2", "https://a.test/1-part-2"].map(|text| Url::parse(text).unwrap());
    assert!(frontier.finish(&lease, &Finish { found: &found, also: &also, ..done(0) }, now).unwrap());
    assert_eq!(frontier.counts().unwrap(), Counts { queued: 2, done: 3, ..Counts::default() });
    assert_eq!(frontier.add(&[page("https://a.test/1-part-2")], now).unwrap(), 0);
    let mut rest: Vec<String> = (0..2).map(|_| work(frontier.lease(now, HOLD).unwrap()).found.url.into()).collect();
    rest.sort();
    assert_eq!(rest, ["https://a.test/3", "https://b.test/1"]);
}

fn a_url_to_retry_waits_without_blocking_its_host(frontier: &mut dyn Frontier) {
    let now = UnixMillis(0);
    let noted = QueuedUrl { note: "说明".to_owned(), ..page("https://a.test/1") };
    frontier.add(&[noted.clone(), page("https://a.test/2"), page("https://a.test/3")], now).unwrap();
    let first = work(frontier.lease(now, HOLD).unwrap());
    assert!(frontier.finish(&first, &Finish { end: End::Again(UnixMillis(5000)), ..done(100) }, now).unwrap());
    let second = work(frontier.lease(UnixMillis(100), HOLD).unwrap());
    assert_eq!(second.found.url.path(), "/2", "other URLs of the host are visited meanwhile");
    assert!(frontier.finish(&second, &Finish { end: End::Failed, ..done(200) }, UnixMillis(100)).unwrap());
    let third = work(frontier.lease(UnixMillis(200), HOLD).unwrap());
    assert!(frontier.finish(&third, &done(300), UnixMillis(200)).unwrap());
    assert_eq!(frontier.lease(UnixMillis(300), HOLD).unwrap(), Next::WaitUntil(UnixMillis(5000)));
    let again = work(frontier.lease(UnixMillis(5000), HOLD).unwrap());
    assert_eq!((again.attempts, &again.found), (1, &noted));
    assert!(frontier.finish(&again, &done(0), UnixMillis(5000)).unwrap());
    assert_eq!(frontier.counts().unwrap(), Counts { done: 2, failed: 1, ..Counts::default() });
    assert_eq!(frontier.lease(UnixMillis(5000), HOLD).unwrap(), Next::Drained);
}

fn a_released_url_is_leased_again(frontier: &mut dyn Frontier) {
    frontier.add(&["https://a.test/1", "https://a.test/2"].map(page), UnixMillis(0)).unwrap();
    let lease = work(frontier.lease(UnixMillis(0), HOLD).unwrap());
    frontier.release(&lease, UnixMillis(10)).unwrap();
    let again = work(frontier.lease(UnixMillis(10), HOLD).unwrap());
    assert_eq!((again.found, again.attempts), (lease.found, 0), "it keeps its position, and no attempt is counted");
}

fn a_clock_that_is_set_back_blocks_nothing(frontier: &mut dyn Frontier) {
    let future = UnixMillis(0).after(LONGEST_REST * 400);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://b.test/1"].map(page), future).unwrap();
    let lease = work(frontier.lease(future, HOLD).unwrap());
    assert!(frontier.finish(&lease, &done(future.0 + 1000), future).unwrap());
    let now = UnixMillis(1000);
    let other = work(frontier.lease(now, HOLD).unwrap());
    assert!(frontier.finish(&other, &done(2000), now).unwrap());
    let last = work(frontier.lease(UnixMillis(2000), HOLD).unwrap());
    assert!(frontier.finish(&last, &done(0), UnixMillis(2000)).unwrap());
    assert_eq!(frontier.lease(UnixMillis(2000), HOLD).unwrap(), Next::Drained);
}

fn usage_adds_up_until_the_crawl_is_complete(frontier: &mut dyn Frontier) {
    let now = UnixMillis(0);
    assert_eq!(frontier.usage().unwrap(), Usage::default());
    frontier.add(&["https://a.test/1", "https://b.test/1"].map(page), now).unwrap();
    for _ in 0..2 {
        let lease = work(frontier.lease(now, HOLD).unwrap());
        let finish = Finish { usage: Usage { pages: 1, bytes: 700 }, ..done(0) };
        assert!(frontier.finish(&lease, &finish, now).unwrap());
        assert!(!frontier.finish(&lease, &finish, now).unwrap(), "an expired lease adds nothing");
    }
    assert_eq!(frontier.usage().unwrap(), Usage { pages: 2, bytes: 1400 });
}

fn the_last_response_of_a_list_is_stored(frontier: &mut dyn Frontier) {
    let url = Url::parse("https://a.test/rss").unwrap();
    assert_eq!(frontier.list(&url).unwrap(), None);
    let first =
        List { etag: Some("\"1\"".to_owned()), last_modified: None, content_type: None, body: b"<rss>".to_vec() };
    let second = List { etag: None, last_modified: Some("gestern".to_owned()), ..first.clone() };
    frontier.remember(&url, &first).unwrap();
    frontier.remember(&url, &second).unwrap();
    frontier.complete().unwrap();
    assert_eq!(frontier.list(&url).unwrap(), Some(second), "it outlasts a complete crawl");
}
