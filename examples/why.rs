//! Says what was kept of a page and what was removed, and why. `why FILE`

use bindery::extract::{Options, extract};
use bindery::import;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "examples/news.html".to_owned());
    let raw = import::read(file.as_ref(), import::PAGE_CAP, None, None)?;
    let article = extract(&raw, Options { trace: true, ..Options::default() })?;
    if let Some(title) = &article.metadata.title {
        println!("{} (from {})", title.value, title.source);
    }
    for step in &article.trace {
        println!("{} {}: {}", if step.kept { '+' } else { '-' }, step.what, step.reason);
    }
    Ok(())
}
