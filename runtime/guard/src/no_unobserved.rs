//! In the place of `unobserved`, if the platform does not tell whether a thread's handle is dropped.

#[derive(Debug)]
pub(super) struct Failing(());

impl Failing {
    pub(super) fn begin() -> Self {
        Self(())
    }
}

pub(super) fn will_panic(_: &str) {}

#[cfg(feature = "cases")]
pub fn take() -> Option<String> {
    None
}
