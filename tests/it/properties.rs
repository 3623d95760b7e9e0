//! What must hold for any input, tried on many.

use bindery::archive::{Archive, PageOrigin, Visit, Writer, WriterOptions};
use bindery::bundle::{self, Bag, BundleOptions};
use bindery::extract::{Options, extract};
use bindery::frontmatter::{Profile, ProfileName};
use bindery::markdown;
use bindery::model::tree::{Element, Tree};
use bindery::model::{
    Article, Charset, CharsetSource, DifferenceKind, Digest, Document, ImageMap, MAX_SLUG_BYTES, Metadata, Origin,
    RawPage, Sourced, UrlKey, safe_name, slug,
};
use bindery::verify;
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Words, marks of Markdown and of full width, controls: what texts are made of and trip over.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9]{1,6}",
        4 => "[\u{4e00}-\u{4e40}]{1,8}",
        3 => "[ *_`\\[\\]()<>#|~!\\\\&;:.+-]{1,3}",
        2 => "[，。：“”「」（）！？、]{1,2}",
        1 => Just("\u{3000}".to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// Letters with marks on them, and joiners between the two.
fn marked() -> impl Strategy<Value = String> {
    "([aeiouか각]\u{200d}?[\u{301}\u{323}\u{308}\u{3099}]{0,3}[ .]?){1,9}"
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn page(html: &str) -> RawPage {
    RawPage::from_bytes(html.into(), url::Url::parse("https://example.org/a").ok(), Origin::Replay, None)
}

/// An article of paragraphs, each a row of texts in these elements.
fn article(paragraphs: &[Vec<(usize, String)>]) -> Article {
    const NAMES: [&str; 6] = ["", "em", "strong", "code", "del", "a"];
    let mut content = Tree::new();
    for runs in paragraphs {
        let p = content.append_element(content.root(), Element::new("p"));
        for (kind, text) in runs {
            match NAMES[kind % NAMES.len()] {
                "" => drop(content.append_text(p, text)),
                name => {
                    let element = Element::new(name);
                    let element = if name == "a" { element.with("href", "https://example.org/b") } else { element };
                    let inner = content.append_element(p, element);
                    content.append_text(inner, text);
                }
            }
        }
    }
    Article {
        url: None,
        captured: None,
        metadata: Metadata::default(),
        content,
        comments: None,
        images: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Utf8 },
        confidence: 1.0,
        warnings: Vec::new(),
        losses: Vec::new(),
        trace: Vec::new(),
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_text_rendered_says_what_the_article_says(
        paragraphs in vec(vec((0usize..6, text()), 1..5), 1..4)
    ) {
        let document = markdown::write(&article(&paragraphs), &ImageMap::new(), &Profile::default());
        let words: Vec<_> = document.round_trip.iter().filter(|difference| difference.kind == DifferenceKind::Words).collect();
        prop_assert!(words.is_empty(), "{words:?}\n{}", document.body);
    }

    #[test]
    fn front_matter_reads_back_in_two_readers(title in text(), author in text(), tag in text()) {
        let mut article = article(&[vec![(0, "正文".to_owned())]]);
        let metadata = &mut article.metadata;
        metadata.title = Some(Sourced::new(title.clone(), "h1"));
        metadata.authors = Some(Sourced::new(vec![author.clone()], "byline"));
        metadata.tags = Some(Sourced::new(vec![tag.clone()], "keywords"));
        let front = markdown::write(&article, &ImageMap::new(), &Profile::default()).front_matter;
        let yaml = front.strip_prefix("---\n").unwrap().strip_suffix("---\n").unwrap();
        let one: serde_json::Value = serde_saphyr::from_str(yaml).unwrap();
        let other: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        prop_assert_eq!(&one, &other);
        let read = |value: &serde_json::Value| value.as_str().map(squeezed);
        prop_assert_eq!(read(&one["title"]).unwrap_or_default(), squeezed(&title));
        prop_assert_eq!(read(&one["author"][0]).unwrap_or_default(), squeezed(&author));
        prop_assert_eq!(read(&one["tags"][0]).unwrap_or_default(), squeezed(&tag));
    }

    #[test]
    fn a_slug_is_one_safe_part_of_a_path(title in prop_oneof![text(), any::<String>(), marked()]) {
        let slug = slug(&title, "example.org/a");
        prop_assert!(slug.len() <= MAX_SLUG_BYTES + 9 && !slug.starts_with('-'), "{slug:?}");
        let bad = |c: char| c.is_control() || c.is_whitespace() || "./\\<>:\"|?*%\u{202e}\u{200d}\u{feff}".contains(c);
        prop_assert!(!slug.contains(bad), "{slug:?}");
        let name = safe_name(&title);
        prop_assert_eq!(name.nfc().collect::<String>(), name, "in NFC");
    }

    #[test]
    fn extraction_never_panics_and_adds_no_words(html in hostile_html()) {
        if let Ok(article) = extract(&page(&html), Options::default()) {
            let said = letters(&article.content.text(article.content.root()));
            let there = letters(&html);
            // Each word of the text stands in the source: none of the words made here holds an entity.
            for word in said.split_whitespace() {
                prop_assert!(there.contains(word), "{word:?} is not in {html}");
            }
        }
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn a_bundle_is_whole_and_becomes_the_same_archive(texts in vec((text(), text()), 1..4)) {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("archive");
        let started = "2026-11-23T08:58:55Z".parse().unwrap();
        let mut writer = Writer::open(&root, WriterOptions::new("test", "bindery 0.1.0", started)).unwrap();
        for (at, (title, body)) in texts.iter().enumerate() {
            writer.keep(visit(at, title, body)).unwrap();
        }
        writer.commit().unwrap();
        drop(writer);
        let target = scratch.path().join("all.zip");
        let making = BundleOptions { software: "bindery 0.1.0".to_owned(), ..BundleOptions::default() };
        let made = bundle::write(&Archive::open(&root).unwrap(), &Bag, &target, &making, &mut |_, _| {}).unwrap();
        prop_assert_eq!((made.articles, made.skipped), (texts.len(), Vec::new()));
        let report = verify::any(&target, 1, &mut |_| {}).unwrap();
        prop_assert_eq!(report.findings, Vec::new());
        let back = scratch.path().join("back");
        bundle::restore(&target, &back, &std::sync::atomic::AtomicBool::new(false), &mut |_, _| {}).unwrap();
        let again = scratch.path().join("again.zip");
        bundle::write(&Archive::open(&back).unwrap(), &Bag, &again, &making, &mut |_, _| {}).unwrap();
        prop_assert!(std::fs::read(&target).unwrap() == std::fs::read(&again).unwrap());
    }
}

fn visit(at: usize, title: &str, body: &str) -> Visit {
    let url = url::Url::parse(&format!("https://example.org/{at}")).unwrap();
    let body = format!("{body}\n");
    Visit {
        key: UrlKey::of(&url),
        requested: Some(url.clone()),
        answered: Some(url),
        aliases: Vec::new(),
        feed: Default::default(),
        metadata: Metadata { title: Some(Sourced::new(title.to_owned(), "h1")), ..Metadata::default() },
        captured: "2026-11-23T08:58:56Z".parse().unwrap(),
        document: Document {
            front_matter: String::new(),
            body_digest: Digest::of(body.as_bytes()),
            body: body.clone(),
            round_trip: Vec::new(),
        },
        text_digest: Digest::of(body.as_bytes()),
        images: Vec::new(),
        confidence: None,
        warnings: Vec::new(),
        losses: Vec::new(),
        charset: Charset { name: "UTF-8".to_owned(), source: CharsetSource::Utf8 },
        profile: ProfileName::Default,
        etag: None,
        last_modified: None,
        status: 200,
        redirects: Vec::new(),
        payload_digest: Digest::of(b""),
        software: "bindery 0.1.0".to_owned(),
        origin: PageOrigin::Network,
        options: Vec::new(),
        answers: Vec::new(),
        continuation_pages: Vec::new(),
    }
}

/// Tags in any order, closed or not, with texts between them.
fn hostile_html() -> impl Strategy<Value = String> {
    let tag = "</?(div|p|article|section|table|tr|td|ul|li|h1|h2|span|a|b|pre|code|script|style|svg|template|br|form)( (class|id|href)=(content|comment|'x y'|#))?/?>";
    let word = "[a-z]{2,8}|[\u{4e00}-\u{4e20}]{2,12}[，。]";
    let piece = prop_oneof![3 => proptest::string::string_regex(tag).unwrap(), 4 => proptest::string::string_regex(word).unwrap(), 1 => Just("<!-- ".to_owned()), 1 => Just("\0".to_owned()), 1 => Just("<".to_owned())];
    vec(piece, 1..80).prop_map(|pieces| pieces.join(" "))
}

/// Letters and figures, whatever stands between them.
fn letters(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
}

/// Without white space and controls, which front matter may lay out anew.
fn squeezed(text: impl AsRef<str>) -> String {
    text.as_ref().chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}
