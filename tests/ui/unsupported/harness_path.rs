hotbench::harness!(std::collections);
