//! How much stack the calling thread has left. Threads of Python's may have little.

use std::cell::Cell;

/// What a page needs at most, with much to spare, in bytes: the library's own threads have this as their whole stack.
const NEEDED: usize = 2 << 20;

thread_local! {
    static IS_LARGE: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Returns whether a page can be read on this thread; false where that is not known. It is found out once for each thread.
pub fn is_large() -> bool {
    if let Some(known) = IS_LARGE.get() {
        return known;
    }
    let is_large = left().is_some_and(|left| left >= NEEDED);
    IS_LARGE.set(Some(is_large));
    is_large
}

/// Returns the number of bytes left, as Linux shows them.
fn left() -> Option<usize> {
    let local = 0_u8;
    let here = std::ptr::from_ref(&local).addr();
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    lowest(here, &maps, &limits).map(|lowest| here.saturating_sub(lowest))
}

/// Returns the lowest address of the stack that `here` is on. A guard page keeps a thread's mapping apart from others; that of
/// the first thread grows up to the limit.
fn lowest(here: usize, maps: &str, limits: &str) -> Option<usize> {
    let (start, end, line) = maps.lines().find_map(|line| {
        let (start, end) = line.split_whitespace().next()?.split_once('-')?;
        let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        (start..end).contains(&here).then_some((start, end, line))
    })?;
    if !line.ends_with("[stack]") {
        return Some(start);
    }
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max stack size")?.split_whitespace().next())?;
    // An unlimited stack grows until it meets another mapping; what most systems allow is there in any case.
    Some(end.saturating_sub(limit.parse().unwrap_or(8 << 20)))
}
