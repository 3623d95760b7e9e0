//! What every frontier does. What a lease and its end cost, `benches/crawl.rs` measures (`queue`).

use std::num::NonZeroUsize;
use std::time::Duration;

use url::Url;

use super::{Counts, End, Finish, Found, Frontier, Kind, LONGEST_REST, Lease, List, Moment, Next, Spent};

const HOLD: Duration = Duration::from_secs(60);

/// Runs every case, each on a new, empty frontier.
pub fn all(make: &mut dyn FnMut() -> Box<dyn Frontier>) {
    let cases: [fn(&mut dyn Frontier); 11] = [
        a_url_enters_once_by_its_key,
        one_url_of_a_host_at_a_time_and_then_it_rests,
        several_of_a_host_at_once_where_that_is_allowed,
        a_lease_that_runs_out_is_given_to_another,
        a_lease_can_be_made_longer,
        an_end_brings_its_links_and_what_else_is_done,
        what_is_to_be_visited_again_waits_and_holds_up_nobody,
        what_is_handed_back_comes_again,
        a_clock_that_jumps_back_stops_nothing,
        what_is_spent_adds_up_until_the_crawl_is_complete,
        a_list_is_remembered_as_it_was_answered_last,
    ];
    for case in cases {
        case(make().as_mut());
    }
}

fn page(text: &str) -> Found {
    Found { kind: Kind::Page, depth: 1, ..Found::seed(Url::parse(text).unwrap(), 3) }
}

fn work(next: Next) -> Lease {
    match next {
        Next::Work(lease) => *lease,
        other => panic!("{other:?}"),
    }
}

fn done<'a>(rest_until: i64) -> Finish<'a> {
    Finish { end: End::Done, rest_until: Moment(rest_until), found: &[], also: &[], spent: Spent::default() }
}

fn a_url_enters_once_by_its_key(frontier: &mut dyn Frontier) {
    let now = Moment(1000);
    assert_eq!(frontier.lease(now, HOLD).unwrap(), Next::Drained);
    let same = ["http://www.a.test/1?utm_source=x#top", "https://a.test/1", "https://a.test:443/1"];
    assert_eq!(frontier.add(&same.map(page), now).unwrap(), 1);
    assert_eq!(frontier.add(&[page("https://a.test/1"), page("https://a.test/2")], now).unwrap(), 1);
    let lease = work(frontier.lease(now, HOLD).unwrap());
    assert_eq!(lease.found, page("http://www.a.test/1?utm_source=x#top"), "the first spelling is the one visited");
    assert!(frontier.finish(&lease, &done(0), now).unwrap());
    assert_eq!(frontier.add(&[page("https://a.test/1")], now).unwrap(), 0, "done is not forgotten");
    assert_eq!(frontier.counts().unwrap(), Counts { queued: 1, done: 1, ..Counts::default() });
}

fn one_url_of_a_host_at_a_time_and_then_it_rests(frontier: &mut dyn Frontier) {
    let now = Moment(1000);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://b.test/1"].map(page), now).unwrap();
    let a = work(frontier.lease(now, HOLD).unwrap());
    let b = work(frontier.lease(now, HOLD).unwrap());
    assert_eq!([a.found.url.as_str(), b.found.url.as_str()], ["https://a.test/1", "https://b.test/1"]);
    assert_eq!(frontier.lease(now, HOLD).unwrap(), Next::WaitUntil(now.after(HOLD)), "both hosts are being visited");
    assert!(frontier.finish(&a, &done(1500), Moment(1200)).unwrap());
    assert_eq!(frontier.lease(Moment(1200), HOLD).unwrap(), Next::WaitUntil(Moment(1500)));
    assert_eq!(frontier.lease(Moment(1499), HOLD).unwrap(), Next::WaitUntil(Moment(1500)));
    let second = work(frontier.lease(Moment(1500), HOLD).unwrap());
    assert_eq!(second.found.url.as_str(), "https://a.test/2");
    assert!(frontier.finish(&second, &done(0), Moment(1600)).unwrap());
    assert!(matches!(frontier.lease(Moment(1600), HOLD).unwrap(), Next::WaitUntil(_)), "b is still at work");
    assert!(frontier.finish(&b, &done(0), Moment(1600)).unwrap());
    assert_eq!(frontier.lease(Moment(1600), HOLD).unwrap(), Next::Drained);
}

