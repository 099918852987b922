hotbench::harness!(hotbench, sample_size = 10, trybuild);
