//! Images from the web, for conversions that ask for them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;

use bindery::capture::image;
use bindery::convert::Remote;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::web::{self, Pace, Scope};

/// Returns what fetches an image with the settings. One that could not be fetched is not requested again.
pub fn images(context: &Context<'_>) -> Result<Arc<Remote>, CliError> {
    let fetching = web::fetching(&context.settings.group()?, &context.environment, Pace::Named)?;
    let client = web::client(context, fetching, &Arc::new(AtomicU64::new(0)))?;
    let runtime = web::runtime()?;
    let output = context.output.clone();
    let failed = Mutex::new(HashMap::<String, String>::new());
    Ok(Arc::new(move |reference, page| {
        let known = failed.lock().get(&reference.url).cloned();
        if let Some(reason) = known {
            return Err(reason);
        }
        let fetched = runtime.block_on(image(reference, &client, page));
        web::say_unsent_cookies(&output, &client, Scope::Part);
        if let Err(reason) = &fetched {
            let mut failed = failed.lock();
            failed.insert(reference.url.clone(), reason.clone());
        }
        fetched
    }))
}