fn several_of_a_host_at_once_where_that_is_allowed(frontier: &mut dyn Frontier) {
    let now = Moment(1000);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://a.test/3"].map(page), now).unwrap();
    frontier.allow(NonZeroUsize::new(2).unwrap(), now).unwrap();
    let first = work(frontier.lease(now, HOLD).unwrap());
    let second = work(frontier.lease(Moment(1100), HOLD).unwrap());
    assert_eq!([first.found.url.path(), second.found.url.path()], ["/1", "/2"]);
    assert_eq!(frontier.lease(Moment(1100), HOLD).unwrap(), Next::WaitUntil(now.after(HOLD)), "two are enough");
    assert!(frontier.finish(&first, &done(1500), Moment(1200)).unwrap());
    assert!(!frontier.finish(&first, &done(1500), Moment(1200)).unwrap());
    assert_eq!(frontier.lease(Moment(1200), HOLD).unwrap(), Next::WaitUntil(Moment(1500)), "it rests after each");
    let third = work(frontier.lease(Moment(1500), HOLD).unwrap());
    assert_eq!(third.found.url.path(), "/3");
    // The second runs out: it alone is given to another.
    let late = Moment(1100).after(HOLD);
    let again = work(frontier.lease(late, HOLD).unwrap());
    assert_eq!((again.found.url.path(), again.attempts), ("/2", 1));
    assert!(!frontier.finish(&second, &done(0), late).unwrap());
    assert!(frontier.finish(&third, &done(0), late).unwrap() && frontier.finish(&again, &done(0), late).unwrap());
    assert_eq!(frontier.lease(late, HOLD).unwrap(), Next::Drained);
}

fn a_lease_that_runs_out_is_given_to_another(frontier: &mut dyn Frontier) {
    frontier.add(&[page("https://a.test/1")], Moment(0)).unwrap();
    let lost = work(frontier.lease(Moment(0), HOLD).unwrap());
    let late = Moment(0).after(HOLD);
    let mine = work(frontier.lease(late, HOLD).unwrap());
    assert_eq!((mine.found.clone(), mine.attempts), (lost.found.clone(), 1));
    let found = [page("https://a.test/2")];
    assert!(!frontier.finish(&lost, &Finish { found: &found, ..done(0) }, late).unwrap());
    frontier.hand_back(&lost, late).unwrap();
    assert_eq!(frontier.counts().unwrap(), Counts { leased: 1, ..Counts::default() }, "a lost lease ends nothing");
    assert!(frontier.finish(&mine, &done(0), late).unwrap());
    assert_eq!(frontier.lease(late, HOLD).unwrap(), Next::Drained);
}

fn a_lease_can_be_made_longer(frontier: &mut dyn Frontier) {
    frontier.add(&[page("https://a.test/1")], Moment(0)).unwrap();
    let mut lease = work(frontier.lease(Moment(0), HOLD).unwrap());
    assert!(frontier.renew(&mut lease, Moment(50_000), HOLD).unwrap());
    assert_eq!(lease.until, Moment(110_000));
    assert_eq!(frontier.lease(Moment(60_000), HOLD).unwrap(), Next::WaitUntil(Moment(110_000)));
    let other = work(frontier.lease(Moment(110_000), HOLD).unwrap());
    assert!(!frontier.renew(&mut lease, Moment(110_000), HOLD).unwrap());
    assert!(frontier.finish(&other, &done(0), Moment(110_000)).unwrap());
}

