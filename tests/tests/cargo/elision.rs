//! A case of which the compiler has left nothing is marked.

use crate::support::cargo;

#[test]
fn what_is_optimised_away_is_marked_and_nothing_else() {
    let options = "--warm-up-time 0.05 --measurement-time 0.1 --sample-size 30";
    let said = cargo(&format!("bench -p elided -- {options}")).passed();
    let is_marked = |case| said.row(case)[2] == "optimised away?";
    let cases = ["nothing", "hoisted", "summed", "slow"];
    assert_eq!(cases.map(is_marked), [true, true, false, false], "{said}");
}
