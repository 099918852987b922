//! What the standard library allocates at its first use alone is told as that.

use crate::support::{Said, cargo};

const FIRST_USE: &str = "this is initialised at its first use: use it before, or let the first calls \
                         go free with `warmup = 1`";

fn trap(name: &str) -> Said {
    cargo(&format!("run -p first-use -- {name}")).passed()
}

#[test]
fn the_first_call_alone_fails_and_the_report_says_that_warmup_helps() {
    for name in ["lazy_lock", "once_lock", "print", "disabled_backtrace"] {
        trap(name)
            .says(&format!("{name}: fails, passes, passes\n"))
            .says(FIRST_USE);
    }
}

#[test]
fn with_warmup_it_passes() {
    for name in ["lazy_lock_with_warmup", "print_with_warmup"] {
        trap(name).says(&format!("{name}: passes, passes, passes\n"));
    }
}

#[test]
fn what_allocates_each_time_is_no_first_use() {
    trap("backtrace")
        .says("backtrace: fails, fails, fails\n")
        .says("a backtrace that is captured allocates each time")
        .never_says(FIRST_USE);
    trap("backtrace_with_warmup").says("backtrace_with_warmup: passes, fails, fails\n");
}

#[test]
fn what_allocates_nothing_passes_from_the_first_call_on() {
    for name in [
        "print_to_stderr",
        "thread_local_with_destructor",
        "random_keys",
        "lock",
        "this_thread",
    ] {
        trap(name).says(&format!("{name}: passes, passes, passes\n"));
    }
}
