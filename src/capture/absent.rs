//! Visits that do not find an article: the page is gone, cannot be read, leads to the home page, or holds none.

use url::Url;

use crate::archive::{AbsenceReason, Absent, ArchiveError, leads_home};
use crate::extract::ExtractError;
use crate::model::{Failure, FailureKind, Outcome, RawPage, Stage, shown_url};

use super::blocking::with_writer;
use super::continuation::JoinedArticle;
use super::source::Unread;
use super::{Captured, Capturer, Job, NamedBy, OnFailure, Slot};

impl Capturer {
    /// Ends the visit of a page that could not be read. A page that is gone is noted in the record of its article.
    pub(super) async fn unread(&self, job: &Job, unread: Unread, slot: &mut Slot) -> Result<Captured, ArchiveError> {
        let mut captured = Captured { may_pass: unread.may_pass, ..Captured::of(&job.input) };
        if let (Some(status), Some(url)) = (unread.gone, job.input.url()) {
            slot.wait().await;
            let known = self.absent(url, status.into()).await?;
            captured =
                captured.noted(known.map(|folder| {
                    format!("{}: the page is gone; its archived article stays in {folder}", shown_url(url))
                }));
        }
        let is_retried = unread.may_pass && job.on_failure == OnFailure::Retry;
        let waits = is_retried || matches!(unread.outcome, Outcome::Skipped(_));
        let Some((raw, article)) = self.feed_article(job).filter(|_| !waits) else {
            return Ok(captured.ended(unread.outcome));
        };
        let note = match unread.outcome {
            Outcome::Failed(failure) => Some(format!("{}; the feed's own text is kept instead", failure.message)),
            _ => None,
        };
        self.keep(job, (raw, JoinedArticle::alone(article)), captured.noted(note), slot).await
    }

    /// Records that a visit did not find the article of a URL. Returns the article's folder; None for an unknown URL.
    pub(super) async fn absent(&self, url: &Url, found: Absent) -> Result<Option<String>, ArchiveError> {
        let (key, now) = (self.writer.lock().url_key(url), self.options.now());
        with_writer(&self.writer, move |writer| writer.note_absence(&key, found, now)).await
    }

    /// Ends the visit of a page without an article. If the archive has an article of it, the absence is recorded there.
    pub(super) async fn without_article(
        &self,
        job: &Job,
        (status, error): (u16, &ExtractError),
        captured: Captured,
        slot: &mut Slot,
    ) -> Result<Captured, ArchiveError> {
        let outcome = no_article(job, error);
        let Some(url) = job.input.url() else { return Ok(captured.ended(outcome)) };
        slot.wait().await;
        let found = Absent { status, reason: Some(AbsenceReason::NoArticle) };
        let known = self.absent(url, found).await?;
        let note = |folder| format!("{}: there is no article now; the archived one stays in {folder}", shown_url(url));
        Ok(captured.noted(known.map(note)).ended(outcome))
    }

    /// Ends the visit of a page that redirects to the home page of its site. None if it does not, or if it is neither
    /// an archived article nor a page that only a link named.
    pub(super) async fn sent_home(
        &self,
        job: &Job,
        raw: &RawPage,
        slot: &mut Slot,
    ) -> Result<Option<Captured>, ArchiveError> {
        let (Some(asked), Some(home)) = (job.input.url(), &raw.url) else { return Ok(None) };
        if !leads_home(asked, home) {
            return Ok(None);
        }
        slot.wait().await;
        let status = raw.redirects.last().map_or(raw.status, |hop| hop.status);
        let found = Absent { status, reason: Some(AbsenceReason::HomePage) };
        let known = self.absent(asked, found).await?;
        if known.is_none() && job.named_by == NamedBy::User {
            return Ok(None);
        }
        let end = known.map(|folder| format!("; the archived article stays in {folder}")).unwrap_or_default();
        let message =
            format!("{}: the page is gone: its URL leads to the home page {}{end}", shown_url(asked), shown_url(home));
        let failure = Failure::new(Stage::Extract, FailureKind::NoArticle, message);
        Ok(Some(Captured::of(&job.input).ended(Outcome::Failed(failure))))
    }
}

fn no_article(job: &Job, error: &ExtractError) -> Outcome {
    // In a crawl the user did not choose the page.
    let advice = match (error, job.named_by) {
        (ExtractError::NoArticle { .. }, NamedBy::User) => "; give the URL of one article",
        _ => "",
    };
    Outcome::Failed(Failure::new(Stage::Extract, error.kind(), format!("{}: {error}{advice}", job.input.name())))
}
