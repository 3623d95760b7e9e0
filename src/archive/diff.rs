//! The differences of two texts, by line and, within changed lines, by word.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::words::pieces;

/// A part of a difference.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "lowercase")]
pub enum Piece {
    /// Text in both versions.
    Same(String),
    /// Text only in the old version.
    Removed(String),
    /// Text only in the new version.
    Added(String),
}

/// A group of changed lines with unchanged lines around them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hunk {
    /// The number of its first line in the old text, from 1.
    pub old_line: usize,
    /// The number of its first line in the new text, from 1.
    pub new_line: usize,
    /// Its parts in order, line breaks included.
    pub pieces: Vec<Piece>,
}

/// Returns the differences of two texts with `context` unchanged lines around each; empty if the texts are equal.
/// Changed lines are compared word by word, or character by character in scripts without spaces.
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

/// The maximum number of words compared. The comparison takes time proportional to the product of both sides; larger
/// texts are reported as one replaced by the other.
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

/// Joins neighbouring pieces of the same kind and drops empty ones.
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
    fn words_are_compared_with_words_and_characters_with_characters() {
        assert_eq!(marked("The river is slow.\n", "The river was slow.\n"), "The river [-is-]{+was+} slow.\n");
        assert_eq!(marked("河水很慢。\n", "河水不慢。\n"), "河水[-很-]{+不+}慢。\n");
        assert_eq!(marked("一\n", "一\n二\n"), "一\n{+二\n+}");
        assert!(diff("同\n", "同\n", 3).is_empty());
    }

    #[test]
    fn a_hunk_has_the_numbers_of_its_first_lines() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let hunks = diff(&old, &old.replace("line 10\n", "line ten\n"), 2);
        assert_eq!((hunks.len(), hunks[0].old_line, hunks[0].new_line), (1, 8, 8));
    }
}
