//! All cases of the callback.

hotbench::harness!(realtime);
