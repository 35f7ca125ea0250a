//! The recurrence that a document is about: written, read, and held against the optimizer that the document names.

use super::VerifyFailure;
use super::members::only;
use crate::number::{Fraction, Rational};
use crate::optimizer::other_spelling;
use crate::optimizer::{BoundOptimizer, Evaluation, MOMENTUM, Optimizer, OptimizerError, Recurrence, Tableau};
use crate::series::egraph::Exact;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A recurrence as the member `"recurrence"` of a proven derivation: `left` and `at` as pairs `[j, coefficient]`,
/// `minus_h_times` as pairs `[evaluation, coefficient]` with evaluations from 0, coefficients as text.
///
/// It repeats the name, the symbols and the momentum of the document, so that none of them can be changed alone.
#[must_use]
pub fn recurrence_json<C: Exact>(recurrence: &Recurrence<C>, optimizer: &BoundOptimizer) -> Value {
    let pairs = |pairs: &[(i32, C)]| -> Value { pairs.iter().map(|(j, c)| json!([j, c.to_string()])).collect() };
    let evaluation = |e: &Evaluation<C>| {
        let stages: Value = e.minus_h_times.iter().map(|(l, c)| json!([l, c.to_string()])).collect();
        json!({"at": pairs(&e.at), "minus_h_times": stages})
    };
    let mut value = json!({
        "method": recurrence.method,
        "symbols": recurrence.symbols,
        "left": pairs(&recurrence.left),
        "evaluations": recurrence.evaluations.iter().map(evaluation).collect::<Value>(),
        "right": recurrence.right.iter().map(|c| json!(c.to_string())).collect::<Value>(),
    });
    if let Some(momentum) = optimizer.value(MOMENTUM) {
        value["momentum"] = momentum.to_string().into();
    }
    value
}

/// What a document says of its optimizer.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) method: String,
    pub(super) symbols: Vec<String>,
    pub(super) momentum: Option<Rational>,
}

impl Named {
    /// Refuses a symbol that stands twice.
    pub(super) fn distinct(&self) -> Result<(), VerifyFailure> {
        let twice = self.symbols.iter().enumerate().find(|(k, s)| self.symbols[..*k].contains(s));
        match twice {
            None => Ok(()),
            Some((k, s)) => Err(VerifyFailure::at(&format!("symbols[{k}]"), format!("the symbol `{s}` stands twice"))),
        }
    }

    /// Holds what the equation is said to be about against the recurrence: it is said of multistep methods only, and of them
    /// always.
    pub(super) fn variable<C: Exact>(&self, written: &Value, recurrence: &Recurrence<C>) -> Result<(), VerifyFailure> {
        let fail = |reason: String| Err(VerifyFailure::at("variable", reason));
        // With momentum 0 these are single steps, and outputs name their variable all the same.
        let named = [Optimizer::HeavyBall, Optimizer::Nesterov].iter().any(|o| o.name() == self.method);
        if written.is_null() {
            return match recurrence.is_multistep() {
                true => fail("it is missing: an equation of a multistep method says what it is about".to_owned()),
                false => Ok(()),
            };
        }
        if !recurrence.is_multistep() && !named {
            return fail(format!(
                "{written} is said of multistep methods only, and {} makes single steps",
                self.method
            ));
        }
        // A file may describe Nesterov's method under its name too; then the shorter text stands.
        let mut names = vec!["the iterate"];
        names.extend((self.method == Optimizer::Nesterov.name()).then(|| Optimizer::Nesterov.variable()));
        if written.as_str().is_some_and(|v| names.contains(&v)) {
            return Ok(());
        }
        fail(format!("the equation is about {}, not {written}", names[names.len() - 1]))
    }

    /// Refuses a name that nothing may have: an empty one, one that only looks like a known one, and a tableau's for
    /// what is no other tableau.
    fn fits<C: Exact>(&self, recurrence: &Recurrence<C>) -> Result<(), VerifyFailure> {
        let fail = |reason: String| Err(VerifyFailure::at("method", reason));
        if !self.method.chars().any(char::is_alphanumeric) || self.method == "rk:" {
            return fail(format!("`{}` is no name of an optimizer", self.method));
        }
        if let Some(close) = other_spelling(&self.method) {
            return fail(format!("there is no optimizer `{}`: `{close}` is spelt otherwise", self.method));
        }
        if !self.method.starts_with("rk:") {
            return Ok(());
        }
        let (left, evaluations, _) = recurrence.normal();
        let here = BTreeMap::from([(0, C::one())]);
        let single = left == BTreeMap::from([(0, C::one().negated()), (1, C::one())]);
        if !single || evaluations.iter().any(|(at, _)| *at != here) {
            return fail(format!("`{}` is no Runge-Kutta method: its recurrence is none", self.method));
        }
        if evaluations.iter().all(|(_, stages)| stages.is_empty()) {
            let reason = format!("there is no Runge-Kutta method `{}`: this is gradient descent", self.method);
            return fail(reason);
        }
        Ok(())
    }

