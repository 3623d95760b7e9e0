//! Gradient-boosted trees: the score they give.
//!
//! No tree is walked. Each question strikes out the leaves that its answer rules out, and the first leaf that is left is
//! the tree's (Lucchese et al., QuickScorer, SIGIR 2015). The questions of all trees stand in the order of the number
//! they ask about and of what it is compared with, so that several rows are put to them together, without a jump, until
//! a question comes that none of them exceeds.

use fearless_simd::{Level, dispatch};

use super::features::Rows;

/// Leaves are written in units of this part of one.
const UNIT: f64 = 4096.0;

/// Rows selection together.
const TOGETHER: usize = 16;

/// The most leaves that a tree may have: a bit each.
const MOST_LEAVES: usize = 64;

/// A node of a tree as a model file has it: rows of which `number` is more than `most` go to the second child. A child
/// is a node from 0, or a leaf from -1 down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    pub most: f32,
    pub number: u16,
    pub children: [i8; 2],
}

/// Trees over the rows of one pass.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forest {
    questions: Vec<Question>,
    /// Leaves of all trees, each tree's from left to right.
    leaves: Vec<i16>,
    /// First leaf of each tree.
    trees: Vec<usize>,
    /// Leaves of the largest tree.
    widest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Question {
    most: f32,
    number: u16,
    tree: u16,
    /// The leaves that are left where the number is more.
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
    /// Plants a tree; false, and nothing planted, where the nodes are none. There is one leaf more than nodes.
    pub fn plant(&mut self, nodes: &[Node], leaves: &[i16]) -> bool {
        let Some((order, lefts)) = laid_out(nodes, leaves.len()) else { return false };
        let Ok(tree) = u16::try_from(self.trees.len()) else { return false };
        self.trees.push(self.leaves.len());
        self.leaves.extend(order.iter().map(|&leaf| leaves[leaf]));
        self.widest = self.widest.max(leaves.len());
        let questions = nodes.iter().zip(lefts);
        self.questions.extend(questions.map(|(&Node { most, number, .. }, left)| Question {
            most,
            number,
            tree,
            left,
        }));
        true
    }

    /// Puts the questions in their order, after the last tree.
    pub fn settle(&mut self) {
        let key = |question: &Question| (question.number, question.tree);
        self.questions
            .sort_by(|a, b| (a.number.cmp(&b.number)).then(a.most.total_cmp(&b.most)).then(key(a).cmp(&key(b))));
    }

    /// A score from 0 to 1 for each row.
    pub fn scores(&self, rows: &Rows) -> Vec<f32> {
        // As wide as the processor can: everything inside is inlined, and compares and ands whole numbers.
        let level = Level::new();
        match self.widest <= 32 {
            true => dispatch!(level, _ => self.judge::<u32>(rows)),
            false => dispatch!(level, _ => self.judge::<u64>(rows)),
        }
    }

    #[inline(always)]
    fn judge<B: Bits>(&self, rows: &Rows) -> Vec<f32> {
        let mut scores = Vec::with_capacity(rows.numbers.len() / rows.width);
        let mut left = vec![[B::ALL; TOGETHER]; self.trees.len()];
        for chunk in rows.numbers.chunks(TOGETHER * rows.width) {
            let count = chunk.len() / rows.width;
            left.fill([B::ALL; TOGETHER]);
            for questions in self.questions.chunk_by(|one, next| one.number == next.number) {
                let number = questions.first().map_or(0, |question| usize::from(question.number));
                let mut column = [f32::NEG_INFINITY; TOGETHER];
                for row in 0..count {
                    column[row] = chunk[row * rows.width + number];
                }
                strike(questions, &column, &mut left);
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

/// Strikes out what the answers to questions about one number rule out. Counted and not iterated over: what is called
/// and not inlined is not made for the processor at hand.
#[inline(always)]
fn strike<B: Bits>(questions: &[Question], column: &[f32; TOGETHER], left: &mut [[B; TOGETHER]]) {
    let mut top = f32::NEG_INFINITY;
    for value in column {
        top = if *value > top { *value } else { top };
    }
    for question in questions {
        if top <= question.most {
            return;
        }
        let kept = B::of(question.left);
        let left = &mut left[usize::from(question.tree)];
        for row in 0..TOGETHER {
            left[row] = left[row].and(if column[row] > question.most { kept } else { B::ALL });
        }
    }
}

/// The leaves of a tree from left to right, and for each node those that are left where its number is more; None where
/// the nodes are no tree.
fn laid_out(nodes: &[Node], leaves: usize) -> Option<(Vec<usize>, Vec<u64>)> {
    enum Step {
        Visit(i8),
        /// The first child of a node is done; its leaves began at that place.
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

/// The logistic function, by squaring: library functions differ in their last bits from one machine to the next.
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

    /// A tree that grows at a leaf chosen at random.
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
            trees.iter().for_each(|(nodes, leaves)| assert!(forest.plant(nodes, leaves)));
            forest.settle();
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
    fn what_is_no_tree_is_not_planted() {
        let node = |children| Node { most: 0.0, number: 0, children };
        for nodes in [vec![], vec![node([-1, -1])], vec![node([0, -1])], vec![node([-1, -3])], vec![node([-1, 5])]] {
            assert!(!Forest::default().plant(&nodes, &vec![0; nodes.len() + 1]), "{nodes:?}");
        }
        let twice = [node([1, 1]), node([-1, -2])];
        assert!(!Forest::default().plant(&twice, &[0, 0, 0]));
    }
}
