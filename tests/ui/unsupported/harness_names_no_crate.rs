hotbench::harness!();
