//! A run that is stopped at any of its changes on disk: the next one brings the archive in order and loses nothing that
//! was kept.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bindery::archive::{ArchiveError, Change, Kept, Visit, Watch, Writer};
use bindery::model::{Digest, FindingKind, UrlKey};
use bindery::verify;

use super::fixture::*;

const NOW: &str = "2026-12-01T08:00:00Z";
const LATER: &str = "2026-12-02T08:00:00Z";

/// What a watched writer did, and when it stops being able to do more.
#[derive(Clone)]
struct Fate {
    done: Arc<Mutex<Vec<(Change, PathBuf)>>>,
    /// The change that fails; None for none.
    fails_at: Option<usize>,
    /// Whether every later change fails too, as after a kill.
    for_good: bool,
}

impl Fate {
    fn new(fails_at: Option<usize>, for_good: bool) -> Self {
        Self { done: Arc::default(), fails_at, for_good }
    }

    fn watch(&self) -> Watch {
        let fate = self.clone();
        Watch::new(move |change, path| {
            let mut done = fate.done.lock().unwrap();
            let at = done.len();
            done.push((change, path.to_owned()));
            match fate.fails_at {
                Some(n) if at == n || fate.for_good && at > n => Err(io::Error::from(io::ErrorKind::StorageFull)),
                _ => Ok(()),
            }
        })
    }

    fn changes(&self) -> usize {
        self.done.lock().unwrap().len()
    }
}

fn open_watched(root: &Path, started: &str, fate: &Fate) -> Result<Writer, ArchiveError> {
    let mut opening = opening(started);
    opening.watch = Some(fate.watch());
    Writer::open(root, opening)
}

/// A visit with its images, through a disk that may fail.
fn try_keep(writer: &mut Writer, visit: &Visit) -> Result<Kept, ArchiveError> {
    for shown in visit.images.iter().filter(|image| image.path.is_some()) {
        writer.store_image(&image(shown.url.rsplit('/').next().unwrap()))?;
    }
    writer.keep(visit.clone())
}

/// New, updated, unchanged, an image recovered: one of each.
fn visits() -> [Visit; 4] {
    [
        visit("https://example.com/sea", NOW, "海很远。", &[("a.gif", true), ("d.gif", true)]),
        visit(RIVER, NOW, "河水不见了。", &[("a.gif", true)]),
        visit(HILL, NOW, "山很高。", &[("c.gif", true)]),
        visit(LAKE, NOW, "湖很静。", &[("e.gif", true)]),
    ]
}

const LAKE: &str = "https://example.net/lake";

fn before(root: &Path) {
    small(root);
    run(root, visit(LAKE, "2026-11-24T09:00:00Z", "湖很静。", &[("e.gif", false)]));
}

/// The visits that were reported as kept.
fn run_watched(root: &Path, visits: &[Visit], fate: &Fate) -> Vec<Visit> {
    let Ok(mut writer) = open_watched(root, NOW, fate) else { return Vec::new() };
    let kept: Vec<Visit> = visits.iter().filter(|visit| try_keep(&mut writer, visit).is_ok()).cloned().collect();
    let _ = writer.write_event(&serde_json::json!({ "event": "summary" }));
    if writer.commit().is_err() && !fate.for_good {
        writer.commit().unwrap();
    }
    kept
}

/// The same, all kept together: those that were reported as durable.
fn run_together(root: &Path, visits: &[Visit], fate: &Fate) -> Vec<Visit> {
    let Ok(mut writer) = open_watched(root, NOW, fate) else { return Vec::new() };
    writer.defer_writes();
    let writer = parking_lot::Mutex::new(writer);
    let mut durable = Vec::new();
    for batch in visits.chunks(2) {
        let kept = batch.iter().filter(|visit| try_keep(&mut writer.lock(), visit).is_ok());
        let kept: Vec<Visit> = kept.cloned().collect();
        if Writer::commit_deferred(&writer).is_ok() {
            durable.extend(kept);
        }
    }
    let mut writer = writer.into_inner();
    let _ = writer.write_event(&serde_json::json!({ "event": "summary" }));
    let _ = writer.commit();
    durable
}

type Run = fn(&Path, &[Visit], &Fate) -> Vec<Visit>;

