//! The model file.
//!
//! A model is a table of words, which gives some features of a row, and a forest over the rows. Weights and leaves are
//! integers, and floats are only added, subtracted, multiplied and divided, so a score is the same on every machine.

use super::features;
use super::forest::{Forest, Node};
use super::name_weights::Words;

/// The first bytes of a model file, with the version of the format.
const MAGIC: &[u8; 8] = b"bindblk2";

/// The model that scores blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The weights of words in the names around a block.
    pub words: Words,
    /// The trees that score a block by its features.
    pub forest: Forest,
}

/// Why bytes are not a valid model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not a model file.
    #[error("not a block model; train one with examples/train")]
    Kind,
    /// The file ends early, or a tree refers to nodes outside it.
    #[error("the model is damaged at byte {at}; train it again with examples/train")]
    Damaged {
        /// Where reading stopped.
        at: usize,
    },
    /// Trained for other features than this version computes.
    #[error("the model reads {has} features, but this version computes {wants}; train it again with examples/train")]
    Width {
        /// The number of features that the model reads.
        has: usize,
        /// The number of features that this version computes.
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

    /// Reads the number of words, then for each its hash and its three weights.
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

    /// Reads the width and the number of trees, then for each tree the number of nodes, the nodes, and one leaf more than
    /// nodes.
    fn forest(&mut self, wants: usize) -> Result<Forest, ModelError> {
        let width = self.count()?;
        if width != wants {
            return Err(ModelError::Width { has: width, wants });
        }
        let count = self.count()?;
        let mut forest = Forest::default();
        for _ in 0..count {
            let size = self.count()?;
            let nodes = (0..size).map(|_| self.node()).collect::<Result<Vec<_>, _>>()?;
            let leaves = (0..=size).map(|_| self.take().map(i16::from_le_bytes)).collect::<Result<Vec<_>, _>>()?;
            let asks = |node: &Node| usize::from(node.number) < width && !node.most.is_nan();
            if !nodes.iter().all(asks) || !forest.add_tree(&nodes, &leaves) {
                return Err(ModelError::Damaged { at: self.at });
            }
        }
        forest.sort();
        Ok(forest)
    }

    fn node(&mut self) -> Result<Node, ModelError> {
        let number = u16::from_le_bytes(self.take()?);
        let most = f32::from_le_bytes(self.take()?);
        let children = self.take::<2>()?.map(|byte| byte as i8);
        Ok(Node { most, number, children })
    }
}
