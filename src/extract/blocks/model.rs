//! Gradient-boosted trees: reading them, and the score they give.
//!
//! A model is a table of words, which gives some of the numbers of a row, and a forest over the rows. Weights and leaves
//! are whole numbers and are added as such, and nothing but the four operations is done with floats, so a score is the
//! same on every machine.

use super::features::{self, Rows};
use super::learned::Words;

/// The first bytes of a model file, with its version.
const MAGIC: &[u8; 8] = b"bindblk2";

/// Leaves are written in units of this part of one.
const UNIT: f64 = 4096.0;

/// Rows judged together: few enough that they stay in the nearest cache.
const TOGETHER: usize = 8;

/// What a block is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What the names around a block say.
    pub words: Words,
    /// Scores a block by what is known of it.
    pub forest: Forest,
}

/// Trees over the rows of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    nodes: Vec<Node>,
    leaves: Vec<i16>,
    /// First node and first leaf of each tree.
    trees: Vec<(usize, usize)>,
}

/// A question; the answer is a child: a node from 0, or a leaf from -1 down.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    most: f32,
    number: u16,
    children: [i8; 2],
}

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Another kind of file.
    #[error("it does not begin as a block model does; make one with examples/train")]
    Kind,
    /// It ends early, or a tree points outside itself.
    #[error("it is damaged at byte {at}; make it again with examples/train")]
    Damaged {
        /// Where reading stopped.
        at: usize,
    },
    /// Made for other numbers than this version computes.
    #[error("its rows hold {has} numbers where this version has {wants}; make it again with examples/train")]
    Width {
        /// Numbers that the model reads.
        has: usize,
        /// Numbers that there are.
        wants: usize,
    },
}

impl Model {
    /// Reads a model file: the words, then the forest after the magic. Everything is little-endian.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut reader = Reader { bytes, at: MAGIC.len() };
        if !bytes.starts_with(MAGIC) {
            return Err(ModelError::Kind);
        }
        let model = Self { words: reader.words()?, forest: reader.forest(features::WIDTH)? };
        if reader.at != bytes.len() {
            return Err(ModelError::Damaged { at: reader.at });
        }
        Ok(model)
    }
}

impl Forest {
    /// A score from 0 to 1 for each row.
    pub fn scores(&self, rows: &Rows) -> Vec<f32> {
        let mut scores = Vec::with_capacity(rows.numbers.len() / rows.width);
        for chunk in rows.numbers.chunks(TOGETHER * rows.width) {
            let mut sums = [0i32; TOGETHER];
            for &(nodes, leaves) in &self.trees {
                for (sum, row) in sums.iter_mut().zip(chunk.chunks_exact(rows.width)) {
                    let mut at = 0i8;
                    while at >= 0 {
                        let node = self.nodes[nodes + at as usize];
                        at = node.children[usize::from(row[usize::from(node.number)] > node.most)];
                    }
                    *sum += i32::from(self.leaves[leaves + !at as usize]);
                }
            }
            scores.extend(sums.iter().take(chunk.len() / rows.width).map(|sum| probability(*sum)));
        }
        scores
    }
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

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let found = self.bytes.get(self.at..self.at + N).and_then(|bytes| bytes.try_into().ok());
        let found = found.ok_or(ModelError::Damaged { at: self.at })?;
        self.at += N;
        Ok(found)
    }

    fn count(&mut self) -> Result<usize, ModelError> {
        Ok(usize::from(u16::from_le_bytes(self.take()?)))
    }

    /// How many words; then each: its hash, and its three weights.
    fn words(&mut self) -> Result<Words, ModelError> {
        let count = u32::from_le_bytes(self.take()?);
        let mut word = || {
            let hash = u32::from_le_bytes(self.take()?);
            let mut weights = [0; 3];
            for weight in &mut weights {
                *weight = i16::from_le_bytes(self.take()?);
            }
            Ok((hash, weights))
        };
        (0..count).map(|_| word()).collect()
    }

    /// Width and number of trees; then each tree: how many nodes, the nodes, one leaf more than nodes.
    fn forest(&mut self, wants: usize) -> Result<Forest, ModelError> {
        let width = self.count()?;
        if width != wants {
            return Err(ModelError::Width { has: width, wants });
        }
        let count = self.count()?;
        let mut forest = Forest { nodes: Vec::new(), leaves: Vec::new(), trees: Vec::new() };
        for _ in 0..count {
            forest.trees.push((forest.nodes.len(), forest.leaves.len()));
            let nodes = self.count()?;
            for index in 0..nodes {
                let node = self.node()?;
                // Children stand after their parent, so every walk ends.
                let fits = |child: i8| if child < 0 { !child as usize <= nodes } else { child as usize > index };
                if usize::from(node.number) >= width
                    || nodes > 127
                    || !node.children.iter().all(|&child| fits(child) && (child as isize) < nodes as isize)
                {
                    return Err(ModelError::Damaged { at: self.at });
                }
                forest.nodes.push(node);
            }
            if nodes == 0 {
                return Err(ModelError::Damaged { at: self.at });
            }
            for _ in 0..=nodes {
                forest.leaves.push(i16::from_le_bytes(self.take()?));
            }
        }
        Ok(forest)
    }

    fn node(&mut self) -> Result<Node, ModelError> {
        let number = u16::from_le_bytes(self.take()?);
        let most = f32::from_le_bytes(self.take()?);
        let children = self.take::<2>()?.map(|byte| byte as i8);
        Ok(Node { most, number, children })
    }
}
