//! JSON exports as a stream: the elements of their tables, one after the other, in bounded memory.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::xml::Utf8Reader;

/// The maximum size of one element, in bytes.
const MAX_ELEMENT: u64 = 64 << 20;

/// Receives an element with the name of its table; `Break` ends the reading.
pub(super) type Take<'a> = &'a mut dyn FnMut(&str, Value) -> ControlFlow<()>;

/// Reads a document to its end. A table is an array, or an object, under one of the names of `tables`, at any depth; the
/// name of an array that is the whole document is empty.
///
/// # Errors
/// Why the document cannot be read further. The elements before that were passed on.
pub(super) fn visit(source: impl Read, tables: &[&str], take: Take<'_>) -> Result<(), String> {
    let left = Rc::new(Cell::new(MAX_ELEMENT));
    let text = Utf8Reader::new(BufReader::new(source)).map_err(|error| error.to_string())?;
    let limited = ElementLimit { inner: text, left: Rc::clone(&left) };
    let mut document = serde_json::Deserializer::from_reader(BufReader::new(limited));
    let mut reading = Reading { tables, take, left, is_stopped: false };
    match (Level { table: "", reading: &mut reading }).deserialize(&mut document) {
        Err(error) if !reading.is_stopped => Err(error.to_string()),
        _ => Ok(()),
    }
}

struct Reading<'a> {
    tables: &'a [&'a str],
    take: Take<'a>,
    left: Rc<Cell<u64>>,
    is_stopped: bool,
}

impl Reading<'_> {
    fn is_table(&self, name: &str) -> bool {
        self.tables.contains(&name)
    }

    fn pass_on<E: serde::de::Error>(&mut self, table: &str, element: Value) -> Result<(), E> {
        self.left.set(MAX_ELEMENT);
        if (self.take)(table, element).is_break() {
            self.is_stopped = true;
            return Err(E::custom("stopped"));
        }
        Ok(())
    }
}

/// A value that may be a table or have tables inside.
struct Level<'r, 'a> {
    /// The name of the nearest key.
    table: &'r str,
    reading: &'r mut Reading<'a>,
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let is_table = !self.table.is_empty() && self.reading.is_table(self.table);
        while let Some(key) = map.next_key::<String>()? {
            self.reading.left.set(MAX_ELEMENT);
            if is_table {
                let element = map.next_value()?;
                self.reading.pass_on(self.table, element)?;
            } else {
                map.next_value_seed(Level { table: &key, reading: self.reading })?;
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<(), S::Error> {
        if !self.reading.is_table(self.table) {
            while let Some(()) = elements.next_element_seed(Level { table: self.table, reading: self.reading })? {
                self.reading.left.set(MAX_ELEMENT);
            }
            return Ok(());
        }
        while let Some(element) = elements.next_element()? {
            self.reading.pass_on(self.table, element)?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Fails when one element takes more bytes than allowed.
struct ElementLimit<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for ElementLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 {
            return Err(io::Error::other(format!("an entry has more than {MAX_ELEMENT} bytes")));
        }
        let read = self.inner.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &[u8], tables: &[&str]) -> (Vec<String>, Result<(), String>) {
        let mut seen = Vec::new();
        let ended = visit(text, tables, &mut |table, element| {
            seen.push(format!("{table}={element}"));
            if seen.len() < 4 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        (seen, ended)
    }

    #[test]
    fn elements_of_tables_are_passed_on_one_by_one() {
        assert_eq!(seen("\u{feff}[{\"a\":1},2]".as_bytes(), &[""]).0, ["={\"a\":1}", "=2"]);
        let nested = b"{\"db\":[{\"meta\":{\"x\":[1]},\"data\":{\"posts\":[{\"id\":1}],\"tags\":[2]}}]}";
        assert_eq!(seen(nested, &["posts", "tags"]).0, ["posts={\"id\":1}", "tags=2"]);
        assert_eq!(seen(b"{\"list\":{\"7\":{\"u\":1},\"8\":2}}", &["list"]).0, ["list={\"u\":1}", "list=2"]);
        assert_eq!(seen(b"[1,2,3,4,5,6]", &[""]), (vec!["=1".into(), "=2".into(), "=3".into(), "=4".into()], Ok(())));
        assert_eq!(seen(b"{\"a\": 1}", &[""]), (Vec::new(), Ok(())));
    }

    #[test]
    fn elements_before_a_cut_are_passed_on_and_depth_is_bounded() {
        let (found, ended) = seen(b"[1, {\"a\": \"x\"}, {\"a\": \"y", &[""]);
        assert_eq!((found.len(), ended.is_err()), (2, true));
        assert!(seen("[".repeat(100_000).as_bytes(), &["x"]).1.is_err());
        let text = "{\"t\":[\"老\"]}".encode_utf16().flat_map(u16::to_le_bytes);
        let text: Vec<u8> = [0xff, 0xfe].into_iter().chain(text).collect();
        assert_eq!(seen(&text, &["t"]).0, ["t=\"老\""]);
    }
}
