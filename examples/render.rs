//! Markdown to HTML by comrak with GFM's extensions: a second renderer for the scorers of Markdown.
//!
//! `render IN OUT` turns every `IN/*.md` into `OUT/*.html`; a third argument, `math`, reads formulas between dollar signs.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(from), Some(to)) = (arguments.next().map(PathBuf::from), arguments.next().map(PathBuf::from)) else {
        return Err(std::io::Error::other("two folders are wanted: render IN OUT [math]"));
    };
    let math = arguments.next().is_some_and(|word| word == "math");
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = math;
    options.extension.math_code = math;
    options.render.r#unsafe = true;
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let html = comrak::markdown_to_html(&std::fs::read_to_string(&path)?, &options);
            // A name may hold dots of its own.
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            std::fs::write(to.join(format!("{name}.html")), html)?;
        }
    }
    Ok(())
}
