//! Converts a folder on all cores: `convert_folder IN OUT`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bindery::convert::{Event, Options, Run, run};
use bindery::frontmatter::{Profile, ProfileName};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let paths = [arguments.next().unwrap_or_else(|| "examples".into())];
    let folder = arguments.next().unwrap_or_else(|| Path::new("target/converted").to_owned());
    let options = Options::new(Profile { name: ProfileName::Hugo, ..Profile::default() });
    let plan = Run {
        paths: &paths,
        folder: &folder,
        options: &options,
        threads: None,
        force: false,
        shard: None,
        is_reported: None,
    };
    run(&plan, &mut |event| {
        match event {
            Event::Converted { source, output, .. } => println!("{source} → {}", output.display()),
            Event::Failed { source, failure } => eprintln!("{source}: {failure}"),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok(())
}
