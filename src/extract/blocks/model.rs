//! The model file.
//!
//! A model is a table of words, which gives some of the numbers of a row, and a forest over the rows. Weights and leaves
//! are whole numbers and are added as such, and nothing but the four operations is done with floats, so a score is the
//! same on every machine.

use super::features;
use super::forest::{Forest, Node};
use super::name_weights::Words;

/// The first bytes of a model file, with its version.
const MAGIC: &[u8; 8] = b"bindblk2";

/// What a block is selection by.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What the names around a block say.
    pub words: Words,
    /// Scores a block by what is known of it.
    pub forest: Forest,
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
        let mut forest = Forest::default();
        for _ in 0..count {
            let size = self.count()?;
            let nodes = (0..size).map(|_| self.node()).collect::<Result<Vec<_>, _>>()?;
            let leaves = (0..=size).map(|_| self.take().map(i16::from_le_bytes)).collect::<Result<Vec<_>, _>>()?;
            let asks = |node: &Node| usize::from(node.number) < width && !node.most.is_nan();
            if !nodes.iter().all(asks) || !forest.plant(&nodes, &leaves) {
                return Err(ModelError::Damaged { at: self.at });
            }
        }
        forest.settle();
        Ok(forest)
    }

    fn node(&mut self) -> Result<Node, ModelError> {
        let number = u16::from_le_bytes(self.take()?);
        let most = f32::from_le_bytes(self.take()?);
        let children = self.take::<2>()?.map(|byte| byte as i8);
        Ok(Node { most, number, children })
    }
}
