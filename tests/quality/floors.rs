//! The floors, rounded down from what was measured last. They only rise.

/// The least a score may be, or the most where lower is better.
pub struct Floor {
    pub name: &'static str,
    pub score: f64,
    pub lower_is_better: bool,
}

const fn least(name: &'static str, score: f64) -> Floor {
    Floor { name, score, lower_is_better: false }
}

const fn most(name: &'static str, score: f64) -> Floor {
    Floor { name, score, lower_is_better: true }
}

/// The model that ships has seen these pages and those of `WCXB`: what it scores here tells of a change, not of pages
/// that nobody has seen. `src/extract/blocks/MODEL.md` says how to measure that.
pub const CJK: &[Floor] = &[
    least("f1", 0.9830),
    least("with", 0.980),
    most("without", 0.019),
    least("title", 0.999),
    least("author", 0.999),
    least("date", 0.999),
    // Of images, by the names of their files. The truth of one page lists thumbnails, each in a link to the whole image,
    // which is what is kept.
    least("recall", 0.955),
];
pub const WCXB: &[Floor] = &[
    least("f1", 0.9060),
    most("without", 0.028),
    least("title", 0.820),
    least("author", 0.765),
    least("date", 0.883),
    least("date_none", 0.920),
];
pub const FRAGMENTS: &[Floor] =
    &[least("words_f1", 100.0), least("exact", 100.0), least("links", 100.0), least("blocks", 100.0)];
/// Of all bodies; images that the page holds itself are files of their own afterwards.
pub const FRAGMENT_IMAGES: &[Floor] = &[least("images", 98.0)];
/// Of each group of the cases in `tests/markdown/rendered`, in percent.
pub const CONSTRUCTS: f64 = 100.0;
pub const ROUND_TRIP: &[Floor] = &[least("strict", 99.0)];

/// Of the pages that lie beside this file, by kind: F-measure of the text, share of the snippets that belong, of those
/// that do not (lower is better), of right titles, authors and dates. What is not 1 (or 0) is where it stands.
pub const OWN_KINDS: &[(&str, [f64; 6])] = &[
    ("article", [0.948, 1.0, 0.163, 1.0, 1.0, 1.0]),
    ("collection", [0.981, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("documentation", [0.991, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("forum", [0.838, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("listing", [0.95, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("product", [0.975, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("service", [0.892, 1.0, 0.0, 1.0, 1.0, 1.0]),
];

/// The same by language.
pub const OWN_LANGUAGES: &[(&str, [f64; 6])] = &[
    ("ar", [0.956, 1.0, 0.063, 1.0, 1.0, 1.0]),
    ("de", [0.922, 1.0, 0.157, 1.0, 1.0, 1.0]),
    ("en", [0.971, 1.0, 0.032, 1.0, 1.0, 1.0]),
    ("es", [0.929, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("fr", [0.969, 1.0, 0.039, 1.0, 1.0, 1.0]),
    ("ja", [0.958, 1.0, 0.032, 1.0, 1.0, 1.0]),
    ("ko", [0.918, 1.0, 0.0, 1.0, 1.0, 1.0]),
    ("ru", [0.938, 1.0, 0.039, 1.0, 1.0, 1.0]),
    ("zh-Hans", [0.907, 1.0, 0.129, 1.0, 1.0, 1.0]),
    ("zh-Hant", [0.935, 1.0, 0.0, 1.0, 1.0, 1.0]),
];
