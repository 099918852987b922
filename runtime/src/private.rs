//! Everything that generated code may name. Not for use by hand: it changes without notice.
//!
//! The live attributes expand to the macros of this module, the gates; the features of this crate
//! switch what the gates let through. A `cfg` in them is read in the crate that is annotated. Without
//! a feature there is no gate: the attributes are those of `hotbench-inert`.

#![allow(missing_docs)]

#[cfg(feature = "guard")]
pub use core::hint::black_box;

#[cfg(feature = "harness")]
pub use hotbench_engine::arguments::{
    FreshSource, Inputs, Make, OnceSource, Source, check_first, lent, shared,
};
#[cfg(feature = "harness")]
pub use hotbench_engine::calls::{call_async, call_case, call_kept, call_on_threads};
#[cfg(feature = "harness")]
pub use hotbench_engine::heap::recorded;
#[cfg(feature = "harness")]
pub use hotbench_engine::registry::{Case, Sweep};
#[cfg(feature = "harness")]
pub use hotbench_engine::sweep::{DebugLabel, Label, Labels, ShownLabel, threads_label};
#[cfg(feature = "harness")]
pub use hotbench_engine::{Bencher, Build, Declared, Defaults, Entry, Runtime, count, lend};
#[cfg(feature = "profile")]
pub use hotbench_guard::profile::{Frame, profile_future};
#[cfg(feature = "guard")]
pub use hotbench_guard::{
    Budget, Region, Site, SiteEntry, SiteState, exempt_future, guard_future, guard_hot_future,
};
#[cfg(feature = "harness")]
pub use hotbench_harness::main;
#[cfg(feature = "harness")]
pub use hotbench_macros::compiled;
#[cfg(feature = "guard")]
pub use inventory;

#[cfg(all(feature = "guard", not(feature = "profile")))]
pub use crate::__hotbench_guarded as hot;
#[cfg(all(
    feature = "guard",
    any(feature = "guard-release", not(feature = "profile"))
))]
pub use crate::__hotbench_hot_body as hot_body;
#[cfg(all(feature = "profile", not(feature = "guard-release")))]
pub use crate::__hotbench_hot_body_when as hot_body;
#[cfg(feature = "guard")]
pub use crate::{
    __hotbench_bench_only as bench_only, __hotbench_case as case, __hotbench_exempt as exempt,
    __hotbench_guarded as guarded, __hotbench_runtime as runtime, __hotbench_site as site,
};
#[cfg(feature = "profile")]
pub use crate::{__hotbench_hot as hot, __hotbench_hot_body_when as hot_body_when};

/// Calls `f`: a closure that owns what is to be dropped before the caller goes on.
#[cfg(feature = "guard")]
#[inline(always)]
pub fn call_once<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// A value for a `return` that is never reached, but says of which type the others are.
#[cfg(feature = "guard")]
#[cold]
pub fn never<T>() -> T {
    unreachable!()
}

/// Ends what a call has returned. Where a statement did, of a type that must be used, the compiler would warn.
#[cfg(feature = "harness")]
#[inline(always)]
pub fn consume<T>(value: T) {
    black_box(value);
}

/// A value that does not move any more.
#[cfg(feature = "harness")]
pub fn pinned<T>(value: T) -> core::pin::Pin<Box<T>> {
    Box::pin(value)
}

/// Awaits what never comes.
#[cfg(feature = "guard")]
pub async fn forever<F: Future>(future: F) -> core::convert::Infallible {
    future.await;
    unreachable!()
}

/// Fails at the place of its caller: the function whose budget is exceeded.
#[cfg(feature = "guard")]
#[track_caller]
pub fn raise(message: &str) -> ! {
    panic!("{message}")
}

/// The guarded form where the guard is live, else the function as it ships, registered.
#[cfg(all(feature = "guard", not(feature = "guard-release")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_guarded {
    (
        live_when { $($live_when:tt)* }
        live { $($live:tt)* }
        registered { $($registered:tt)* }
    ) => {
        #[cfg($($live_when)*)]
        $($live)*

        #[cfg(not($($live_when)*))]
        $($registered)*
    };
}

