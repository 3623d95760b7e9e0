//! Records in the form of development versions, from before the names of format 1 were final. They are not read.

use memchr::memmem;
use serde_json::Value;

/// The fields that had another name: that name, and the present one.
const RENAMED: [(&str, &str); 5] = [
    ("address", "url"),
    ("doubts", "warnings"),
    ("adequacy", "confidence"),
    ("fidelity", "round_trip"),
    ("licence", "rights"),
];

/// Returns the field by which the bytes of a record have an older form; `None` if they have not.
pub(crate) fn older_field(bytes: &[u8]) -> Option<&'static str> {
    // Almost no record has such a field, so almost none is parsed twice.
    let occurs = |name: &str| memmem::find(bytes, format!("\"{name}\"").as_bytes()).is_some();
    if !RENAMED.iter().any(|(old, _)| occurs(old)) {
        return None;
    }
    let record: Value = serde_json::from_slice(bytes).ok()?;
    let snapshots = record.get("snapshots").and_then(Value::as_array).into_iter().flatten();
    let is_older = |object: &Value, (old, new): &(&str, &str)| object.get(old).is_some() && object.get(new).is_none();
    let mut objects = [&record].into_iter().chain(snapshots);
    objects.find_map(|object| RENAMED.iter().find(|names| is_older(object, names))).map(|(old, _)| *old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_form_is_known_by_a_former_name_without_the_present_one() {
        let older = |text: &str| older_field(text.as_bytes());
        assert_eq!(older(r#"{"format":1,"address":"https://a.cn/"}"#), Some("address"));
        assert_eq!(older(r#"{"url":"u","snapshots":[{"warnings":[]},{"doubts":[]}]}"#), Some("doubts"));
        assert_eq!(older(r#"{"url":"u","address":"一条街","snapshots":[{"warnings":[]}]}"#), None);
        assert_eq!(older(r#"{"url":"u","title":"doubts","snapshots":[{"images":[{"licence":"x"}]}]}"#), None);
        assert_eq!(older(r#"{"doubts":"#), None);
    }
}