fn an_end_brings_its_links_and_what_else_is_done(frontier: &mut dyn Frontier) {
    let now = Moment(0);
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

fn what_is_to_be_visited_again_waits_and_holds_up_nobody(frontier: &mut dyn Frontier) {
    let now = Moment(0);
    let noted = Found { note: "说明".to_owned(), ..page("https://a.test/1") };
    frontier.add(&[noted.clone(), page("https://a.test/2"), page("https://a.test/3")], now).unwrap();
    let first = work(frontier.lease(now, HOLD).unwrap());
    assert!(frontier.finish(&first, &Finish { end: End::Again(Moment(5000)), ..done(100) }, now).unwrap());
    let second = work(frontier.lease(Moment(100), HOLD).unwrap());
    assert_eq!(second.found.url.path(), "/2", "the others of the host go on");
    assert!(frontier.finish(&second, &Finish { end: End::Failed, ..done(200) }, Moment(100)).unwrap());
    let third = work(frontier.lease(Moment(200), HOLD).unwrap());
    assert!(frontier.finish(&third, &done(300), Moment(200)).unwrap());
    assert_eq!(frontier.lease(Moment(300), HOLD).unwrap(), Next::WaitUntil(Moment(5000)));
    let again = work(frontier.lease(Moment(5000), HOLD).unwrap());
    assert_eq!((again.attempts, &again.found), (1, &noted));
    assert!(frontier.finish(&again, &done(0), Moment(5000)).unwrap());
    assert_eq!(frontier.counts().unwrap(), Counts { done: 2, failed: 1, ..Counts::default() });
    assert_eq!(frontier.lease(Moment(5000), HOLD).unwrap(), Next::Drained);
}

fn what_is_handed_back_comes_again(frontier: &mut dyn Frontier) {
    frontier.add(&["https://a.test/1", "https://a.test/2"].map(page), Moment(0)).unwrap();
    let lease = work(frontier.lease(Moment(0), HOLD).unwrap());
    frontier.hand_back(&lease, Moment(10)).unwrap();
    let again = work(frontier.lease(Moment(10), HOLD).unwrap());
    assert_eq!((again.found, again.attempts), (lease.found, 0), "in its place, and no attempt is counted");
}

fn a_clock_that_jumps_back_stops_nothing(frontier: &mut dyn Frontier) {
    let future = Moment(0).after(LONGEST_REST * 400);
    frontier.add(&["https://a.test/1", "https://a.test/2", "https://b.test/1"].map(page), future).unwrap();
    let lease = work(frontier.lease(future, HOLD).unwrap());
    assert!(frontier.finish(&lease, &done(future.0 + 1000), future).unwrap());
    let now = Moment(1000);
    let other = work(frontier.lease(now, HOLD).unwrap());
    assert!(frontier.finish(&other, &done(2000), now).unwrap());
    let last = work(frontier.lease(Moment(2000), HOLD).unwrap());
    assert!(frontier.finish(&last, &done(0), Moment(2000)).unwrap());
    assert_eq!(frontier.lease(Moment(2000), HOLD).unwrap(), Next::Drained);
}

fn what_is_spent_adds_up_until_the_crawl_is_complete(frontier: &mut dyn Frontier) {
    let now = Moment(0);
    assert_eq!(frontier.spent().unwrap(), Spent::default());
    frontier.add(&["https://a.test/1", "https://b.test/1"].map(page), now).unwrap();
    for _ in 0..2 {
        let lease = work(frontier.lease(now, HOLD).unwrap());
        let finish = Finish { spent: Spent { pages: 1, bytes: 700 }, ..done(0) };
        assert!(frontier.finish(&lease, &finish, now).unwrap());
        assert!(!frontier.finish(&lease, &finish, now).unwrap(), "an end that was lost spends nothing");
    }
    assert_eq!(frontier.spent().unwrap(), Spent { pages: 2, bytes: 1400 });
}

fn a_list_is_remembered_as_it_was_answered_last(frontier: &mut dyn Frontier) {
    let url = Url::parse("https://a.test/rss").unwrap();
    assert_eq!(frontier.list(&url).unwrap(), None);
    let first =
        List { etag: Some("\"1\"".to_owned()), last_modified: None, content_type: None, body: b"<rss>".to_vec() };
    let second = List { etag: None, last_modified: Some("gestern".to_owned()), ..first.clone() };
    frontier.remember(&url, &first).unwrap();
    frontier.remember(&url, &second).unwrap();
    frontier.complete().unwrap();
    assert_eq!(frontier.list(&url).unwrap(), Some(second), "a crawl that is complete remembers it");
}
