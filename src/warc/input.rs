//! A buffered reader that can look ahead and knows its position.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

const BLOCK: usize = 1 << 20;

/// A buffered reader.
pub(super) struct Input<R> {
    inner: R,
    block: Vec<u8>,
    start: usize,
    end: usize,
    /// The number of bytes consumed.
    pub position: u64,
}

impl<R: Read> Input<R> {
    pub fn new(inner: R) -> Self {
        Self::with_capacity(inner, BLOCK)
    }

    /// Creates a reader with a buffer of `capacity` bytes.
    pub fn with_capacity(inner: R, capacity: usize) -> Self {
        Self { inner, block: vec![0; capacity], start: 0, end: 0, position: 0 }
    }

    /// Returns the next bytes without consuming them: at least `wanted` (at most the buffer's size), unless the input
    /// ends before.
    pub fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted && self.more()? {}
        Ok(&self.block[self.start..self.end])
    }

    /// Reads more bytes into the buffer; returns false at the end of the input.
    fn more(&mut self) -> io::Result<bool> {
        self.block.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        loop {
            match self.inner.read(&mut self.block[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read + Seek> Input<R> {
    /// Returns the length of the file, and continues at its start.
    pub fn length(&mut self) -> io::Result<u64> {
        let length = self.inner.seek(SeekFrom::End(0))?;
        self.inner.seek(SeekFrom::Start(0))?;
        (self.start, self.end, self.position) = (0, 0, 0);
        Ok(length)
    }

    /// Continues at a position, which counts from the start of the file. What is in the buffer is not read again.
    pub fn seek(&mut self, position: u64) -> io::Result<()> {
        let buffered = self.position - self.start as u64;
        if let Some(start) = position.checked_sub(buffered).filter(|start| *start <= self.end as u64) {
            // It is at most the length of the buffer, so the cast loses nothing.
            (self.start, self.position) = (start as usize, position);
            return Ok(());
        }
        self.inner.seek(SeekFrom::Start(position))?;
        (self.start, self.end, self.position) = (0, 0, position);
        Ok(())
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, amount: usize) {
        self.start += amount;
        self.position += amount as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_ahead_works_across_the_end_of_the_buffer() {
        let bytes: Vec<u8> = (0..BLOCK + 100).map(|at| at as u8).collect();
        let mut input = Input::new(&bytes[..]);
        input.peek(1).unwrap();
        input.consume(BLOCK - 3);
        assert_eq!(&input.peek(10).unwrap()[..10], &bytes[BLOCK - 3..BLOCK + 7]);
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &bytes[BLOCK - 3..]);
        assert_eq!(input.position, bytes.len() as u64);
        assert!(input.peek(10).unwrap().is_empty());
    }
}
