//! What differs between two texts, by line and within lines by word.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::words::pieces;

/// A stretch of a text against another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "lowercase")]
pub enum Piece {
    /// In both.
    Same(String),
    /// In the old one only.
    Removed(String),
    /// In the new one only.
    Added(String),
}

/// Lines that changed, with lines around them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hunk {
    /// Number of its first line in the old text, from 1.
    pub old_line: usize,
    /// Number of its first line in the new text, from 1.
    pub new_line: usize,
    /// Its stretches in order; line breaks are part of them.
    pub pieces: Vec<Piece>,
}

/// The differences of two texts, with `context` unchanged lines around each; empty when they are equal. Within lines
/// that changed, words stand against words, and characters in scripts without spaces.
pub fn diff(old: &str, new: &str, context: usize) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let ops = capture_diff_slices(Algorithm::Patience, &old, &new);
    let groups = similar::group_diff_ops(ops, context);
    let hunk = |group: Vec<DiffOp>| Hunk {
        old_line: group.first().map_or(0, |op| op.old_range().start) + 1,
        new_line: group.first().map_or(0, |op| op.new_range().start) + 1,
        pieces: joined(group.iter().flat_map(|op| within(op, &old, &new))),
    };
    groups.into_iter().map(hunk).collect()
}

fn within(op: &DiffOp, old: &[&str], new: &[&str]) -> Vec<Piece> {
    let (before, after) = (old[op.old_range()].concat(), new[op.new_range()].concat());
    match op {
        DiffOp::Equal { .. } => vec![Piece::Same(before)],
        DiffOp::Delete { .. } => vec![Piece::Removed(before)],
        DiffOp::Insert { .. } => vec![Piece::Added(after)],
        DiffOp::Replace { .. } => by_word(&before, &after),
    }
}

/// More pieces than this on either side are told as one replaced by the other: comparing takes time with their product.
const MAX_PIECES: usize = 20_000;

fn by_word(old: &str, new: &str) -> Vec<Piece> {
    let (before, after) = (pieces(old), pieces(new));
    if before.len().max(after.len()) > MAX_PIECES {
        return vec![Piece::Removed(old.to_owned()), Piece::Added(new.to_owned())];
    }
    let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
    let piece = |op: &DiffOp| {
        let (before, after) = (before[op.old_range()].concat(), after[op.new_range()].concat());
        match op {
            DiffOp::Equal { .. } => vec![Piece::Same(before)],
            _ => vec![Piece::Removed(before), Piece::Added(after)],
        }
    };
    ops.iter().flat_map(piece).collect()
}

/// Neighbours of one kind become one; empty ones go.
fn joined(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Same(text) | Piece::Removed(text) | Piece::Added(text)) if text.is_empty() => {}
            (Some(Piece::Same(last)), Piece::Same(text))
            | (Some(Piece::Removed(last)), Piece::Removed(text))
            | (Some(Piece::Added(last)), Piece::Added(text)) => last.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(old: &str, new: &str) -> String {
        let mark = |piece: &Piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Removed(text) => format!("[-{text}-]"),
            Piece::Added(text) => format!("{{+{text}+}}"),
        };
        diff(old, new, 1).iter().flat_map(|hunk| &hunk.pieces).map(mark).collect()
    }

    #[test]
    fn words_stand_against_words_and_characters_against_characters() {
        assert_eq!(marked("The river is slow.\n", "The river was slow.\n"), "The river [-is-]{+was+} slow.\n");
        assert_eq!(marked("河水很慢。\n", "河水不慢。\n"), "河水[-很-]{+不+}慢。\n");
        assert_eq!(marked("一\n", "一\n二\n"), "一\n{+二\n+}");
        assert!(diff("同\n", "同\n", 3).is_empty());
    }

    #[test]
    fn a_hunk_says_where_it_stands() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let hunks = diff(&old, &old.replace("line 10\n", "line ten\n"), 2);
        assert_eq!((hunks.len(), hunks[0].old_line, hunks[0].new_line), (1, 8, 8));
    }
}