    /// The recurrence of the optimizer, if the program knows it by name; names of files are not looked at.
    pub(super) fn known(&self) -> Result<Option<Recurrence<Fraction>>, VerifyFailure> {
        let optimizer = match self.method.strip_prefix("rk:") {
            Some(name) => Tableau::named(name).map(|t| Optimizer::RungeKutta(Arc::new(t))),
            None => Optimizer::ALL.into_iter().find(|o| o.name() == self.method),
        };
        let Some(optimizer) = optimizer else { return Ok(None) };
        let momentum = self.momentum.iter().map(|momentum| (MOMENTUM, momentum.clone()));
        match optimizer.bind(&momentum.collect::<Vec<_>>()) {
            Ok(bound) => Ok(bound.fractions().ok()),
            Err(OptimizerError::NoHyperParameter { optimizer, .. }) => {
                Err(VerifyFailure::at("momentum", format!("{optimizer} has no momentum")))
            }
            Err(error) => Err(VerifyFailure::at("momentum", error.to_string())),
        }
    }

    /// The recurrence that the document's steps are to be about; what does not fit its names goes to `failed`.
    pub(super) fn recurrence<C: Exact>(
        &self,
        written: &Value,
        known: Option<Recurrence<C>>,
        failed: &mut Vec<VerifyFailure>,
    ) -> Result<Recurrence<C>, VerifyFailure> {
        let method = &self.method;
        if written.is_null() {
            let reason = match known {
                Some(_) => format!("it is missing: the recurrence of {method}, which the steps are about"),
                None => format!("it is missing, and nothing is known of an optimizer `{method}`"),
            };
            return Err(VerifyFailure::at("recurrence", reason));
        }
        let read = read(written, method, self.symbols.clone())?;
        self.repeated(written, failed);
        if known.is_none() {
            failed.extend(self.fits(&read).err());
        }
        if let Some(known) = known
            && !(read.is_equivalent(&known) && self.symbols == known.symbols)
        {
            failed.push(VerifyFailure::at("recurrence", format!("the recurrence is not that of {method}")));
        }
        Ok(read)
    }

    /// Holds the name, the symbols and the momentum in the recurrence against the document's own.
    fn repeated(&self, written: &Value, failed: &mut Vec<VerifyFailure>) {
        let own = [
            ("method", json!(self.method)),
            ("symbols", json!(self.symbols)),
            ("momentum", self.momentum.as_ref().map_or(Value::Null, |m| m.to_string().into())),
        ];
        for (member, own) in own {
            let found = &written[member];
            if found != &own {
                let reason = format!("it is {found} in the recurrence, but {own} in the document");
                failed.push(VerifyFailure::at(&format!("recurrence.{member}"), reason));
            }
        }
    }
}

fn read<C: Exact>(value: &Value, method: &str, symbols: Vec<String>) -> Result<Recurrence<C>, VerifyFailure> {
    only(value, "recurrence", &["method", "symbols", "momentum", "left", "evaluations", "right"])?;
    let place = |member: &str| format!("recurrence.{member}");
    let evaluations = value["evaluations"].as_array().ok_or_else(|| {
        let reason = "it is no array of evaluations with `at` and `minus_h_times`";
        VerifyFailure::at(&place("evaluations"), reason.to_owned())
    })?;
    let evaluation = |(i, e): (usize, &Value)| {
        let own = place(&format!("evaluations[{i}]"));
        only(e, &own, &["at", "minus_h_times"])?;
        let minus_h_times = pairs(&e["minus_h_times"], &format!("{own}.minus_h_times"), &symbols)?;
        Ok(Evaluation { at: pairs(&e["at"], &format!("{own}.at"), &symbols)?, minus_h_times })
    };
    let evaluations = evaluations.iter().enumerate().map(evaluation).collect::<Result<_, VerifyFailure>>()?;
    let right = value["right"].as_array().into_iter().flatten().map(|c| coefficient(c, &symbols));
    let right = right.collect::<Option<Vec<C>>>().filter(|r| !r.is_empty());
    let right = right.ok_or_else(|| VerifyFailure::at(&place("right"), "it is no array of coefficients".to_owned()))?;
    let left = pairs(&value["left"], &place("left"), &symbols)?;
    Ok(Recurrence { method: method.to_owned(), symbols, left, evaluations, right })
}

fn pairs<J, C>(value: &Value, place: &str, symbols: &[String]) -> Result<Vec<(J, C)>, VerifyFailure>
where
    J: TryFrom<i64>,
    C: Exact,
{
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [j, c] => Some((J::try_from(j.as_i64()?).ok()?, coefficient(c, symbols)?)),
        _ => None,
    };
    let pairs = value.as_array().and_then(|pairs| pairs.iter().map(pair).collect());
    let expected = "it is no array of pairs of a whole number and a coefficient, as text over the symbols";
    pairs.ok_or_else(|| VerifyFailure::at(place, expected.to_owned()))
}

/// An exact coefficient over the symbols.
pub(super) fn coefficient<C: Exact>(value: &Value, symbols: &[String]) -> Option<C> {
    let text = value.as_str()?;
    let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|name| {
        // What begins with a digit is a number, or no coefficient at all.
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    });
    let declared = names.into_iter().all(|name| symbols.iter().any(|s| s == name));
    declared.then(|| text.parse().ok()).flatten()
}
