//! Values of a record that a later version may extend.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value of a closed set as this version knows it, or one that a later version wrote, which is preserved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recorded<T> {
    /// A value that this version knows.
    Known(T),
    /// A value that it does not know.
    Unknown(Value),
}

impl<T> Recorded<T> {
    /// Returns the value; `None` for one that this version does not know.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Returns values as they are recorded.
    pub(super) fn all(values: &[T]) -> Vec<Self>
    where
        T: Clone,
    {
        values.iter().cloned().map(Self::Known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Warning, WarningKind};

    #[test]
    fn a_kind_of_a_later_version_is_read_and_written_back() {
        let written = r#"[{"kind":"thin","detail":"120 字"},{"detail":"a bot check","kind":"robot-wall"}]"#;
        let warnings: Vec<Recorded<Warning>> = serde_json::from_str(written).unwrap();
        assert_eq!(warnings[0].known(), Some(&Warning::new(WarningKind::Thin, "120 字")));
        assert_eq!(warnings[1].known(), None);
        assert_eq!(serde_json::to_string(&warnings).unwrap(), written);
    }
}
