hotbench::harness!(hotbench, samples = 10);
