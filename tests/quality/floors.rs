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

pub const CJK: &[Floor] = &[least("f1", 0.9), most("without", 0.3)];
pub const WCXB: &[Floor] = &[least("f1", 0.8), most("without", 0.3)];
pub const FRAGMENTS: &[Floor] = &[];
