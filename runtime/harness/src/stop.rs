//! The reasons that end a run early.

/// A reason to stop a run.
#[derive(Debug)]
pub(crate) enum Stop<E> {
    /// The user interrupted the run.
    Interrupted,
    /// The user interrupted a step before the measurements, for example `building HEAD (0123abc)`.
    InterruptedWhile(String),
    Error(E),
}

impl<E> Stop<E> {
    /// Converts the error.
    pub(crate) fn map<F>(self, f: impl FnOnce(E) -> F) -> Stop<F> {
        match self {
            Self::Interrupted => Stop::Interrupted,
            Self::InterruptedWhile(stage) => Stop::InterruptedWhile(stage),
            Self::Error(error) => Stop::Error(f(error)),
        }
    }
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Error(error)
    }
}
