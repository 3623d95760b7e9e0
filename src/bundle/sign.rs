//! Detached signatures in minisign's format, over the one file whose digest certifies a bundle.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign::{PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use super::{BundleError, Kind, Seal, Tree, Zip};

/// More than any key, signature or certifying file of a bundle has.
const MAX_BYTES: u64 = 1 << 26;
/// The files whose digests certify a bundle, one for each format.
const SEALS: [&str; 3] = ["tagmanifest-sha256.txt", "datapackage-digest.json", "manifest-sha256.txt"];

/// Where the signature of a bundle lies: its name with `.minisig` behind it.
pub fn signature_path(bundle: &Path) -> PathBuf {
    let mut name = bundle.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

/// A secret key that is open.
pub struct Signer {
    secret: SecretKey,
    key: PathBuf,
}

impl Signer {
    /// Signs the certifying file of a bundle, and writes the signature beside the bundle; where it lies.
    ///
    /// # Errors
    /// A key that was damaged, and what the operating system refuses.
    pub fn sign(&self, seal: &Seal) -> Result<PathBuf, BundleError> {
        let name = seal.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let comment = format!("file:{name}");
        let fail = |error: minisign::PError| wrong(&self.key, "secret key", &error.to_string());
        // With the public key the library checks what it signed: a key that was damaged is seen.
        let public = PublicKey::from_secret_key(&self.secret).map_err(fail)?;
        let untrusted = "signature of a bundle of bindery";
        let signed =
            minisign::sign(Some(&public), &self.secret, Cursor::new(&seal.bytes), Some(&comment), Some(untrusted));
        let path = signature_path(&seal.path);
        let text = signed.map_err(fail)?.into_string();
        fs::write(&path, text).map_err(|error| BundleError::io("write", &path, error))?;
        Ok(path)
    }

    /// Opens a key file, so that a wrong key or password is told before anything is packed.
    ///
    /// # Errors
    /// A file that cannot be read or is no key, or a password that does not open it.
    pub fn open(key: &Path, password: Option<String>) -> Result<Self, BundleError> {
        let text = read(key)?;
        // minisign 0.11 writes no checksum into keys without a password, which the library insists on.
        let bytes = text.lines().nth(1).and_then(|line| STANDARD.decode(line.trim()).ok()).unwrap_or_default();
        if bytes.get(2..4) == Some(&[0, 0]) {
            let secret = SecretKey::from_bytes(&bytes).map_err(|error| wrong(key, "secret key", &error.to_string()))?;
            return Ok(Self { secret, key: key.to_owned() });
        }
        let boxed = || SecretKeyBox::from_string(&text).map_err(|error| wrong(key, "secret key", &error.to_string()));
        // Without a password the library would ask for one on the terminal.
        let Some(password) = password else {
            return Err(wrong(
                key,
                "secret key that can be used",
                "it is encrypted; give its password with --password-file",
            ));
        };
        let opened = boxed()?.into_secret_key(Some(password));
        let secret = opened.map_err(|error| wrong(key, "secret key that this password opens", &error.to_string()))?;
        Ok(Self { secret, key: key.to_owned() })
    }
}

/// Checks the signature beside a bundle with the public key in the file `key`; what is wrong with it, or None.
///
/// # Errors
/// A key that is none, a bundle without a certifying file, and files that cannot be read.
pub fn check_signature(bundle: &Path, key: &Path) -> Result<Option<String>, BundleError> {
    let text = read(key)?;
    let bare = || PublicKey::from_base64(text.trim());
    let public = PublicKeyBox::from_string(&text).and_then(PublicKeyBox::into_public_key).or_else(|_| bare());
    let public = public.map_err(|error| wrong(key, "public key", &error.to_string()))?;
    let path = signature_path(bundle);
    let signature = match read(&path) {
        Ok(text) => SignatureBox::from_string(&text),
        Err(_) => return Ok(Some(format!("there is no readable signature at {}", path.display()))),
    };
    let signature = match signature {
        Ok(signature) => signature,
        Err(error) => return Ok(Some(format!("it is no signature: {error}"))),
    };
    let seal = seal(bundle)?;
    let checked = minisign::verify(&public, &signature, Cursor::new(seal), true, false, false);
    Ok(checked.err().map(|error| error.to_string()))
}

/// The bytes of the file that certifies a bundle.
fn seal(bundle: &Path) -> Result<Vec<u8>, BundleError> {
    let tree = match bundle.is_dir() {
        true => Tree::folder(bundle),
        false => Tree::in_zip(&Arc::new(Zip::open(bundle)?), ""),
    };
    let folders = tree.list("").unwrap_or_default().into_iter().filter(|child| child.kind == Kind::Folder);
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
    let cause = format!("it has none of {}, which a signature is over", SEALS.join(", "));
    Err(BundleError::NoSeal { path: bundle.to_owned(), cause })
}

fn read(path: &Path) -> Result<String, BundleError> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|error| BundleError::io("read", path, error))?;
    Ok(text)
}

fn wrong(path: &Path, what: &'static str, cause: &str) -> BundleError {
    BundleError::Key { path: path.to_owned(), what, cause: cause.to_owned() }
}
