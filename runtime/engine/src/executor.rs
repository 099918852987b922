//! What async functions are run to their end on.

#[cfg(feature = "tokio")]
pub(super) use on_tokio::Executor;
#[cfg(not(feature = "tokio"))]
pub(super) use plain::Executor;

/// As `runtime = …` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Tokio's, on the calling thread, with the feature `tokio`; else a plain block-on.
    Default,
    /// Tokio's, on the calling thread.
    #[cfg(feature = "tokio")]
    CurrentThread,
    /// Tokio's, with so many worker threads.
    #[cfg(feature = "tokio")]
    MultiThread(usize),
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use std::sync::Arc;

    use tokio::runtime::Builder;

    use super::Runtime;

    /// A runtime, which ends with the last clone.
    #[derive(Debug, Clone)]
    pub struct Executor(Arc<Running>);

    #[derive(Debug)]
    struct Running(Option<tokio::runtime::Runtime>);

    impl Executor {
        /// # Panics
        ///
        /// If the runtime can't be built.
        pub(crate) fn new(runtime: Runtime) -> Self {
            let mut builder = match runtime {
                Runtime::Default | Runtime::CurrentThread => Builder::new_current_thread(),
                Runtime::MultiThread(workers) => {
                    let mut builder = Builder::new_multi_thread();
                    assert!(
                        workers > 0,
                        "`multi_thread(0)`: a runtime needs a worker thread"
                    );
                    builder.worker_threads(workers);
                    builder
                }
            };
            let runtime = builder.enable_all().build();
            let runtime =
                runtime.unwrap_or_else(|error| panic!("tokio's runtime can't be built: {error}"));
            Self(Arc::new(Running(Some(runtime))))
        }

        /// Runs `future` to its end.
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            self.runtime().block_on(future)
        }

        /// Makes the runtime the one that is found where nothing is awaited, for as long as what this
        /// returns is there: a value's drop may spawn a task.
        pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
            self.runtime().enter()
        }

        fn runtime(&self) -> &tokio::runtime::Runtime {
            self.0.0.as_ref().expect("it is taken in `drop` alone")
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            // Without waiting for what the case has spawned, which may never end.
            if let Some(runtime) = self.0.take() {
                runtime.shutdown_background();
            }
        }
    }
}

#[cfg(not(feature = "tokio"))]
mod plain {
    use super::Runtime;

    /// Polls on the calling thread, and sleeps in between.
    #[derive(Debug, Clone)]
    pub struct Executor;

    /// In the place of tokio's guard.
    pub(crate) struct Entered;

    impl Executor {
        pub(crate) fn new(_: Runtime) -> Self {
            Self
        }

        /// Runs `future` to its end.
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            pollster::block_on(future)
        }

        /// There is nothing to be found.
        pub(crate) fn enter(&self) -> Entered {
            Entered
        }
    }
}

/// What may help a case that has panicked with this message.
pub fn hint(message: &str) -> Option<&'static str> {
    let wants_tokio = message.contains("Tokio") && message.contains("runtime");
    (wants_tokio && cfg!(not(feature = "tokio"))).then_some(
        "help: hotbench's feature `tokio` is off. Add to Cargo.toml:\n\n\
         [dev-dependencies]\n\
         hotbench = { version = \"0.1\", features = [\"harness\", \"tokio\"] }\n",
    )
}
