//! Whether formulas have the values of the equation that they are of, at points: what was found by many steps is looked at once more as it is printed.

use super::formulas::Formulas;
use super::meaning::Meaning;
use crate::concrete::{ConcreteEquation, Formula as Component};
use crate::expr::Id;
use crate::expr::simplify::{Verdict, compare};
use crate::formula::Formula;
use std::time::{Duration, Instant};

/// Operations up to which values are compared, and the time for that.
const MAX_OPERATIONS: usize = 20_000;
const TIME: Duration = Duration::from_secs(2);

impl Formulas {
    /// Whether no formula, of those that are scalars of the loss, is known to have another value than the equation's somewhere.
    pub(super) fn are_of(&self, equation: &ConcreteEquation) -> bool {
        let mut meaning = Meaning::new(&equation.pool);
        for (name, value) in &self.lets {
            meaning.define(&Formula::name(name), value);
        }
        for (letter, value) in &self.derivatives {
            meaning.define(letter, value);
        }
        let inputs = meaning.inputs().to_vec();
        let (mut held, mut written): (Vec<Id>, Vec<Id>) = (Vec::new(), Vec::new());
        for (own, order) in equation.orders.iter().zip(&self.orders) {
            let parts = [
                (&own.components, &order.components),
                (&own.principal, &order.principal),
                (&own.nonprincipal, &order.nonprincipal),
            ];
            // Of arrays as blocks there are fewer formulas than components.
            for (components, formulas) in parts.into_iter().filter(|(a, b)| a.len() == b.len()) {
                for (component, formula) in components.iter().zip(formulas) {
                    let Some(id) = meaning.of(formula) else { continue };
                    held.push(match component {
                        Component::Expression(id) => *id,
                        Component::Polynomial(p) => p.to_expression(&mut meaning.pool, &inputs),
                    });
                    written.push(id);
                }
            }
        }
        let all: Vec<Id> = held.iter().chain(&written).copied().collect();
        meaning.pool.reachable(&all).len() > MAX_OPERATIONS
            || compare(&meaning.pool, &held, &written, Instant::now() + TIME) != Verdict::Different
    }
}

#[cfg(test)]
mod tests {
    use crate::concrete::derive;
    use crate::expr::{Function, Id, Pool, Shape};
    use crate::form::{Form, Forms};
    use crate::formula::Formula;
    use crate::loss::{Loss, Options};
    use crate::optimizer::BoundOptimizer;
    use proptest::prelude::*;

    /// Functions of functions of sums and products, as bytes say.
    fn nested(code: &[u8]) -> (Pool, Id) {
        use Function as F;
        let smooth = [F::Exp, F::Sin, F::Cos, F::Tanh, F::Sigmoid, F::Softplus, F::Sinh, F::Cosh, F::Atan, F::Erf];
        let mut pool = Pool::new();
        let leaves = ["x", "y"].map(|name| pool.declare_parameter(name, Shape::scalar()));
        let leaves = [leaves[0], leaves[1], pool.declare_symbol("k"), pool.integer(2)];
        // A value of constants alone stands nowhere but in what is made of it.
        let mut value = leaves[usize::from(code[0]) % 4];
        for byte in code {
            let leaf = leaves[usize::from(byte / 16) % 4];
            value = match byte % 16 {
                k @ 0..10 => pool.apply(smooth[usize::from(k)], value),
                10 | 11 => pool.add(value, leaf),
                12 | 13 => pool.mul(value, leaf),
                14 => {
                    let square = pool.mul(value, value);
                    let one = pool.integer(1);
                    let sum = pool.add(square, one);
                    pool.pow(sum, &crate::number::Rational::new(1, 2))
                }
                _ => pool.mul(value, value),
            };
        }
        let product = pool.mul(leaves[0], value);
        (pool, product)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10))]

        /// However deep functions lie in each other, every form has the equation's values.
        #[test]
        fn forms_have_the_values_of_their_equations(code in prop::collection::vec(any::<u8>(), 1..8)) {
            let (pool, loss) = nested(&code);
            let optimizer = BoundOptimizer::gradient_descent();
            let equation = derive(pool.expression(loss), &optimizer, 0).run().unwrap();
            let forms = Forms::new(pool.expression(loss), &optimizer, &equation, None, &[]);
            for form in Form::ALL {
                let written = forms.written_or_other(form);
                prop_assert!(written.warnings.iter().all(|w| w.code != "not-simplified"), "{form:?}");
            }
        }
    }

    #[test]
    fn other_values_are_seen() {
        for text in
            ["param x, y\nloss tanh(x*y)*exp(x)\n", "param x, y\nloss (x*y - 1)^2\n", "param x, y\nloss 2^x*y\n"]
        {
            let loss = Loss::parse(text, "a.loss", &Options::default()).unwrap().expression;
            let optimizer = BoundOptimizer::gradient_descent();
            let equation = derive(&loss, &optimizer, 1).run().unwrap();
            let forms = Forms::new(&loss, &optimizer, &equation, None, &[]);
            for form in Form::ALL {
                let right = forms.written(form).unwrap();
                assert!(right.are_of(&equation), "{text}: {form:?}");
                let mut wrong = right.clone();
                let last = &mut wrong.orders[1].components[1];
                let sum =
                    last.terms().into_iter().chain([(false, Formula::name("x").over(Formula::natural(1_000_000)))]);
                *last = Formula::sum(sum.collect());
                assert!(!wrong.are_of(&equation), "{text}: {form:?}");
                let mut wrong = right;
                let defined = wrong
                    .lets
                    .iter_mut()
                    .map(|(_, value)| value)
                    .chain(wrong.derivatives.iter_mut().map(|(_, value)| value))
                    .next();
                if let Some(value) = defined {
                    *value = value.clone().times(Formula::natural(2));
                    assert!(!wrong.are_of(&equation), "{text}: {form:?}");
                }
            }
        }
    }
}