#[cfg(feature = "guard-release")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_guarded {
    (
        live_when { $($live_when:tt)* }
        live { $($live:tt)* }
        registered { $($registered:tt)* }
    ) => {
        $($live)*
    };
}

/// `#[hot]` where there is the profile: the form that tells what it does, whether the guard is live in
/// it or not.
#[cfg(feature = "profile")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_hot {
    (
        live_when { $($live_when:tt)* }
        live { $($live:tt)* }
        registered { $($registered:tt)* }
    ) => {
        $($live)*
    };
}

/// What is in that form around the body of a `#[hot]` function: its region, or that of each poll of
/// its future.
#[cfg(all(feature = "guard", not(feature = "profile")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_hot_body {
    (live_when { $($live_when:tt)* } region $new:ident site { $($site:tt)* }) => {
        let __hotbench_region = ::core::pin::pin!($crate::__private::Region::$new(
            $crate::__private::site!(live: true, $($site)*).reach()
        ));
        __hotbench_region.as_ref().enter();
    };
    (live_when { $($live_when:tt)* } future $future:ident site { $($site:tt)* }) => {
        let $future = $crate::__private::guard_hot_future(
            $crate::__private::site!(live: true, $($site)*),
            $future,
        );
    };
}

/// The same in a frame of the profile; the region is in it where the guard is live.
#[cfg(feature = "profile")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_hot_body_when {
    (live_when { $($live_when:tt)* } region $new:ident site { $($site:tt)* }) => {
        let __hotbench_site = $crate::__private::site!(live: ::core::cfg!($($live_when)*), $($site)*);
        #[cfg($($live_when)*)]
        __hotbench_site.reach();
        let __hotbench_frame = $crate::__private::Frame::enter(__hotbench_site);
        #[cfg($($live_when)*)]
        let __hotbench_region = ::core::pin::pin!($crate::__private::Region::$new(__hotbench_site));
        #[cfg($($live_when)*)]
        __hotbench_region.as_ref().enter();
    };
    (live_when { $($live_when:tt)* } future $future:ident site { $($site:tt)* }) => {
        let __hotbench_site = $crate::__private::site!(live: ::core::cfg!($($live_when)*), $($site)*);
        #[cfg($($live_when)*)]
        let $future = $crate::__private::guard_hot_future(__hotbench_site, $future);
        let $future = $crate::__private::profile_future(__hotbench_site, $future);
    };
}

#[cfg(all(feature = "profile", feature = "guard-release"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_hot_body {
    (live_when { $($live_when:tt)* } $($body:tt)*) => {
        $crate::__private::hot_body_when! { live_when { all() } $($body)* }
    };
}

/// `#[allow_alloc]`: the exempt form where a guarded one would be live, else what ships.
#[cfg(all(feature = "guard", not(feature = "guard-release")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_exempt {
    (live_when { $($live_when:tt)* } live { $($live:tt)* } plain { $($plain:tt)* }) => {
        #[cfg($($live_when)*)]
        $($live)*

        #[cfg(not($($live_when)*))]
        $($plain)*
    };
}

#[cfg(feature = "guard-release")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_exempt {
    (live_when { $($live_when:tt)* } live { $($live:tt)* } plain { $($plain:tt)* }) => { $($live)* };
}

