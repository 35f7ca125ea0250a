//! What formulas stand for: expressions of the loss's parameters and symbols, names put for by their values.

use super::monomial::key;
use crate::expr::{Function, Id, Pool};
use crate::formula::{Formula, Node};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// A pool with what names stand for in it.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) pool: Pool,
    names: FxHashMap<String, Id>,
    inputs: Vec<Id>,
}

impl Meaning {
    /// Of the entries of θ and the symbols of a pool.
    pub(super) fn new(pool: &Pool) -> Self {
        let mut pool = pool.clone();
        let formulas = pool.theta_formulas();
        let mut ids = Vec::new();
        for (index, size) in (0..).zip(pool.parameters().map(|(_, shape)| shape.size()).collect::<Vec<_>>()) {
            let parameter = pool.parameter(index);
            ids.extend((0..size).map(|k| pool.index(parameter, k)).collect::<Vec<_>>());
        }
        let mut names: FxHashMap<String, Id> = formulas.iter().map(key).zip(ids.iter().copied()).collect();
        for (index, symbol) in (0..).zip(pool.symbols().to_vec()) {
            let id = pool.symbol(index);
            names.insert(key(&Formula::name(symbol)), id);
            ids.push(id);
        }
        Self { pool, names, inputs: ids }
    }

    /// The entries of θ, and the symbols after them.
    pub(super) fn inputs(&self) -> &[Id] {
        &self.inputs
    }

    /// Says what a name stands for; one whose value is no scalar of the loss stands for nothing.
    pub(super) fn define(&mut self, name: &Formula, value: &Formula) {
        match self.of(value) {
            Some(id) => self.names.insert(key(name), id),
            None => self.names.remove(&key(name)),
        };
    }

    /// The expression, if all that stands in it is known.
    pub(super) fn of(&mut self, formula: &Formula) -> Option<Id> {
        Some(match formula.node() {
            Node::Number(digits) => {
                let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
                self.pool.constant(number)
            }
            Node::Sum { terms, .. } => {
                let mut sum = self.pool.integer(0);
                for (minus, term) in terms {
                    let term = self.of(term)?;
                    sum = if *minus { self.pool.sub(sum, term) } else { self.pool.add(sum, term) };
                }
                sum
            }
            Node::Negative(size) => {
                let size = self.of(size)?;
                self.pool.neg(size)
            }
            Node::Product(factors) => {
                let mut product = self.pool.integer(1);
                for factor in factors {
                    let factor = self.of(factor)?;
                    product = self.pool.mul(product, factor);
                }
                product
            }
            Node::Quotient(above, below) => {
                let (above, below) = (self.of(above)?, self.of(below)?);
                self.pool.div(above, below)
            }
            Node::Power(base, exponent) => {
                let base = self.of(base)?;
                match number(exponent) {
                    Some(exponent) => self.pool.pow(base, &exponent),
                    None => {
                        let exponent = self.of(exponent)?;
                        let logarithm = self.pool.apply(Function::Log, base);
                        let product = self.pool.mul(exponent, logarithm);
                        self.pool.apply(Function::Exp, product)
                    }
                }
            }
            Node::Call("sqrt", arguments) => {
                let under = self.of(arguments.first()?)?;
                self.pool.pow(under, &Rational::new(1, 2))
            }
            Node::Call("logsumexp", arguments) => {
                let Node::List(entries) = arguments.first()?.node() else { return None };
                let entries = entries.iter().map(|entry| self.of(entry)).collect::<Option<Vec<_>>>()?;
                let stacked = self.pool.stack(&entries);
                self.pool.logsumexp(stacked)
            }
            Node::Call(name, arguments) => {
                let function = Function::ALL.into_iter().find(|function| function.name() == *name)?;
                let [argument] = &**arguments else { return None };
                let argument = self.of(argument)?;
                self.pool.apply(function, argument)
            }
            Node::Name(name) if name == "pi" => self.pool.pi(),
            Node::Name(_) | Node::Entry(..) | Node::Letter(_) | Node::Partial(..) => *self.names.get(&key(formula))?,
            _ => return None,
        })
    }
}

/// A number with its sign, or a fraction of numbers.
pub(super) fn number(formula: &Formula) -> Option<Rational> {
    match formula.node() {
        Node::Number(digits) => digits.parse().ok(),
        Node::Negative(size) => number(size).map(|q| -q),
        Node::Quotient(above, below) => number(above)?.checked_div(&number(below)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Shape;

    /// `s1 = sqrt(w[1] + 1/2)` and `s1^2*exp(-x)` stands for `(w[1] + 1/2) exp(−x)` by way of the root.
    #[test]
    fn names_are_put_for_by_their_values() {
        let mut pool = Pool::new();
        let w = pool.declare_parameter("w", Shape::vector(2));
        let x = pool.declare_parameter("x", Shape::scalar());
        let mut meaning = Meaning::new(&pool);
        let half = Formula::natural(1).over(Formula::natural(2));
        let entry = Formula::entry("w", vec![1]);
        let root = Formula::call("sqrt", vec![Formula::sum(vec![(false, entry), (false, half)])]);
        meaning.define(&Formula::name("s1"), &root);
        let decay = Formula::call("exp", vec![Formula::name("x").negated()]);
        let product = Formula::product(vec![Formula::name("s1").power(2), decay]);
        let found = meaning.of(&product);
        let pool = &mut meaning.pool;
        let (entry, half) = (pool.index(w, 1), pool.constant(Rational::new(1, 2)));
        let sum = pool.add(entry, half);
        let root = pool.pow(sum, &Rational::new(1, 2));
        let square = pool.pow(root, &2.into());
        let opposite = pool.neg(x);
        let decay = pool.apply(Function::Exp, opposite);
        assert_eq!(found, Some(pool.mul(square, decay)));
        assert_eq!(meaning.of(&Formula::name("s2")), None);
    }
}
