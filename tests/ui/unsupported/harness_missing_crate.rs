hotbench::harness!(my_app);
