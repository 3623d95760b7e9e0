//! An article's body to Markdown: inert under every profile and as HTML, and named by its own digest.

use bindery::extract::{Options, extract};
use bindery::frontmatter::{Flavour, Profile, ProfileName, Style};
use bindery::markdown;
use bindery::model::{DifferenceKind, Digest, ImageMap};

use super::inert;

pub fn body(input: &[u8]) {
    let raw = super::page(input);
    let Ok(article) = extract(&raw, Options { fragment: true, ..Options::default() }) else { return };
    for profile in profiles() {
        let document = markdown::write(&article, &ImageMap::new(), &profile);
        assert_eq!(document.body_digest, Digest::of(document.body.as_bytes()));
        assert!(document.body.is_empty() || document.body.ends_with('\n'));
        let words = document.round_trip.iter().find(|difference| difference.kind == DifferenceKind::Words);
        assert!(words.is_none(), "{}, by {profile:?}:\n{}", words.unwrap(), document.body);
        if let Some(live) = inert::live(&document.body, inert::Source::Body) {
            panic!("{live}, by {profile:?}:\n{}", document.body);
        }
    }
    let html = markdown::html(&article.content, &ImageMap::new());
    if let Some(live) = inert::live_in_html(&html, inert::Source::Body) {
        panic!("{live}, as HTML:\n{html}");
    }
}

fn profiles() -> Vec<Profile> {
    let named = |name, style| Profile { name, style, ..Profile::default() };
    let commonmark = Style { flavour: Flavour::CommonMark, ..Style::default() };
    vec![
        Profile::default(),
        named(ProfileName::Hexo, Style::default()),
        named(ProfileName::Jekyll, Style { html: false, ..Style::default() }),
        named(ProfileName::Default, commonmark),
    ]
}
