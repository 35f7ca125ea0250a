//! What is refused before a training begins: values that mean nothing, and flags that would have no effect.

use super::super::Failure;
use super::Args;
use crate::loss::Loss;
use crate::train::{Column, TrainMethod, TrainOptimizer};
use std::fmt::Display;

/// Columns of `Hg`.
const CURVED: &[Column] =
    &[Column::HgNorm, Column::HghatNorm, Column::SignalToNoise, Column::F1Share, Column::LossRate, Column::DriftBound];
/// Columns of the ends of flows.
const OF_FLOWS: &[Column] = &[Column::Error, Column::FlowLoss, Column::FlowLambda0];
/// Columns for which the negative gradient flow is followed.
const DRIFTS: &[Column] = &[Column::Drift, Column::DriftBound, Column::F1Share];

/// Refuses a list that names something twice.
pub(super) fn distinct<T: PartialEq + Display>(flag: &str, list: &[T]) -> Result<(), Failure> {
    let twice = list.iter().enumerate().find(|(k, x)| list[..*k].contains(x));
    match twice {
        Some((_, x)) => Err(Failure::Other(format!("{flag}: {x} is given twice; give it once"))),
        None => Ok(()),
    }
}

fn no_effect(flag: &str, why: &str) -> Result<(), Failure> {
    Err(Failure::Other(format!("{flag} has no effect here: {why}")))
}

/// Refuses lists with something twice, and flags that concern nothing that is asked for.
pub(super) fn flags(args: &Args, optimizers: &[TrainOptimizer], columns: &[Column]) -> Result<(), Failure> {
    distinct("--h", &args.h)?;
    distinct("--seed", args.loss.seeds())?;
    distinct("--flows", &args.flows)?;
    distinct("--flows-every", &args.flows_every)?;
    distinct("--branches", &args.branches)?;
    distinct("--branch-at", &args.branch_at)?;
    distinct("--h-at", &args.h_at.iter().map(|(step, _)| format!("step {step}")).collect::<Vec<_>>())?;
    distinct("--record", &args.record)?;
    distinct("--optimizer", &optimizers.iter().map(|o| &o.name).collect::<Vec<_>>())?;
    let has = |some: &[Column]| some.iter().any(|c| columns.contains(c));
    let steps = args.steps();
    if args.order.is_some() && args.batch.is_none() {
        no_effect("--order", "it is the order of batches, which --batch N asks for")?;
    }
    if !has(&[Column::Lambda]) && !has(&Column::ALONG_DIRECTIONS) {
        let why = "--record names no column of the spectrum, such as lambda";
        for (flag, given) in [
            ("--eigenvalues", args.eigenvalues.is_some()),
            ("--eigenvalues-above", args.eigenvalues_above.is_some()),
            ("--eigenvalues-every", args.eigenvalues_every.is_some()),
        ] {
            if given {
                no_effect(flag, why)?;
            }
        }
    }
    if args.hg.is_some() && !has(CURVED) && !optimizers.iter().any(TrainOptimizer::sets_rate) {
        no_effect("--hg", "neither the optimizer nor a column takes Hg, as dal and hg_norm do")?;
    }
    if !args.flows.is_empty() && !has(OF_FLOWS) {
        no_effect("--flows", "--record names none of error, flow_loss and flow_lambda_0")?;
    }
    if args.flows.is_empty() && !args.flows_every.is_empty() {
        no_effect("--flows-every", "no flows are followed; name some with --flows")?;
    }
    if let [0] = args.flows_every.as_slice() {
        return Err(Failure::Other(
            "--flows-every 0: expected every how many steps, from 1, or a list of steps".to_owned(),
        ));
    }
    if let listed @ [_, _, ..] = args.flows_every.as_slice() {
        let recorded =
            |step: &&u64| **step < steps && (step.is_multiple_of(args.every) || args.branch_at.contains(step));
        if let Some(step) = listed.iter().find(|step| !recorded(step)) {
            return Err(Failure::Other(format!(
                "--flows-every: flows are followed from recorded rows, and step {step} is none: there are --steps {steps}, recorded at multiples of --every {}",
                args.every
            )));
        }
    }
    if args.branches.is_empty() {
        for (flag, given) in
            [("--branch-at", !args.branch_at.is_empty()), ("--branch-steps", args.branch_steps.is_some())]
        {
            if given {
                no_effect(flag, "no branches leave the run; name some with --branches")?;
            }
        }
    }
    if args.flows.is_empty() && args.branches.is_empty() && !has(DRIFTS) {
        for (flag, given) in [("--tolerance", args.tolerance.is_some()), ("--max-steps", args.max_steps.is_some())] {
            if given {
                no_effect(flag, "no flow is followed: there are no --flows, no --branches and no column drift")?;
            }
        }
    }
    if args.checkpoint_every.is_some() && args.output.is_none() && args.resume.is_none() {
        no_effect("--checkpoint-every", "checkpoints stand beside the file of --output, which is missing")?;
    }
    if let Some((step, _)) = args.h_at.iter().find(|(step, _)| *step >= steps) {
        no_effect(
            &format!("--h-at {step}=…"),
            &format!("the last step, of --steps {steps}, is taken from {}", steps.saturating_sub(1)),
        )?;
    }
    if !args.h_at.is_empty() && optimizers.iter().all(TrainOptimizer::sets_rate) {
        no_effect("--h-at", "these optimizers set their rate themselves")?;
    }
    Ok(())
}