fn is_there(writer: &Writer, visit: &Visit) -> bool {
    let Some(entry) = writer.find(&visit.key).unwrap() else { return false };
    entry.record.snapshots.iter().any(|snapshot| {
        let seen = snapshot.unchanged.as_ref();
        snapshot.captured == visit.captured || seen.is_some_and(|seen| seen.last == visit.captured)
    })
}

fn copy(from: &Path, to: &Path) {
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(to.join(&folder)).unwrap();
        for entry in fs::read_dir(from.join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if from.join(&path).is_dir() {
                folders.push(path);
            } else {
                fs::copy(from.join(&path), to.join(&path)).unwrap();
            }
        }
    }
}

/// Stops a run over a copy of an archive at each of its changes in turn.
fn survives_every_stop(original: Option<&Path>, visits: &[Visit], run: Run) {
    let laid_out = || {
        let scratch = scratch();
        if let Some(original) = original {
            copy(original, &scratch.root);
        }
        scratch
    };
    let whole = Fate::new(None, true);
    run(&laid_out().root, visits, &whole);
    assert!(whole.changes() > 30, "{}", whole.changes());
    for n in 0..whole.changes() {
        let scratch = laid_out();
        let fate = Fate::new(Some(n), true);
        let kept = run(&scratch.root, visits, &fate);
        let when = format!("stopped at change {n}: {:?}", whole.done.lock().unwrap()[n]);
        assert_unfinished(&scratch.root, &when);
        let writer = open_at(&scratch.root, LATER);
        assert!(findings(&scratch.root).iter().all(|finding| finding.kind == FindingKind::Pending), "{when}");
        for visit in &kept {
            assert!(is_there(&writer, visit), "{when}: {} was reported as kept", visit.key);
        }
        drop(writer);
        assert_whole(&scratch.root, &when);
        let again = run(&scratch.root, visits, &Fate::new(None, true));
        assert_eq!(again.len(), visits.len(), "{when}");
        assert_whole(&scratch.root, &format!("{when}, and another run"));
    }
    println!("figure: stops of a writer at a change on disk: {}", whole.changes());
}

/// A verifier says that a run did not end, and finds no damage.
fn assert_unfinished(root: &Path, when: &str) {
    // Before its first files are written there is no archive.
    let Ok(report) = verify::archive(root, 2, &mut |_| {}) else { return };
    let found = report.findings;
    assert!(found.iter().all(|finding| finding.kind == FindingKind::Unfinished), "{when}: {found:#?}");
}

#[test]
fn a_stop_at_any_change_of_the_first_run_of_an_archive() {
    survives_every_stop(None, &[visit(RIVER, NOW, "河水很慢。", &[("a.gif", true)])], run_watched);
}

#[test]
fn a_stop_at_any_change_of_a_run_of_new_updated_and_unchanged_pages() {
    let scratch = scratch();
    before(&scratch.root);
    survives_every_stop(Some(&scratch.root), &visits(), run_watched);
}

#[test]
fn a_stop_at_any_change_of_pages_that_are_kept_together() {
    let scratch = scratch();
    before(&scratch.root);
    // The first twice: what one batch holds is seen by the next visit of the same page.
    let visits = visits();
    let again = visit(RIVER, "2026-12-01T08:00:01Z", "河水又来了。", &[("d.gif", true)]);
    survives_every_stop(Some(&scratch.root), &visits, run_together);
    survives_every_stop(None, &[visits[1].clone(), again], run_together);
}

#[test]
fn after_a_lot_that_could_not_be_put_in_place_nothing_is_changed_any_more() {
    let original = scratch();
    before(&original.root);
    let whole = Fate::new(None, false);
    let probe = scratch();
    copy(&original.root, &probe.root);
    run_together(&probe.root, &visits(), &whole);
    for n in 0..whole.changes() {
        let scratch = scratch();
        copy(&original.root, &scratch.root);
        let kept = run_together(&scratch.root, &visits(), &Fate::new(Some(n), false));
        let when = format!("failed: change {n}: {:?}", whole.done.lock().unwrap()[n]);
        let writer = open_at(&scratch.root, LATER);
        assert!(kept.iter().all(|visit| is_there(&writer, visit)), "{when}");
        drop(writer);
        assert_whole(&scratch.root, &when);
    }
}

