//! Registrable domains, by the public suffix list that is compiled in.

/// Returns the registrable domain of a host: `example.co.uk` of `www.example.co.uk`.
// The list is code, more than half a megabyte, and every codegen unit that calls it would have a copy.
#[inline(never)]
pub fn registrable_domain(host: &str) -> Option<&str> {
    psl::domain_str(host)
}
