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
    least("f1", 0.9800),
    least("with", 0.980),
    most("without", 0.030),
    least("title", 0.940),
    least("author", 0.570),
    least("date", 0.890),
    least("recall", 0.960),
];
pub const WCXB: &[Floor] = &[
    least("f1", 0.9000),
    most("without", 0.035),
    least("title", 0.790),
    least("author", 0.700),
    least("date", 0.815),
    least("date_none", 0.845),
];
pub const FRAGMENTS: &[Floor] = &[
    least("words_f1", 99.7),
    least("exact", 98.4),
    least("links", 99.9),
    least("images", 98.0),
    least("blocks", 97.7),
];
pub const ROUND_TRIP: &[Floor] = &[least("strict", 99.0)];
