//! An index in a SQLite file below `.bindery/`.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::model::{Digest, ImageFormat, Timestamp, UrlKey};

use super::{Index, IndexEntry, MOST_LISTED};
use crate::archive::ArchiveError;
use crate::archive::record::Payload;

/// Incremented when the tables or what stands in them change. An index of another version is rebuilt.
const VERSION: i64 = 4;

const TABLES: &str = "
    CREATE TABLE articles (folder TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE keys (key TEXT, alias INTEGER, folder TEXT, PRIMARY KEY (key, alias, folder)) WITHOUT ROWID;
    CREATE INDEX keys_of ON keys (folder);
    CREATE TABLE claims (key TEXT, folder TEXT, PRIMARY KEY (key, folder)) WITHOUT ROWID;
    CREATE INDEX claims_of ON claims (folder);
    CREATE TABLE places (place TEXT, folder TEXT, PRIMARY KEY (place, folder)) WITHOUT ROWID;
    CREATE INDEX places_of ON places (folder);
    CREATE TABLE images (digest BLOB PRIMARY KEY, extension TEXT) WITHOUT ROWID;
    CREATE TABLE payloads (digest BLOB PRIMARY KEY, folder TEXT, file TEXT, record TEXT, url TEXT, received INTEGER) WITHOUT ROWID;
    CREATE INDEX payloads_of ON payloads (folder);
    CREATE TABLE seal (stamp TEXT);
";

/// An index on disk. Between two seals one transaction is open: a killed run leaves the index of the previous seal,
/// whose stamp shows that it is outdated.
#[derive(Debug)]
pub(in crate::archive) struct SqliteIndex {
    database: Connection,
    path: PathBuf,
}

impl SqliteIndex {
    /// Opens the index in a file. A file that is missing, invalid or of another version is replaced by an empty index.
    ///
    /// # Errors
    /// The file can be neither used nor replaced.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let fail = |error: rusqlite::Error| ArchiveError::index(path, &error);
        let database = match usable(path) {
            Ok(Some(database)) => database,
            Ok(None) | Err(_) => {
                remove(path)?;
                let database = connect(path).map_err(fail)?;
                database.execute_batch(TABLES).map_err(fail)?;
                database.pragma_update(None, "user_version", VERSION).map_err(fail)?;
                database
            }
        };
        let index = Self { database, path: path.to_owned() };
        index.batch("BEGIN")?;
        Ok(index)
    }

    fn batch(&self, sql: &str) -> Result<(), ArchiveError> {
        self.database.execute_batch(sql).map_err(|error| self.fail(&error))
    }

    fn run(&self, sql: &str, values: impl Params) -> Result<(), ArchiveError> {
        let done = self.database.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        done.map(drop).map_err(|error| self.fail(&error))
    }

    fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, ArchiveError> {
        let found = self.database.prepare_cached(sql).and_then(|mut query| query.query_row(values, read).optional());
        found.map_err(|error| self.fail(&error))
    }

    fn folders(&self, sql: &str, value: &str) -> Result<Vec<String>, ArchiveError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            self.database.prepare_cached(sql)?.query_map([value], |row| row.get(0))?.collect()
        };
        read().map_err(|error| self.fail(&error))
    }

    fn fail(&self, error: &rusqlite::Error) -> ArchiveError {
        ArchiveError::index(&self.path, error)
    }
}

/// Opens the database in a file; returns `None` if it has another version, or if the file was changed since its last
/// seal: SQLite itself does not detect all damage.
fn usable(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let database = connect(path)?;
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let sealed = std::fs::read(fingerprint_path(path)).ok();
    let is_sealed = sealed.is_some_and(|sealed| fingerprint(path).ok() == Some(sealed));
    Ok((version == VERSION && is_sealed).then_some(database))
}

/// Returns the path of the file with the index's fingerprint.
fn fingerprint_path(path: &Path) -> PathBuf {
    with_suffix(path, ".mark")
}

fn with_suffix(path: &Path, ending: &str) -> PathBuf {
    path.with_file_name(format!("{}{ending}", path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default()))
}

/// Returns the fingerprint of the index: its length and the time of its last change. A digest of its bytes would take
/// longer the larger the archive is.
fn fingerprint(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = std::fs::metadata(path)?;
    let changed = file.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}\n", file.len(), changed.as_nanos()).into_bytes())
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    // The archive's lock allows one writer, so a rollback journal is sufficient.
    database.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;")?;
    Ok(database)
}

