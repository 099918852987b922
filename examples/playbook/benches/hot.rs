//! All cases of the playbook.

hotbench::harness!(playbook);
