//! Determines the offset of times for which a page states none.

use jiff::tz::Offset;

use crate::html::Page;
use crate::model::PageDate;

use super::dates::ParsedDate;

/// The offset assumed for a time without one.
#[derive(Clone, Copy)]
pub enum Zone {
    China,
    JapanOrKorea,
    Unknown,
}

impl Zone {
    /// Returns the zone by the country of the page's URL, else by its language.
    pub fn of(page: &Page, language: Option<&str>) -> Self {
        let host = page.url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        let language = language.unwrap_or_default();
        let primary = language.split('-').next().unwrap_or_default();
        match host.rsplit('.').next().unwrap_or_default() {
            "cn" | "xn--fiqs8s" => Self::China,
            "jp" | "kr" => Self::JapanOrKorea,
            _ if language.starts_with("zh-CN") || language.starts_with("zh-Hans") => Self::China,
            _ if matches!(primary, "ja" | "ko") => Self::JapanOrKorea,
            _ => Self::Unknown,
        }
    }

    fn hours(self) -> Option<i8> {
        match self {
            Self::China => Some(8),
            Self::JapanOrKorea => Some(9),
            Self::Unknown => None,
        }
    }

    /// Returns the name used in warnings.
    pub fn name(self) -> &'static str {
        match self {
            Self::China => "+08:00",
            Self::JapanOrKorea => "+09:00",
            Self::Unknown => "none",
        }
    }

    /// Returns the date with its stated or assumed offset; only the day where neither is known.
    pub fn apply(self, written: ParsedDate) -> PageDate {
        let assumed = self.hours().and_then(|hours| Offset::from_hours(hours).ok());
        match (written.local(), written.offset, assumed) {
            (Some(local), Some(offset), _) => PageDate::Time { local, offset, assumed: false },
            (Some(local), None, Some(offset)) => PageDate::Time { local, offset, assumed: true },
            _ => PageDate::Day(written.day),
        }
    }
}
