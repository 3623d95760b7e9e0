//! Scores rows with gradient-boosted trees.
//!
//! Trees are not traversed. Each comparison removes the leaves that it rules out, and the first remaining leaf is the
//! tree's result (Lucchese et al., QuickScorer, SIGIR 2015). The comparisons of all trees are sorted by feature and
//! threshold, so several rows are compared together without branches, until a threshold that none of them exceeds.

use fearless_simd::{Level, dispatch};

use super::features::Rows;

/// Leaves are stored in units of 1/4096.
const UNIT: f64 = 4096.0;

/// The number of rows that are scored together.
const TOGETHER: usize = 16;

/// The maximum number of leaves of a tree, one bit each.
const MOST_LEAVES: usize = 64;

/// A node of a tree in a model file: rows whose feature `number` is more than `most` go to the second child. A child is a
/// node when it is 0 or more, otherwise a leaf: -1 is the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    pub most: f32,
    pub number: u16,
    pub children: [i8; 2],
}

/// All trees of a model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forest {
    comparisons: Vec<Comparison>,
    /// The leaves of all trees, from left to right.
    leaves: Vec<i16>,
    /// The first leaf of each tree.
    trees: Vec<usize>,
    /// The number of leaves of the largest tree.
    widest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Comparison {
    most: f32,
    number: u16,
    tree: u16,
    /// The leaves that remain when the feature is more than `most`.
    left: u64,
}

/// A set of leaves.
trait Bits: Copy {
    const ALL: Self;
    fn of(set: u64) -> Self;
    fn and(self, other: Self) -> Self;
    fn first(self) -> usize;
}

impl Bits for u32 {
    const ALL: Self = Self::MAX;

    #[inline(always)]
    fn of(set: u64) -> Self {
        set as Self
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn first(self) -> usize {
        self.trailing_zeros() as usize
    }
}

impl Bits for u64 {
    const ALL: Self = Self::MAX;

    #[inline(always)]
    fn of(set: u64) -> Self {
        set
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    fn first(self) -> usize {
        self.trailing_zeros() as usize
    }
}

impl Forest {
    /// Adds a tree with one leaf more than nodes. Returns false and adds nothing when the nodes do not form a tree.
    pub fn add_tree(&mut self, nodes: &[Node], leaves: &[i16]) -> bool {
        let Some((order, lefts)) = laid_out(nodes, leaves.len()) else { return false };
        let Ok(tree) = u16::try_from(self.trees.len()) else { return false };
        self.trees.push(self.leaves.len());
        self.leaves.extend(order.iter().map(|&leaf| leaves[leaf]));
        self.widest = self.widest.max(leaves.len());
        let comparisons = nodes.iter().zip(lefts);
        self.comparisons.extend(comparisons.map(|(&Node { most, number, .. }, left)| Comparison {
            most,
            number,
            tree,
            left,
        }));
        true
    }

    /// Sorts the comparisons; called after the last tree.
    pub fn sort(&mut self) {
        let key = |comparison: &Comparison| (comparison.number, comparison.tree);
        self.comparisons
            .sort_by(|a, b| (a.number.cmp(&b.number)).then(a.most.total_cmp(&b.most)).then(key(a).cmp(&key(b))));
    }

    /// Returns a score from 0 to 1 for each row.
    pub fn scores(&self, rows: &Rows) -> Vec<f32> {
        // Uses the widest vectors of the processor: everything inside is inlined, and compares and ands integers.
        let level = Level::new();
        match self.widest <= 32 {
            true => dispatch!(level, _ => self.score_rows::<u32>(rows)),
            false => dispatch!(level, _ => self.score_rows::<u64>(rows)),
        }
    }

