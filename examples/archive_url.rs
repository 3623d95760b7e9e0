//! Archives pages with their images: `archive_url ARCHIVE URL-OR-FILE…`.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bindery::capture::{Capturer, Input, Job};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().unwrap_or_else(|| "target/example-archive".to_owned());
    let mut pages: Vec<String> = arguments.collect();
    if pages.is_empty() {
        pages.push("examples/news.html".to_owned());
    }
    let capturer = Capturer::open(Path::new(&root), Arc::new(|| SystemTime::now().into()))?;
    for page in pages {
        let input = match page.parse() {
            Ok(url) => Input::Url(url),
            Err(_) => Input::File { path: page.into(), url: None },
        };
        let captured = capturer.capture(Job::new(input)).await?;
        println!("{} {}", captured.outcome.word(), captured.path.unwrap_or_default());
    }
    capturer.commit()?;
    Ok(())
}
