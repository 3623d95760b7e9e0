//! Where an article's images go is the caller's choice: here they are renamed, and the text links to the new names.
//! `images FILE`

use bindery::extract::{Options, extract};
use bindery::frontmatter::Profile;
use bindery::model::ImageMap;
use bindery::{images, import, markdown};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "examples/news.html".to_owned());
    let path = std::path::Path::new(&file);
    let folder = path.parent().unwrap_or(std::path::Path::new(""));
    let article = extract(&import::read(path, import::PAGE_CAP, None, None)?, Options::default())?;
    let mut map = ImageMap::new();
    for image in &article.images {
        let Ok(bytes) = import::local_image(folder, path, &image.written) else { continue };
        let found = images::identify(bytes)?;
        println!("{} is {}", image.written, found.path());
        map.insert(image.url.clone(), format!("/images/{}", found.path()));
    }
    print!("{}", markdown::body(&article.content, &map, &Profile::default()));
    Ok(())
}