/// A guarded function's static description, registered; the value is a reference to it.
///
/// A budget that depends on `Self`, or on what the function is generic over, can't be in a static. The value is then a
/// reference to a constant with that budget.
#[cfg(feature = "guard")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_site {
    (live: $live:expr, described { $($described:tt)* } numbers { $($numbers:tt)* }) => {{
        $crate::__private::site! { @items live: $live, $($described)* $($numbers)* }
        &__HOTBENCH_SITE
    }};
    (
        live: $live:expr,
        described { $($described:tt)* }
        dependent { max_allocs: $max_allocs:expr, max_bytes: $max_bytes:expr, warmup: $warmup:expr }
    ) => {{
        $crate::__private::site! {
            @items
            live: $live,
            $($described)*
            max_allocs: ::core::primitive::u64::MAX,
            max_bytes: ::core::primitive::u64::MAX,
            warmup: 0
        }
        const {
            &$crate::__private::Site {
                budget: $crate::__private::Budget {
                    max_allocs: $max_allocs,
                    max_bytes: $max_bytes,
                    ..__HOTBENCH_SITE.budget
                },
                warmup: $warmup,
                ..__HOTBENCH_SITE
            }
        }
    }};
    (
        @items
        live: $live:expr,
        attribute: $attribute:expr,
        line: $line:expr,
        column: $column:expr,
        is_limited: $is_limited:expr,
        deny_dealloc: $deny_dealloc:expr,
        forbid: $forbid:expr,
        raise: $raise:expr,
        max_allocs: $max_allocs:expr,
        max_bytes: $max_bytes:expr,
        warmup: $warmup:expr
    ) => {
        static __HOTBENCH_STATE: $crate::__private::SiteState = $crate::__private::SiteState::new();
        static __HOTBENCH_SITE: $crate::__private::Site = $crate::__private::Site {
            attribute: $attribute,
            package: ::core::option_env!("CARGO_PKG_NAME"),
            module: ::core::module_path!(),
            file: ::core::file!(),
            line: $line,
            column: $column,
            inner_path: || {
                fn inner() {}
                ::core::any::type_name_of_val(&inner)
            },
            budget: $crate::__private::Budget {
                max_allocs: $max_allocs,
                max_bytes: $max_bytes,
                deny_dealloc: $deny_dealloc,
                forbid: $forbid,
            },
            warmup: $warmup,
            is_limited: $is_limited,
            state: &__HOTBENCH_STATE,
            live: $live,
            raise: $raise,
        };
        $crate::__private::inventory::submit! { $crate::__private::SiteEntry(&__HOTBENCH_SITE) }
    };
}

/// `#[bench_only]`: the item, where the harness is on.
#[cfg(feature = "harness")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_bench_only {
    ($($item:tt)*) => { $($item)* };
}

#[cfg(all(feature = "guard", not(feature = "harness")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_bench_only {
    ($($item:tt)*) => {};
}

/// The registration of a case.
#[cfg(feature = "harness")]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_case {
    (
        function: $function:literal,
        name: $name:expr,
        generics: $generics:expr,
        line: $line:literal,
        column: $column:literal,
        attribute_line: $attribute_line:literal,
        group: $group:expr,
        baseline: $baseline:literal,
        has_budget: $has_budget:literal,
        ignore: $ignore:literal,
        sweep: { $($sweep:tt)* },
        routine: { $($routine:tt)* }
    ) => {
        const _: () = {
            $($routine)*
            $crate::__private::inventory::submit! {
                $crate::__private::Case {
                    package: ::core::option_env!("CARGO_PKG_NAME"),
                    module: ::core::module_path!(),
                    function: $function,
                    name: $name,
                    generics: $generics,
                    file: ::core::file!(),
                    line: $line,
                    column: $column,
                    attribute_line: $attribute_line,
                    group: $group,
                    baseline: $baseline,
                    has_budget: $has_budget,
                    ignore: $ignore,
                    sweep: $($sweep)*,
                    routine: __hotbench_routine,
                }
            }
        };
    };
}

#[cfg(all(feature = "guard", not(feature = "harness")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_case {
    ($($case:tt)*) => {
        #[cfg(test)]
        ::core::compile_error! {
            "`#[bench_case]` registers nothing in this test build: hotbench's feature `harness` is \
off. Add to Cargo.toml:\n\n\
[dev-dependencies]\n\
hotbench = { version = \"0.1\", features = [\"harness\"] }"
        }
    };
}

/// `runtime = …`: what async functions run on.
#[cfg(all(feature = "harness", feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_runtime {
    (current_thread) => {
        $crate::__private::Runtime::CurrentThread
    };
    (multi_thread($workers:expr)) => {
        $crate::__private::Runtime::MultiThread($workers)
    };
}

