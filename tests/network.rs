//! Reaches the vendor through proxies and past them, and shows a certificate where one is asked for.

mod certificates;
mod gateway;
mod ways;
