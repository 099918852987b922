//! How work ends before its end.

/// Why nothing goes on.
#[derive(Debug)]
pub(crate) enum Stop<E> {
    /// The user has had enough.
    Interrupted,
    /// The same, before anything was measured: `building HEAD (0123abc)`.
    InterruptedWhile(String),
    Error(E),
}

impl<E> Stop<E> {
    /// The same, with another error.
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
