//! Articles exported into sites, vaults and folders, as a user runs it.
#![cfg(feature = "cli")]

mod built;
mod fixture;
mod incremental;
mod layouts;
mod refusals;
mod scheduled;
mod site;