    #[inline(always)]
    fn score_rows<B: Bits>(&self, rows: &Rows) -> Vec<f32> {
        let mut scores = Vec::with_capacity(rows.numbers.len() / rows.width);
        let mut left = vec![[B::ALL; TOGETHER]; self.trees.len()];
        for chunk in rows.numbers.chunks(TOGETHER * rows.width) {
            let count = chunk.len() / rows.width;
            left.fill([B::ALL; TOGETHER]);
            for comparisons in self.comparisons.chunk_by(|one, next| one.number == next.number) {
                let number = comparisons.first().map_or(0, |comparison| usize::from(comparison.number));
                let mut column = [f32::NEG_INFINITY; TOGETHER];
                for row in 0..count {
                    column[row] = chunk[row * rows.width + number];
                }
                strike(comparisons, &column, &mut left);
            }
            let mut sums = [0i32; TOGETHER];
            for (tree, &first) in self.trees.iter().enumerate() {
                for row in 0..TOGETHER {
                    sums[row] += i32::from(self.leaves[first + left[tree][row].first()]);
                }
            }
            scores.extend(sums.iter().take(count).map(|sum| probability(*sum)));
        }
        scores
    }
}

/// Removes the leaves that comparisons of one feature rule out. The loop counts because calls that are not inlined are not
/// compiled for the vectors in use.
#[inline(always)]
fn strike<B: Bits>(comparisons: &[Comparison], column: &[f32; TOGETHER], left: &mut [[B; TOGETHER]]) {
    let mut top = f32::NEG_INFINITY;
    for value in column {
        top = if *value > top { *value } else { top };
    }
    for comparison in comparisons {
        if top <= comparison.most {
            return;
        }
        let kept = B::of(comparison.left);
        let left = &mut left[usize::from(comparison.tree)];
        for row in 0..TOGETHER {
            left[row] = left[row].and(if column[row] > comparison.most { kept } else { B::ALL });
        }
    }
}

/// Returns the leaves of a tree from left to right, and for each node the leaves that remain when its feature is more than
/// the threshold; None when the nodes do not form a tree.
fn laid_out(nodes: &[Node], leaves: usize) -> Option<(Vec<usize>, Vec<u64>)> {
    enum Step {
        Visit(i8),
        /// The first child of a node is done; its leaves began at this index.
        Between(usize, usize),
    }
    if nodes.is_empty() || leaves != nodes.len() + 1 || leaves > MOST_LEAVES {
        return None;
    }
    let mut order: Vec<usize> = Vec::new();
    let mut lefts = vec![u64::MAX; nodes.len()];
    let mut steps = vec![Step::Visit(0)];
    let mut visits = 0;
    while let Some(step) = steps.pop() {
        match step {
            Step::Visit(child) if child >= 0 => {
                visits += 1;
                let node = nodes.get(child as usize).filter(|_| visits <= nodes.len())?;
                steps.push(Step::Visit(node.children[1]));
                steps.push(Step::Between(child as usize, order.len()));
                steps.push(Step::Visit(node.children[0]));
            }
            Step::Visit(leaf) => {
                let leaf = !leaf as usize;
                if leaf >= leaves || order.contains(&leaf) {
                    return None;
                }
                order.push(leaf);
            }
            Step::Between(node, from) => {
                (from..order.len()).for_each(|place| lefts[node] &= !(1 << place));
            }
        }
    }
    (order.len() == leaves).then_some((order, lefts))
}

/// Returns the logistic function, by squaring: library functions differ in their last bits between machines.
fn probability(sum: i32) -> f32 {
    let x = (f64::from(sum) / UNIT).clamp(-12.0, 12.0);
    let mut power = 1.0 - x / 65_536.0;
    for _ in 0..16 {
        power *= power;
    }
    (1.0 / (1.0 + power)) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::RngExt;
    use proptest::test_runner::{RngAlgorithm, TestRng};

    use super::*;

    /// Returns a tree that is grown at random leaves.
    fn tree(noise: &mut TestRng, size: usize, width: u16) -> (Vec<Node>, Vec<i16>) {
        let mut nodes: Vec<Node> = Vec::new();
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for index in 0..size {
            if index > 0 {
                let (node, side) = ends.remove(noise.random_range(0..ends.len()));
                nodes[node].children[side] = index as i8;
            }
            nodes.push(Node {
                most: noise.random_range(0..20u8).into(),
                number: noise.random_range(0..width),
                children: [0; 2],
            });
            ends.extend([(index, 0), (index, 1)]);
        }
        for (leaf, (node, side)) in ends.into_iter().enumerate() {
            nodes[node].children[side] = !(leaf as i8);
        }
        (nodes, (0..=size).map(|_| noise.random_range(-2000..2000)).collect())
    }

    fn walked(nodes: &[Node], leaves: &[i16], row: &[f32]) -> i32 {
        let mut at = 0i8;
        while at >= 0 {
            let node = nodes[at as usize];
            at = node.children[usize::from(row[usize::from(node.number)] > node.most)];
        }
        i32::from(leaves[!at as usize])
    }

    #[test]
    fn scores_are_those_of_walking_every_tree() {
        let mut noise = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        for size in [1, 12, 31, 63] {
            let width = 9;
            let trees: Vec<_> = (0..20).map(|_| tree(&mut noise, size, width)).collect();
            let mut forest = Forest::default();
            trees.iter().for_each(|(nodes, leaves)| assert!(forest.add_tree(nodes, leaves)));
            forest.sort();
            let numbers: Vec<f32> = (0..width * 37).map(|_| f32::from(noise.random_range(0..22u8)) - 1.0).collect();
            let rows = Rows { width: usize::from(width), numbers };
            let expected: Vec<f32> = rows
                .numbers
                .chunks(rows.width)
                .map(|row| probability(trees.iter().map(|(nodes, leaves)| walked(nodes, leaves, row)).sum()))
                .collect();
            assert_eq!(forest.scores(&rows), expected, "{size} nodes a tree");
        }
    }

    #[test]
    fn invalid_nodes_are_not_added() {
        let node = |children| Node { most: 0.0, number: 0, children };
        for nodes in [vec![], vec![node([-1, -1])], vec![node([0, -1])], vec![node([-1, -3])], vec![node([-1, 5])]] {
            assert!(!Forest::default().add_tree(&nodes, &vec![0; nodes.len() + 1]), "{nodes:?}");
        }
        let twice = [node([1, 1]), node([-1, -2])];
        assert!(!Forest::default().add_tree(&twice, &[0, 0, 0]));
    }
}