#[cfg(all(feature = "guard", not(feature = "tokio")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __hotbench_runtime {
    ($($runtime:tt)*) => {{
        ::core::compile_error! {
            "`runtime = …` is tokio's, and hotbench's feature `tokio` is off. Add to Cargo.toml:\n\n\
[dev-dependencies]\n\
hotbench = { version = \"0.1\", features = [\"harness\", \"tokio\"] }"
        }
        $crate::__private::Runtime::Default
    }};
}

/// The `main` of a bench target: runs the cases of the crates that it names.
///
/// A crate that nothing names is dropped by the linker with all its cases, so name each one whose
/// cases are to run: `hotbench::harness!(my_app, my_core);` is the whole of `benches/hot.rs`. A bench
/// target with cases of its own names itself:
///
/// ```no_run
/// #[hotbench::bench_case(args("one two"))]
/// fn words(text: &str) -> usize {
///     text.split(' ').count()
/// }
///
/// hotbench::harness!(crate);
/// ```
///
/// After the crates it takes what holds for all cases that don't say otherwise: `sample_size`,
/// `warm_up_time`, `measurement_time`, and a configured `criterion`, whose other settings are kept.
///
/// ```no_run
/// use std::time::Duration;
///
/// hotbench::harness!(
///     crate,
///     sample_size = 100,
///     measurement_time = Duration::from_secs(2),
/// );
/// ```
#[cfg(feature = "harness")]
#[macro_export]
macro_rules! harness {
    () => {
        ::core::compile_error! {
            "name the crates whose cases are to run: `hotbench::harness!(my_app);`, or \
             `hotbench::harness!(crate);` for cases that stand in this file"
        }
        fn main() {}
    };
    // The crates come first, then the settings.
    (@read [$($krates:ident)*] [$($settings:tt)*]) => {
        $crate::harness! { @main [$($krates)*] [$($settings)*] }
    };
    (@read $krates:tt [$($settings:tt)*] $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::harness! { @read $krates [$($settings)* $name = $value,] $($($rest)*)? }
    };
    (@read [$($krates:ident)*] [] $krate:ident $(, $($rest:tt)*)?) => {
        $crate::harness! { @read [$($krates)* $krate] [] $($($rest)*)? }
    };
    (@read $($other:tt)*) => {
        ::core::compile_error! {
            "name the crates as code names them, with `_` for `-`, and then the settings: \
             `hotbench::harness!(my_app, my_core, sample_size = 100);`"
        }
        fn main() {}
    };
    (@main [$($krate:ident)*] [$($name:ident = $value:expr,)*]) => {
        $(extern crate $krate as _;)*

        fn main() -> ::std::process::ExitCode {
            $crate::__private::main(&$crate::__private::Build {
                package: ::core::env!("CARGO_PKG_NAME"),
                bench: ::core::env!("CARGO_CRATE_NAME"),
                directory: ::core::env!("CARGO_MANIFEST_DIR"),
                debug_assertions: ::core::cfg!(debug_assertions),
                compiled: $crate::__private::compiled!(),
                defaults: || $crate::__private::Defaults {
                    $($name: ::core::option::Option::Some($value),)*
                    ..::core::default::Default::default()
                },
            })
        }
    };
    (crate) => {
        $crate::harness! { @read [] [] }
    };
    (crate, $($rest:tt)*) => {
        $crate::harness! { @read [] [] $($rest)* }
    };
    ($first:ident $(, $($rest:tt)*)?) => {
        $crate::harness! { @read [$first] [] $($($rest)*)? }
    };
    ($($other:tt)*) => {
        ::core::compile_error! {
            "name the crates as code names them, with `_` for `-`: \
             `hotbench::harness!(my_app, my_core);`"
        }
        fn main() {}
    };
}

#[cfg(not(feature = "harness"))]
#[doc(hidden)]
#[macro_export]
macro_rules! harness {
    ($($krate:tt)*) => {
        ::core::compile_error! {
            "hotbench's feature `harness` is off. Add to Cargo.toml:\n\n\
[dev-dependencies]\n\
hotbench = { version = \"0.1\", features = [\"harness\"] }"
        }
        fn main() {}
    };
}