fn remove(path: &Path) -> Result<(), ArchiveError> {
    for file in [path, &with_suffix(path, "-journal"), &fingerprint_path(path)] {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ArchiveError::io("remove", file, error));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Index for SqliteIndex {
    fn folder(&self, key: &UrlKey) -> Result<Option<String>, ArchiveError> {
        let sql = "SELECT folder FROM keys WHERE key = ? ORDER BY alias, folder LIMIT 1";
        self.first(sql, [key.as_str()], |row| row.get(0))
    }

    fn claimants(&self, key: &UrlKey) -> Result<Vec<String>, ArchiveError> {
        self.folders("SELECT folder FROM claims WHERE key = ? ORDER BY folder", key.as_str())
    }

    fn listed(&self, place: &str) -> Result<Vec<String>, ArchiveError> {
        let sql = format!("SELECT folder FROM places WHERE place = ? ORDER BY folder LIMIT {MOST_LISTED}");
        self.folders(&sql, place)
    }

    fn put_article(&mut self, folder: &str, entry: &IndexEntry) -> Result<(), ArchiveError> {
        self.run("INSERT OR IGNORE INTO articles VALUES (?)", [folder])?;
        self.run("DELETE FROM keys WHERE folder = ?", [folder])?;
        self.run("DELETE FROM claims WHERE folder = ?", [folder])?;
        self.run("DELETE FROM places WHERE folder = ?", [folder])?;
        for (at, key) in entry.keys.iter().enumerate() {
            self.run("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", params![key.as_str(), at > 0, folder])?;
        }
        if let Some(key) = &entry.claim {
            self.run("INSERT INTO claims VALUES (?, ?)", [key.as_str(), folder])?;
        }
        for place in &entry.places {
            self.run("INSERT OR IGNORE INTO places VALUES (?, ?)", [place.as_str(), folder])?;
        }
        for (digest, payload) in &entry.payloads {
            let Payload { file, record, url, received } = payload;
            self.run(
                "INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)",
                params![digest.as_bytes(), folder, file, record.to_string(), url, received.as_second()],
            )?;
        }
        Ok(())
    }

    fn forget_article(&mut self, folder: &str) -> Result<(), ArchiveError> {
        for table in ["articles", "keys", "claims", "places", "payloads"] {
            self.run(&format!("DELETE FROM {table} WHERE folder = ?"), [folder])?;
        }
        Ok(())
    }

    fn articles(&self) -> Result<usize, ArchiveError> {
        let count: Option<i64> = self.first("SELECT count(*) FROM articles", [], |row| row.get(0))?;
        Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
    }

    fn image(&self, digest: &Digest) -> Result<Option<ImageFormat>, ArchiveError> {
        let sql = "SELECT extension FROM images WHERE digest = ?";
        let extension: Option<String> = self.first(sql, [digest.as_bytes()], |row| row.get(0))?;
        Ok(extension.and_then(|extension| ImageFormat::from_extension(&extension)))
    }

    fn put_image(&mut self, digest: &Digest, format: ImageFormat) -> Result<(), ArchiveError> {
        self.run("INSERT OR IGNORE INTO images VALUES (?, ?)", params![digest.as_bytes(), format.extension()])
    }

    fn forget_image(&mut self, digest: &Digest) -> Result<(), ArchiveError> {
        self.run("DELETE FROM images WHERE digest = ?", [digest.as_bytes()])
    }

    fn payload(&self, digest: &Digest) -> Result<Option<Payload>, ArchiveError> {
        type Columns = (String, String, String, i64);
        let sql = "SELECT file, record, url, received FROM payloads WHERE digest = ?";
        let found: Option<Columns> =
            self.first(sql, [digest.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        Ok(found.and_then(|(file, record, url, received)| {
            Some(Payload { file, record: record.parse().ok()?, url, received: Timestamp::from_second(received)? })
        }))
    }

    fn stamp(&self) -> Result<Option<Digest>, ArchiveError> {
        let stamp: Option<String> = self.first("SELECT stamp FROM seal", [], |row| row.get(0))?;
        Ok(stamp.and_then(|hex| hex.parse().ok()))
    }

    fn clear(&mut self) -> Result<(), ArchiveError> {
        for table in ["articles", "keys", "claims", "places", "images", "payloads", "seal"] {
            self.run(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(())
    }

    fn seal(&mut self, stamp: &Digest) -> Result<(), ArchiveError> {
        self.run("DELETE FROM seal", [])?;
        self.run("INSERT INTO seal VALUES (?)", [stamp.hex()])?;
        self.batch("COMMIT")?;
        // After a kill at this point, the next run rebuilds the index.
        let written = fingerprint(&self.path).and_then(|sealed| std::fs::write(fingerprint_path(&self.path), sealed));
        written.map_err(|error| ArchiveError::io("write", &fingerprint_path(&self.path), error))?;
        self.batch("BEGIN")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sqlite_index_passes_the_shared_tests() {
        let folder = tempfile::tempdir().unwrap();
        super::super::tests::suite(&mut SqliteIndex::open(&folder.path().join("index.sqlite")).unwrap());
    }

    #[test]
    fn only_sealed_changes_are_durable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let mut index = SqliteIndex::open(&path).unwrap();
        index.put_image(&one, ImageFormat::Png).unwrap();
        index.seal(&one).unwrap();
        index.put_image(&two, ImageFormat::Png).unwrap();
        drop(index);
        let index = SqliteIndex::open(&path).unwrap();
        assert_eq!(index.stamp().unwrap(), Some(one));
        assert_eq!((index.image(&one).unwrap(), index.image(&two).unwrap()), (Some(ImageFormat::Png), None));
    }

    #[test]
    fn an_index_with_a_changed_byte_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let image = Digest::of(b"1");
        let rebuild = || {
            let mut index = SqliteIndex::open(&path).unwrap();
            index.put_image(&image, ImageFormat::Png).unwrap();
            index.seal(&image).unwrap();
        };
        rebuild();
        assert_eq!(SqliteIndex::open(&path).unwrap().image(&image).unwrap(), Some(ImageFormat::Png));
        let length = std::fs::metadata(&path).unwrap().len();
        for at in (0..length).step_by(1009) {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[usize::try_from(at).unwrap()] ^= 4;
            std::fs::write(&path, bytes).unwrap();
            // The resolution of file times is coarser than the duration of this test.
            let other = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(other).unwrap();
            let index = SqliteIndex::open(&path).unwrap();
            assert_eq!((index.stamp().unwrap(), index.image(&image).unwrap()), (None, None), "byte {at}");
            drop(index);
            rebuild();
        }
    }

    #[test]
    fn an_invalid_index_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        for bytes in [&b"no database at all, but long enough to look like one"[..], b"SQLite format 3\0broken", b""] {
            std::fs::write(&path, bytes).unwrap();
            let mut index = SqliteIndex::open(&path).unwrap();
            index.put_image(&Digest::of(b"1"), ImageFormat::Png).unwrap();
            index.seal(&Digest::of(b"root")).unwrap();
        }
    }
}
