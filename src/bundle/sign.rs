//! Detached signatures in minisign's format. They cover the bytes of the bundle, so `minisign` checks them too.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign::{PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use super::BundleError;

/// The maximum size of a key or signature in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Returns the path of a bundle's signature: the bundle's with `.minisig` appended.
pub fn signature_path(bundle: &Path) -> PathBuf {
    let mut name = bundle.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

/// A decrypted secret key.
pub struct Signer {
    secret: SecretKey,
    key: PathBuf,
}

impl Signer {
    /// Signs a bundle, and returns the path of the signature, which is next to the bundle.
    ///
    /// # Errors
    /// A damaged key, and errors of the operating system.
    pub fn sign(&self, bundle: &Path) -> Result<PathBuf, BundleError> {
        let name = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let comment = format!("file:{name}");
        let file = File::open(bundle).map_err(|error| BundleError::io("read", bundle, error))?;
        let fail = |error: minisign::PError| key_error(&self.key, "secret key", &error.to_string());
        // With a public key the library verifies its own signature, which detects a damaged key.
        let public = PublicKey::from_secret_key(&self.secret).map_err(fail)?;
        let untrusted = "signature of a bundle of bindery";
        let signed = minisign::sign(Some(&public), &self.secret, file, Some(&comment), Some(untrusted));
        let path = signature_path(bundle);
        let text = signed.map_err(fail)?.into_string();
        fs::write(&path, text).map_err(|error| BundleError::io("write", &path, error))?;
        Ok(path)
    }

    /// Reads a key file, and decrypts it if it is encrypted.
    ///
    /// # Errors
    /// A file that cannot be read or is not a key, and a missing or wrong password.
    pub fn open(key: &Path, password: Option<String>) -> Result<Self, BundleError> {
        let text = read(key)?;
        // minisign 0.11 writes no checksum into keys without a password, but the library requires one.
        let bytes = text.lines().nth(1).and_then(|line| STANDARD.decode(line.trim()).ok()).unwrap_or_default();
        if !bytes.starts_with(b"Ed") {
            return Err(key_error(
                key,
                "secret key",
                "it is not a key of minisign; `minisign -G` makes a pair of keys",
            ));
        }
        if bytes.get(2..4) == Some(&[0, 0]) {
            let secret =
                SecretKey::from_bytes(&bytes).map_err(|error| key_error(key, "secret key", &error.to_string()))?;
            return Ok(Self { secret, key: key.to_owned() });
        }
        // Without a password the library would prompt for one.
        let Some(password) = password else {
            let cause = "it is encrypted; give its password with --password-file";
            return Err(key_error(key, "secret key", cause));
        };
        let boxed =
            SecretKeyBox::from_string(&text).map_err(|error| key_error(key, "secret key", &error.to_string()))?;
        let secret = boxed.into_secret_key(Some(password)).map_err(|error| {
            let cause = format!("the password does not decrypt it ({error}); check --password-file");
            key_error(key, "secret key", &cause)
        })?;
        Ok(Self { secret, key: key.to_owned() })
    }
}

/// The result of checking a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureCheck {
    /// It is the key's signature of these bytes.
    Valid {
        /// The comment that the signature covers too.
        comment: String,
    },
    /// It is missing, is malformed, belongs to another key, or covers other bytes.
    Invalid {
        /// What is wrong with it.
        fault: String,
    },
}

/// Checks the signature of a bundle with the public key in the file `key`, as `minisign -V` does: it must cover every
/// byte of the bundle.
///
/// # Errors
/// A file that is not a public key, a bundle that is a folder, and files that cannot be read.
pub fn check_signature(bundle: &Path, key: &Path) -> Result<SignatureCheck, BundleError> {
    let text = read(key)?;
    let bare = || PublicKey::from_base64(text.trim());
    let public = PublicKeyBox::from_string(&text).and_then(PublicKeyBox::into_public_key).or_else(|_| bare());
    let public = public.map_err(|error| key_error(key, "public key", &error.to_string()))?;
    if bundle.is_dir() {
        return Err(BundleError::SignedFolder { path: bundle.to_owned() });
    }
    let invalid = |fault: String| Ok(SignatureCheck::Invalid { fault });
    let path = signature_path(bundle);
    let signature = match read(&path) {
        Ok(text) => SignatureBox::from_string(&text),
        Err(_) => return invalid(format!("there is no readable signature at {}", path.display())),
    };
    let signature = match signature {
        Ok(signature) => signature,
        Err(error) => return invalid(format!("the file is not a signature: {error}")),
    };
    let bytes = File::open(bundle).map_err(|error| BundleError::io("read", bundle, error))?;
    // Versions of minisign before 0.10 sign the bytes themselves, not their hash.
    match minisign::verify(&public, &signature, BufReader::new(bytes), true, false, true) {
        Ok(()) => Ok(SignatureCheck::Valid { comment: signature.trusted_comment().unwrap_or_default() }),
        Err(error) => invalid(error.to_string()),
    }
}

fn read(path: &Path) -> Result<String, BundleError> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|error| BundleError::io("read", path, error))?;
    Ok(text)
}

fn key_error(path: &Path, what: &'static str, cause: &str) -> BundleError {
    BundleError::Key { path: path.to_owned(), what, cause: cause.to_owned() }
}
