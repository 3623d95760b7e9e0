//! Lists what an export holds: WordPress, feeds, WARC, MHTML, archives, bookmarks. `export FILE`

use std::ops::ControlFlow;

use bindery::import::{self, Input, ItemContent, Kind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "examples/news.html".to_owned());
    let input = Input::file(file.as_ref());
    let kind = Kind::detect(&input.start()?).ok_or("nothing known")?;
    println!("{file} is of the kind {}", kind.as_str());
    let report = import::open(&input, kind, None, &mut |item| {
        let what = match &item.content {
            ItemContent::Page(raw) | ItemContent::Post(raw) | ItemContent::Body(raw, _) => {
                format!("{} bytes", raw.body.len())
            }
            ItemContent::UrlList(urls) => format!("{} URLs", urls.len()),
            ItemContent::File(_, kind, _) => kind.as_str().to_owned(),
            ItemContent::Broken(error) => error.to_string(),
        };
        println!("{}: {what}", item.name.display());
        ControlFlow::Continue(())
    })?;
    for (what, count) in report.left_out {
        println!("left out: {count} {what}");
    }
    Ok(())
}
