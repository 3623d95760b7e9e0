//! Images from the web, for conversions that ask for them.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use bindery::capture::image;
use bindery::convert::Remote;

use crate::cli::{CliError, Context};

/// Fetches each image with the settings of the command line. One that could not be had is not asked for again.
pub fn images(context: &Context<'_>) -> Result<Arc<Remote>, CliError> {
    let client = super::archive::connect(context, &Arc::new(AtomicU64::new(0)))?;
    let runtime = super::runtime::runtime()?;
    let failed = Mutex::new(HashMap::<String, String>::new());
    Ok(Arc::new(move |reference, page| {
        let known = failed.lock().unwrap_or_else(PoisonError::into_inner).get(&reference.url).cloned();
        if let Some(reason) = known {
            return Err(reason);
        }
        let had = runtime.block_on(image(reference, &client, page));
        if let Err(reason) = &had {
            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.insert(reference.url.clone(), reason.clone());
        }
        had
    }))
}
