//! A page that is visited every hour of a year.

use bindery::archive::{Answer, AnswerSource, Archive, Visit};
use bindery::extract::{self, extract};
use bindery::frontmatter::Profile;
use bindery::markdown::{self, DigestInput, IgnoredLines};
use bindery::model::{Article, Digest, Exchange, Headers, ImageMap, Origin, RawPage, Timestamp, UrlKey};

use super::fixture::*;

const HOURS: u64 = 52 * 7 * 24;

/// The page in an hour: its advertising is new every time, its text every week.
fn page(hour: u64) -> Vec<u8> {
    let week = hour / (7 * 24);
    format!(
        "<html lang=zh-CN><head><meta charset=utf-8><title>每周河情</title></head><body><div class=ad>今日特价第{hour}号</div>\
         <article><h1>每周河情</h1><p>本周是今年的第{week}周，河水的水位比上周高了{week}厘米，两岸的堤坝没有出现险情。</p>\
         <p>水文站的观测员每天早晚各测一次水位，把读数写在墙上的黑板上，过路的渔民都会停下来看一眼。</p></article>\
         <div class=sidebar><a href=/ad/{hour}>广告</a></div></body></html>"
    )
    .into_bytes()
}

fn at(hour: u64) -> Timestamp {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    Timestamp::from_second(begin.as_second() + i64::try_from(hour).unwrap() * 3600).unwrap()
}

/// What the page says in an hour: nothing of its advertising.
fn extracted(hour: u64) -> Article {
    let raw = RawPage::from_bytes(page(hour), Some(url(RIVER)), Origin::Network, Some(at(hour)));
    extract(&raw, extract::Options::default()).unwrap()
}

fn visited(hour: u64, article: &Article) -> Visit {
    let (url, captured, body) = (url(RIVER), at(hour), page(hour));
    let mut profile = Profile::default();
    profile.style.check = false;
    let exchange = Exchange {
        method: "GET".to_owned(),
        request_headers: Headers::default(),
        protocol: "h2".to_owned(),
        remote: None,
    };
    let source = AnswerSource::Http { url: url.clone(), status: 200, headers: Headers::default(), exchange };
    Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url),
        document: markdown::write(article, &ImageMap::new(), &profile),
        text_digest: DigestInput::new(article, &IgnoredLines::default()).digest(&|_| None),
        payload_digest: Digest::of(&body),
        captured,
        answers: vec![Answer { received: captured, body: Some(body), source }],
        options: Vec::new(),
        continuation_pages: Vec::new(),
        ..visit(RIVER, &captured.to_string(), "", &[])
    }
}

#[test]
fn a_year_of_hourly_visits_keeps_what_changed_and_stays_small() {
    let scratch = scratch();
    // A run a day: the archive is opened, visited every hour, and sealed.
    for day in 0..HOURS / 24 {
        // Extracting takes most of the time: each day another hour of it says what the page says.
        let hours = day * 24..(day + 1) * 24;
        let article = extracted(hours.start + day % 24);
        let visits: Vec<Visit> = hours.map(|hour| visited(hour, &article)).collect();
        let mut writer = open_at(&scratch.root, &visits[0].captured.to_string());
        visits.into_iter().for_each(|visit| drop(keep(&mut writer, visit)));
        writer.commit().unwrap();
    }
    let entry = Archive::open(&scratch.root).unwrap().find(RIVER).unwrap().remove(0);
    let texts = entry.record.snapshots.len();
    let unchanged: u64 =
        entry.record.snapshots.iter().filter_map(|text| text.unchanged.as_ref()).map(|seen| seen.count).sum();
    let files = files(&scratch.root);
    let record = files[&format!("{}/record.json", entry.folder)].len();
    let captures: Vec<usize> =
        files.iter().filter(|(path, _)| path.ends_with(".warc.gz")).map(|(_, bytes)| bytes.len()).collect();
    println!(
        "{HOURS} visits: {texts} texts, record.json {record} bytes, {} captures of {} bytes",
        captures.len(),
        captures.iter().sum::<usize>()
    );
    assert_eq!(texts, 52, "a text a week");
    assert_eq!(texts as u64 + unchanged, HOURS);
    assert!(record < 200_000, "{record}");
    assert_eq!(captures.len(), texts, "only changes are captured");
    assert_whole(&scratch.root, "after a year");
}
