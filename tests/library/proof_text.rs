//! The derivation that `--proof` prints reads like a paper's, and stays so.

use shadowflow::optimizer::Optimizer;
use shadowflow::proof::proof_json;
use shadowflow::render::proof::proof_text;
use shadowflow::series::egraph::{Limits, Proven, modified_equation_with_proof, modified_equation_with_proof_for};

#[test]
fn orders_0_to_3_as_text() {
    let (_, proof) = modified_equation_with_proof(3, &Limits::default()).unwrap();
    insta::assert_snapshot!(proof_text(&proof));
}

#[test]
fn heavy_ball_to_order_2_as_text() {
    let proven = modified_equation_with_proof_for(&Optimizer::HeavyBall, None, 2, &Limits::default()).unwrap();
    let Proven::Symbols(_, proof) = proven else { panic!("the momentum is a symbol") };
    insta::assert_snapshot!(proof_text(&proof));
}

#[test]
fn order_1_as_json() {
    let (_, proof) = modified_equation_with_proof(1, &Limits::default()).unwrap();
    let steps: Vec<String> = proof_json(&proof).as_array().unwrap().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(steps.join("\n"));
}

#[test]
fn every_step_is_numbered() {
    let (_, proof) = modified_equation_with_proof(5, &Limits::default()).unwrap();
    let text = proof_text(&proof);
    let numbered =
        text.lines().filter(|l| l.trim_start().split_once(". ").is_some_and(|(n, _)| n.parse::<u32>().is_ok()));
    assert_eq!(numbered.count(), proof.steps.len());
}

#[test]
fn the_step_that_the_documentation_shows_is_real() {
    let page = include_str!("../../docs/proofs.md");
    let example = page.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example: serde_json::Value = serde_json::from_str(example).unwrap();
    let (_, proof) = modified_equation_with_proof(2, &Limits::default()).unwrap();
    let steps = proof_json(&proof);
    let number = usize::try_from(example["step"].as_u64().unwrap()).unwrap();
    assert_eq!(steps[number - 1], example);
}
