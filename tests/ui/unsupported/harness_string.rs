hotbench::harness!("std");
