//! What drives the network.

use tokio::runtime::{Builder, Runtime};

use crate::cli::CliError;

/// A runtime of two threads. Where the system opens no more files it is an error, and not the panic that tokio makes of it.
pub fn runtime() -> Result<Runtime, CliError> {
    let fail = |error: std::io::Error| CliError::run(format!("the network runtime cannot start: {error}"));
    #[cfg(unix)]
    {
        // As many as it opens for itself, and some to work with.
        let spare = (0..4).map(|_| std::os::unix::net::UnixStream::pair());
        spare.collect::<std::io::Result<Vec<_>>>().map_err(fail)?;
    }
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(fail)
}
