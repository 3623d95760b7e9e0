//! Writes the article of a page as Markdown to standard output: `extract_markdown FILE [URL]`.

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::markdown;
use bindery::model::{ImageMap, Origin, RawPage};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "examples/news.html".to_owned());
    let url = arguments.next().map(|url| url.parse()).transpose()?;
    let raw = RawPage::from_bytes(std::fs::read(file)?, url, Origin::Replay, None);
    let article = extract(&raw, Options::default())?;
    let document = markdown::write(&article, &ImageMap::new(), &Profile::default());
    print!("{}", document.text());
    Ok(())
}
