hotbench::harness!(my-app);
