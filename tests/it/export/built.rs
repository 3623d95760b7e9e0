//! Exported sites, built by the generators that they are written for.

use crate::support::generators::{GENERATORS, Site};

use super::fixture::{archived, export_to};

#[test]
fn generators_build_an_exported_site_without_a_dead_link() {
    let program = archived();
    for generator in GENERATORS {
        export_to(&program, 0, generator, &["--backlinks"]);
        let site = Site::build_root(generator, &program.path("out"));
        std::fs::remove_dir_all(program.path("out")).unwrap();
        let Some(site) = site else { continue };
        // The articles link to one another, so a link that leads to their old host was not resolved.
        let report = site.check(&["daily.example.cn"], &[]);
        assert!(report["pages"].as_u64() >= Some(3) && report["links"].as_u64() >= Some(3), "{report}");
    }
}
