//! Detached signatures in minisign's format. They cover the one file whose digest certifies a bundle.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign::{PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use super::manifest::MANIFEST;
use super::{BundleError, FileKind, Seal, Tree, Zip};

/// The maximum size of a key, signature or certifying file in bytes.
const MAX_BYTES: u64 = 1 << 26;
/// The files whose digests certify a bundle, one for each format.
const SEALS: [&str; 3] = ["tagmanifest-sha256.txt", "datapackage-digest.json", MANIFEST];

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
    pub fn sign(&self, seal: &Seal) -> Result<PathBuf, BundleError> {
        let name = seal.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let comment = format!("file:{name}");
        let fail = |error: minisign::PError| key_error(&self.key, "secret key", &error.to_string());
        // With a public key the library verifies its own signature, which detects a damaged key.
        let public = PublicKey::from_secret_key(&self.secret).map_err(fail)?;
        let untrusted = "signature of a bundle of bindery";
        let signed =
            minisign::sign(Some(&public), &self.secret, Cursor::new(&seal.bytes), Some(&comment), Some(untrusted));
        let path = signature_path(&seal.path);
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

/// Checks the signature of a bundle with the public key in the file `key`. Returns what is wrong with it; None if it is
/// valid.
///
/// # Errors
/// A file that is not a public key, a bundle without a certifying file, and files that cannot be read.
pub fn check_signature(bundle: &Path, key: &Path) -> Result<Option<String>, BundleError> {
    let text = read(key)?;
    let bare = || PublicKey::from_base64(text.trim());
    let public = PublicKeyBox::from_string(&text).and_then(PublicKeyBox::into_public_key).or_else(|_| bare());
    let public = public.map_err(|error| key_error(key, "public key", &error.to_string()))?;
    let path = signature_path(bundle);
    let signature = match read(&path) {
        Ok(text) => SignatureBox::from_string(&text),
        Err(_) => return Ok(Some(format!("there is no readable signature at {}", path.display()))),
    };
    let signature = match signature {
        Ok(signature) => signature,
        Err(error) => return Ok(Some(format!("the file is not a signature: {error}"))),
    };
    let seal = seal(bundle)?;
    let checked = minisign::verify(&public, &signature, Cursor::new(seal), true, false, false);
    Ok(checked.err().map(|error| error.to_string()))
}

/// Returns the bytes of the file that certifies a bundle.
fn seal(bundle: &Path) -> Result<Vec<u8>, BundleError> {
    let tree = match bundle.is_dir() {
        true => Tree::folder(bundle),
        false => Tree::in_zip(&Arc::new(Zip::open(bundle)?), ""),
    };
    let folders = tree.list("").unwrap_or_default().into_iter().filter(|child| child.kind == FileKind::Folder);
    let tops =
        std::iter::once(String::new()).chain(folders.filter_map(|child| Some(child.name.into_string().ok()? + "/")));
    let tops: Vec<String> = tops.collect();
    for name in SEALS {
        let path = tops.iter().map(|top| format!("{top}{name}")).find(|path| tree.is_file(path));
        if let Some(path) = path {
            let mut bytes = Vec::new();
            let read = tree.open(&path).and_then(|opened| opened.bytes.take(MAX_BYTES).read_to_end(&mut bytes));
            read.map_err(|error| BundleError::io("read", &tree.path().join(&path), error))?;
            return Ok(bytes);
        }
    }
    let cause = format!("it contains none of the files that a signature covers: {}", SEALS.join(", "));
    Err(BundleError::NoSeal { path: bundle.to_owned(), cause })
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
