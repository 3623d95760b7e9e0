#![no_main]

#[path = "../bodies/mod.rs"]
#[allow(dead_code, reason = "each target runs one body")]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::notes::body(bytes));
