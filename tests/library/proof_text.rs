//! The derivation that `--proof` prints reads like a paper's, and stays so.

use crate::bound::bound;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::proof::proof_json;
use shadowflow::render::proof::proof_text;
use shadowflow::series::derive;
use shadowflow::series::egraph::Proof;

fn proven(optimizer: &BoundOptimizer, order: usize) -> Proof {
    derive(optimizer, order).proof(true).run().unwrap().proof.unwrap()
}

fn gradient_descent(order: usize) -> Proof {
    proven(&BoundOptimizer::gradient_descent(), order)
}

#[test]
fn orders_0_to_3_as_text() {
    let proof = gradient_descent(3);
    insta::assert_snapshot!(proof_text(&proof));
}

#[test]
fn heavy_ball_to_order_2_as_text() {
    let proof = proven(&bound("heavy-ball", None), 2);
    insta::assert_snapshot!(proof_text(&proof));
}

#[test]
fn order_1_as_json() {
    let proof = gradient_descent(1);
    let steps: Vec<String> = proof_json(&proof).as_array().unwrap().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(steps.join("\n"));
}

#[test]
fn every_step_is_numbered() {
    let proof = gradient_descent(5);
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
    let proof = gradient_descent(2);
    let steps = proof_json(&proof);
    let number = usize::try_from(example["step"].as_u64().unwrap()).unwrap();
    assert_eq!(steps[number - 1], example);
}
