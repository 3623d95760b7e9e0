//! `data:` URLs. <https://fetch.spec.whatwg.org/#data-url-processor>

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::ImageError;

/// Base64 as browsers decode it: padding is optional, and surplus bits are ignored.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes the bytes of a `data:` URL, at most `cap`. Its media type is ignored, since the bytes show the format.
///
/// # Errors
/// The URL is invalid, or there are more bytes.
pub fn data_uri(uri: &str, cap: usize) -> Result<Vec<u8>, ImageError> {
    let broken = || ImageError::BrokenData { start: uri.chars().take(40).collect() };
    let (head, data) = uri.trim().get(5..).and_then(|rest| rest.split_once(',')).ok_or_else(broken)?;
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    // Percent-encoded, a byte takes three characters; every other form takes fewer.
    if data.len() / 3 > cap {
        return Err(ImageError::TooLarge { cap });
    }
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(data).collect();
    let bytes = if is_base64 {
        let digits: Vec<u8> = bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        LENIENT_BASE64.decode(digits).map_err(|_| broken())?
    } else {
        bytes
    };
    if bytes.len() > cap { Err(ImageError::TooLarge { cap }) } else { Ok(bytes) }
}

/// Returns the `data:` URL of an SVG image.
pub fn svg_uri(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", LENIENT_BASE64.encode(svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_as_browsers_decode_it() {
        for uri in ["data:image/gif;base64,R0lGODlh", "data:;BASE64, R0lG\nODlh ", "DATA:image/gif;base64,R0lG%4FDlh"] {
            assert_eq!(data_uri(uri, 100).unwrap(), b"GIF89a", "{uri}");
        }
    }

    #[test]
    fn text_is_percent_decoded() {
        assert_eq!(data_uri("data:image/svg+xml,%3Csvg%3E100%</svg>", 100).unwrap(), b"<svg>100%</svg>");
    }

    #[test]
    fn invalid_and_large_urls_are_errors() {
        assert!(matches!(data_uri("data:image/png;base64", 9), Err(ImageError::BrokenData { .. })));
        assert!(matches!(data_uri("data:image/png;base64,!!!", 9), Err(ImageError::BrokenData { .. })));
        assert!(matches!(data_uri("data:,1234567890", 9), Err(ImageError::TooLarge { cap: 9 })));
    }
}
