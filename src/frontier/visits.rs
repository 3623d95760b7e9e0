//! The time of each source's last visit, in the same file as the queues.

use std::collections::BTreeMap;
use std::path::Path;

use super::FrontierError;
use super::sqlite::{connect_or_replace, refused};
use crate::model::Timestamp;

/// Returns the start time of each source's last completed run. Empty if there is none.
///
/// # Errors
/// The file can be neither used nor replaced.
pub fn last_visits(path: &Path) -> Result<BTreeMap<String, Timestamp>, FrontierError> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let database = connect_or_replace(path)?;
    let read = || -> rusqlite::Result<BTreeMap<String, Timestamp>> {
        let mut query = database.prepare("SELECT name, begun FROM sources")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<(String, i64)>>>()?;
        Ok(rows.into_iter().filter_map(|(name, second)| Some((name, Timestamp::from_second(second)?))).collect())
    };
    read().map_err(|error| refused(path, &error))
}

/// Records that a source's run is complete, and when it began.
///
/// # Errors
/// The file can be neither used nor replaced.
pub fn note_visit(path: &Path, source: &str, begun: Timestamp) -> Result<(), FrontierError> {
    let database = connect_or_replace(path)?;
    let sql = "INSERT INTO sources (name, begun) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET begun = excluded.begun";
    database.execute(sql, (source, begun.as_second())).map(drop).map_err(|error| refused(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_visit_replaces_the_recorded_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.sqlite");
        assert!(last_visits(&path).unwrap().is_empty());
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        note_visit(&path, "观察", at("2026-11-24T12:00:00Z")).unwrap();
        note_visit(&path, "观察", at("2026-11-24T13:00:00Z")).unwrap();
        assert_eq!(last_visits(&path).unwrap(), BTreeMap::from([("观察".to_owned(), at("2026-11-24T13:00:00Z"))]));
    }
}