#[test]
fn no_name_of_a_lot_stands_for_what_is_not_on_the_disk_yet() {
    let scratch = scratch();
    before(&scratch.root);
    let fate = Fate::new(None, true);
    run_together(&scratch.root, &visits(), &fate);
    let done = fate.done.lock().unwrap();
    let (mut unflushed, mut unflushed_folders): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    let mut records = 0;
    for (change, path) in done.iter() {
        let folder = path.parent().unwrap().to_owned();
        match change {
            Change::Write | Change::Truncate => unflushed.push(path.clone()),
            Change::Flush => {
                unflushed.retain(|written| written != path);
                unflushed_folders.retain(|named| named != path);
            }
            Change::CreateFolder => unflushed_folders.push(folder),
            Change::Rename => {
                let name = path.file_name().unwrap().to_str().unwrap();
                let is_of = |of: &&PathBuf| of.parent() == path.parent() && of.to_str().unwrap().contains(name);
                assert!(!unflushed.iter().any(|of| is_of(&of)), "{path:?} is named before it is flushed");
                if name == "record.json" {
                    records += 1;
                    let images = |folder: &&PathBuf| folder.to_str().unwrap().contains("/images/");
                    let own = |of: &&PathBuf| *of == &folder;
                    let warc = unflushed.iter().find(|path| path.to_str().unwrap().ends_with(".warc.gz.open"));
                    assert_eq!(warc, None, "{path:?} names a capture that is not flushed");
                    assert!(!unflushed_folders.iter().any(|of| images(&of)), "{path:?} names images");
                    // Only records of the same batch may have been named in the folder since.
                    assert!(!unflushed_folders.iter().any(|of| own(&of)), "{path:?} comes before its texts");
                }
                unflushed_folders.push(folder);
            }
            _ => {}
        }
    }
    assert_eq!(records, 4);
}

#[test]
fn a_change_that_fails_leaves_the_article_as_it_was_and_the_run_goes_on() {
    let original = scratch();
    before(&original.root);
    let whole = Fate::new(None, false);
    let other = scratch();
    copy(&original.root, &other.root);
    run_watched(&other.root, &visits(), &whole);
    for n in 0..whole.changes() {
        let scratch = scratch();
        copy(&original.root, &scratch.root);
        let kept = run_watched(&scratch.root, &visits(), &Fate::new(Some(n), false));
        let when = format!("failed: change {n}: {:?}", whole.done.lock().unwrap()[n]);
        assert!(kept.len() >= 3 || kept.is_empty() && n < 8, "{when}: {} kept", kept.len());
        assert_whole(&scratch.root, &when);
        let writer = open_at(&scratch.root, LATER);
        assert!(kept.iter().all(|visit| is_there(&writer, visit)), "{when}");
    }
}

#[test]
fn nothing_is_renamed_before_it_is_flushed_or_reported_before_its_folder_is() {
    let scratch = scratch();
    before(&scratch.root);
    let fate = Fate::new(None, true);
    run_watched(&scratch.root, &visits(), &fate);
    let done = fate.done.lock().unwrap();
    let mut unflushed: Vec<&Path> = Vec::new();
    for (at, (change, path)) in done.iter().enumerate() {
        match change {
            Change::Write | Change::Truncate => unflushed.push(path),
            Change::Flush => unflushed.retain(|written| written != path),
            Change::Rename => {
                let name = path.file_name().unwrap().to_str().unwrap();
                let written_as = |of: &Path| of.file_name().unwrap().to_str().unwrap().contains(name);
                assert!(!unflushed.iter().any(|of| of.parent() == path.parent() && written_as(of)), "{path:?}");
                let next = &done[at + 1];
                assert_eq!((next.0, next.1.as_path()), (Change::Flush, path.parent().unwrap()), "{path:?}");
            }
            _ => {}
        }
    }
    assert!(done.iter().filter(|(change, _)| *change == Change::Rename).count() > 10);
}

