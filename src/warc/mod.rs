//! Reading and writing WARC/1.1, and the content codings of the bodies inside.

pub mod coding;
