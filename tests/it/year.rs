//! Many visits to pages on which something changes every time, and which a wall hides on one day in ten.
#![cfg(all(feature = "net", feature = "store"))]

#[path = "../../benches/year/kinds.rs"]
mod kinds;
#[path = "../../benches/year/languages.rs"]
mod languages;
#[path = "../../benches/year/run.rs"]
mod run;
#[path = "../../benches/year/site.rs"]
mod site;
#[path = "../../benches/year/walls.rs"]
mod walls;

use run::Span;

#[test]
fn only_edits_become_texts_and_a_wall_is_never_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    // Every eleventh page: many kinds in one language each, and each language with several kinds.
    let pages: Vec<_> = site::all_pages().into_iter().step_by(11).collect();
    assert!(pages.len() < site::all_pages().len() && site::pages().len() == kinds::KINDS.len());
    let report = run::visit_all(dir.path(), &pages, Span { days: 120, every: 79 });
    let wrong: Vec<_> = report.pages.iter().filter(|page| !page.wrong.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let walled = report.pages.iter().filter(|page| page.set_aside > 0).count();
    assert!(walled * 2 > pages.len() && report.unchanged.len() as u64 > report.visits, "{walled}");
    for page in &report.pages {
        assert!(page.kept > 1 && page.kept <= page.texts && page.record_bytes < 200_000, "{}: {page:#?}", page.page);
    }
}
