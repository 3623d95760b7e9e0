//! The files that are generated from all articles.

use std::collections::BTreeSet;

use crate::model::Digest;

use super::super::article;
use super::super::decide::{FileOutcome, decide};
use super::super::error::ExportError;
use super::super::files::OnDisk;
use super::super::layout::Layout;
use super::super::site::Collected;
use super::super::{ExportEvent, ExportOptions};
use super::{BATCH, Run};

impl Run<'_> {
    /// Writes the generated files of the layout.
    pub(super) fn generated(&mut self) -> Result<(), ExportError> {
        match self.options.layout {
            Layout::Html => self.site(),
            _ => self.index(),
        }
    }

    /// Writes the text that lists all others.
    fn index(&mut self) -> Result<(), ExportError> {
        let Some(title) = self.options.layout.index_title() else { return Ok(()) };
        let is_written = |folder: &String| self.state.articles.contains_key(folder);
        let mut days: Vec<(String, String)> =
            self.survey.days.iter().map(|(folder, day)| (day.clone(), folder.clone())).collect();
        days.retain(|(_, folder)| is_written(folder));
        days.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let text = article::index(self.options.layout, title, &days, &self.survey.articles);
        let path = self.options.layout.text_path(&article::index_name(title));
        let outcome = self.text(&path, text)?;
        if outcome.is_written() || outcome == FileOutcome::Unchanged {
            self.state.index = Some(path.clone());
        }
        (self.tell)(ExportEvent::Index { outcome, path });
        Ok(())
    }

    /// Writes the lists, the feed and the search index of a site, and removes those that it no longer has.
    fn site(&mut self) -> Result<(), ExportError> {
        let options: &ExportOptions = self.options;
        let (survey, archive) = (self.survey, self.archive);
        let mut site = Collected::new(&options.site);
        for (day, folder) in self.in_order() {
            let Some(name) = survey.articles.names.get(&folder) else { continue };
            // What cannot be read was reported when it was exported; its page is that of an earlier export.
            let Ok(entry) = archive.entry(&folder) else { continue };
            let text = article::read(archive.root(), &entry).ok();
            site.add(&entry, text.as_ref(), &day, name.clone());
        }
        let damaged = self.images.iter().filter(|(_, cause)| cause.is_some()).map(|(image, _)| image.clone()).collect();
        let mut wanted = BTreeSet::new();
        site.files(archive, &survey.articles, &damaged, &mut |path, text| {
            wanted.insert(path.to_owned());
            self.generated_file(path, text)
        })?;
        let gone: Vec<String> = self.state.generated.difference(&wanted).cloned().collect();
        for path in gone {
            if self.remove(&path)? {
                self.state.generated.remove(&path);
            }
        }
        Ok(())
    }

    /// Returns the days and folders of the articles that have a page, from the oldest to the newest.
    fn in_order(&self) -> Vec<(String, String)> {
        let is_there =
            |folder: &String| self.state.articles.contains_key(folder) && !self.survey.articles.absent.contains(folder);
        let days = self.survey.days.iter().filter(|(folder, _)| is_there(folder));
        let mut days: Vec<(String, String)> = days.map(|(folder, day)| (day.clone(), folder.clone())).collect();
        days.sort();
        days
    }

    /// Adds a generated file to the batch if it is to be written. One that was removed is written again: others need it.
    fn generated_file(&mut self, path: &str, text: String) -> Result<(), ExportError> {
        let digest = Digest::of(text.as_bytes());
        let disk = self.output.on_disk(path)?;
        let known = self.state.files.get(path).filter(|_| disk != OnDisk::Nothing);
        let outcome = decide(known, disk, &digest, self.options.edits);
        if outcome != FileOutcome::Edited || known.is_some() {
            self.state.generated.insert(path.to_owned());
        }
        self.text_as(path, text, digest, outcome);
        if outcome != FileOutcome::Unchanged {
            (self.tell)(ExportEvent::Index { outcome, path: path.to_owned() });
        }
        if self.batch.bytes > BATCH { self.flush() } else { Ok(()) }
    }
}
