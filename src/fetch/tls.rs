//! TLS: trusted certificates, and explanations of failed handshakes.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use url::Url;

use super::error::{FetchError, host_of, shown};
use crate::model::brief;

/// The maximum length of what rustls says of a handshake, in characters.
const MOST_OF_REASON: usize = 90;

/// Returns a configuration that trusts the system's certificates, or bundled ones after a call of `warn` if there are none,
/// and `authorities`, certificates in PEM.
///
/// Errors: `authorities` is not empty and has no valid certificate.
pub(super) fn config(authorities: &[u8], warn: impl FnOnce(String)) -> Result<ClientConfig, FetchError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        warn(NO_CERTIFICATES.into());
    }
    if !authorities.is_empty() {
        let given: Vec<CertificateDer<'_>> =
            CertificateDer::pem_slice_iter(authorities).filter_map(Result::ok).collect();
        if roots.add_parsable_certificates(given).0 == 0 {
            let reason = "the certificate authorities contain no valid certificate; give certificates in PEM, which \
                begin with -----BEGIN CERTIFICATE-----";
            return Err(FetchError::Settings { reason: reason.into() });
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Settings { reason: format!("TLS cannot be initialized: {error}") })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

const NO_CERTIFICATES: &str = "no certificates found in the system, using bundled ones; install the package \
    ca-certificates, and check SSL_CERT_FILE and SSL_CERT_DIR if they are set";

/// Returns the error for a failed handshake.
pub(super) fn failure(url: &Url, error: &Error) -> FetchError {
    let (reason, advice) = explain(error);
    FetchError::Tls { url: shown(url), host: host_of(url), reason: brief(&reason, MOST_OF_REASON), advice }
}

fn explain(error: &Error) -> (String, &'static str) {
    const CLOCK: &str = "check this machine's clock, or report it to the site";
    const SITE: &str = "check the URL, or report it to the site";
    let reason = match error {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                return ("its certificate has expired".into(), CLOCK);
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                return ("its certificate is not valid yet".into(), CLOCK);
            }
            CertificateError::UnknownIssuer => {
                let advice = "if you trust it, name its certificate with --ca-file";
                return ("its certificate was issued by an authority that this system does not trust".into(), advice);
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name".into()
            }
            CertificateError::Revoked => "its certificate has been revoked".into(),
            // rustls has no variant for self-signed certificates.
            other if other.to_string().contains("CaUsedAsEndEntity") => {
                let advice =
                    "if the server is yours, give it a certificate of an authority, and name that with --ca-file";
                return ("its certificate is self-signed".into(), advice);
            }
            other => format!("its certificate is not valid ({other})"),
        },
        Error::InvalidMessage(_) => {
            return ("it does not use TLS on that port".into(), "check the port, or use http://");
        }
        other => format!("the handshake failed ({other})"),
    };
    (reason, SITE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn message(error: CertificateError) -> String {
        let url = Url::parse("https://a:b@example.org/x").unwrap();
        failure(&url, &Error::InvalidCertificate(error)).to_string()
    }

    #[test]
    fn a_failed_handshake_names_the_host_the_cause_and_a_remedy() {
        assert_eq!(
            message(CertificateError::Expired),
            "https://example.org/x: no secure connection to `example.org`: its certificate has expired; \
             check this machine's clock, or report it to the site"
        );
        assert!(message(CertificateError::UnknownIssuer).contains("does not trust"));
        assert!(message(CertificateError::NotValidForName).contains("another name"));
    }

    #[test]
    fn http_2_and_http_1_are_offered() {
        let config = config(b"", |_| {}).unwrap();
        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }

    #[test]
    fn authorities_without_a_certificate_are_refused() {
        let error = config(b"-----BEGIN PRIVATE KEY-----\n", |_| {}).unwrap_err();
        assert_eq!(error.kind(), FailureKind::Settings);
        assert!(error.to_string().contains("BEGIN CERTIFICATE"), "{error}");
    }
}