#[test]
fn a_removal_that_is_stopped_is_finished_by_the_next_run() {
    let original = scratch();
    before(&original.root);
    run(&original.root, visit("https://example.com/copy", NOW, "河水在这里。", &[("a.gif", true), ("f.gif", true)]));
    let key = UrlKey::of(&url(RIVER));
    let remove = |root: &Path, fate: &Fate| -> Result<(), ArchiveError> {
        let mut writer = open_watched(root, NOW, fate)?;
        writer.remove(&key, NOW.parse().unwrap())?;
        writer.commit()
    };
    let done = scratch();
    copy(&original.root, &done.root);
    let whole = Fate::new(None, true);
    remove(&done.root, &whole).unwrap();
    assert_whole(&done.root, "removed");
    let end = files(&done.root);
    for n in 0..whole.changes() {
        let scratch = scratch();
        copy(&original.root, &scratch.root);
        let stopped = remove(&scratch.root, &Fate::new(Some(n), true));
        let when = format!("stopped at change {n}: {:?}", whole.done.lock().unwrap()[n]);
        assert!(stopped.is_err(), "{when}");
        assert_unfinished(&scratch.root, &when);
        drop(open_at(&scratch.root, LATER));
        assert_whole(&scratch.root, &when);
        remove(&scratch.root, &Fate::new(None, true)).unwrap();
        let files = files(&scratch.root);
        assert_eq!(files.keys().collect::<Vec<_>>(), end.keys().collect::<Vec<_>>(), "{when}");
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("captures/")) {
            assert_eq!(Digest::of(bytes), Digest::of(&end[path]), "{when}: {path}");
        }
    }
}

/// Lays files out as one that writes them in order would have, up to some point.
fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_text_that_was_not_finished_is_set_aside_and_named() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let folder = open(&scratch.root).find(&visit(RIVER, NOW, "", &[]).key).unwrap().unwrap().folder;
    // As a run leaves it that is killed before its record is written, and whose workplace is lost.
    fs::remove_dir_all(scratch.root.join(".bindery")).unwrap();
    put(&scratch.root, &format!("{folder}/20261201T080000Z.md"), "半".as_bytes());
    put(&scratch.root, &format!("{folder}/index.md"), "半".as_bytes());
    let writer = open(&scratch.root);
    let below = folder.strip_prefix("articles/").unwrap();
    let aside = scratch.root.join(format!(".bindery/unfinished/{below}/20261201T080000Z.md"));
    assert_eq!(fs::read_to_string(aside).unwrap(), "半");
    assert_eq!(writer.notes().len(), 1, "{:?}", writer.notes());
    assert!(writer.notes()[0].contains(".bindery/unfinished/"), "{:?}", writer.notes());
    drop(writer);
    assert_whole(&scratch.root, "set aside");
}

#[test]
fn a_kill_after_the_clock_went_back_is_repaired_too() {
    let original = scratch();
    before(&original.root);
    let whole = Fate::new(None, true);
    let visits = visits();
    let probe = scratch();
    copy(&original.root, &probe.root);
    run_watched(&probe.root, &visits, &whole);
    for n in (0..whole.changes()).step_by(3) {
        let scratch = scratch();
        copy(&original.root, &scratch.root);
        let kept = run_watched(&scratch.root, &visits, &Fate::new(Some(n), true));
        // Whatever the run wrote is older than every manifest.
        for (path, bytes) in all_files(&original.root) {
            if path != ".bindery/unsealed" && fs::read(scratch.root.join(&path)).ok().as_deref() == Some(&bytes) {
                let file = fs::File::options().append(true).open(scratch.root.join(&path)).unwrap();
                file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(86400)).unwrap();
            }
        }
        let writer = open_at(&scratch.root, LATER);
        assert!(kept.iter().all(|visit| is_there(&writer, visit)));
        drop(writer);
        assert_whole(&scratch.root, &format!("stopped at change {n}: {:?}", whole.done.lock().unwrap()[n]));
    }
}

fn all_files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    files(root)
}

#[test]
fn what_a_live_writer_has_not_listed_yet_is_pending() {
    let scratch = scratch();
    small(&scratch.root);
    age(&scratch.root);
    let mut writer = open(&scratch.root);
    keep(&mut writer, visit(RIVER, NOW, "河水不见了。", &[("d.gif", true)]));
    keep(&mut writer, visit("https://example.com/sea", NOW, "海很远。", &[]));
    let beside = findings(&scratch.root);
    assert!(beside.len() >= 7, "{beside:#?}");
    assert!(beside.iter().all(|finding| finding.kind == FindingKind::Pending), "{beside:#?}");
    drop(writer);
    let after_a_kill = findings(&scratch.root);
    assert!(after_a_kill.len() >= 7, "{after_a_kill:#?}");
    assert!(after_a_kill.iter().all(|finding| finding.kind == FindingKind::Unfinished), "{after_a_kill:#?}");
    drop(open(&scratch.root));
    assert_whole(&scratch.root, "next run");
}