/// Refuses what the loss does not have.
pub(super) fn of_loss(args: &Args, loss: &Loss, starts: &[Vec<f64>]) -> Result<(), Failure> {
    if args.accuracy_goal.is_some() && loss.classifier.is_none() {
        return Err(Failure::Other(
            "--accuracy-goal: this loss has no accuracy; it takes one softmax_cross_entropy(logits, labels)".to_owned(),
        ));
    }
    let shuffles = args.batch.is_some() && !matches!(args.order, Some(super::OrderArg::InOrder));
    if let [first, second, ..] = starts
        && first == second
        && !shuffles
    {
        return Err(Failure::Other(
            "--seed: nothing is drawn, neither the start nor batches, and these runs would be the same; give one seed"
                .to_owned(),
        ));
    }
    Ok(())
}

/// What is said before the run of flags and columns that other parts of the command make idle.
pub(super) fn notes(args: &Args, optimizers: &[TrainOptimizer], loss: &Loss) -> Vec<String> {
    let mut notes = Vec::new();
    if !args.h.is_empty() && optimizers.iter().all(TrainOptimizer::sets_rate) {
        notes.push("--h is not used: dal optimizers set their rate themselves, and --h-max caps it".to_owned());
    }
    let named = |column: Column| args.record.iter().any(|name| name.trim() == column.name());
    let momentum = |o: &TrainOptimizer| o.has_momentum();
    let several = optimizers.iter().any(|o| matches!(o.method, TrainMethod::Adjusted(a) if a.per_parameter));
    for (column, missing, why) in [
        (Column::Accuracy, loss.classifier.is_none(), "the loss has no softmax_cross_entropy(logits, labels)"),
        (Column::TestLoss, loss.test.is_none(), "the loss names no test data"),
        (Column::TestAccuracy, loss.test_classifier.is_none(), "the loss is no classifier with test data"),
        (Column::BatchLoss, args.batch.is_none(), "there are no batches; --batch N asks for them"),
        (Column::Distance, optimizers.len() < 2, "it is between optimizers, and there is one"),
        (Column::Drift, optimizers.iter().all(momentum), "it is of optimizers without momentum"),
        (Column::LearningRatesMinMax, !several, "it is of dal-per-parameter"),
    ] {
        if named(column) && missing {
            notes.push(format!("{} has no value in any row: {why}", column.name()));
        }
    }
    notes
}
