//! Which operation of a loss has no value at a point, in the names of the loss.

use crate::concrete::trajectory::Point;
use crate::expr::Algebra;
use crate::expr::{BallAlgebra, Id, Node, Pool, Tape, Undefined};
use crate::number::Rational;

/// Bits in which operands are computed anew to find the one that was out of its domain.
const PRECISION: usize = 256;
/// Larger losses are not searched: each operation is computed from the start.
const MAX_NODES: usize = 2_000;
/// Longer expressions and lists of values say nothing.
const MAX_LENGTH: usize = 60;
const MAX_VALUES: usize = 4;

/// The operation with the values of the parameters that it depends on: `sqrt(w - 2)` is `(-3)^(1/2)` at w = -1, which has no
/// real value.
pub(super) fn place(
    pool: &Pool,
    id: Id,
    at: &Point<Rational>,
    cause: &Undefined,
    of_derivative: bool,
) -> Option<String> {
    let nodes = pool.reachable(&[id]);
    if nodes.len() > MAX_NODES {
        return None;
    }
    let node = nodes.into_iter().filter(|node| pool.shape(*node).rank() == 0).find(|node| {
        match (pool.node(*node), cause) {
            (Node::Pow(a, q), Undefined::Power { base, exponent }) => {
                let is_it = if of_derivative { !q.is_integer() || q.is_negative() } else { q == exponent };
                is_it && value(pool, *a, at) == Some(*base)
            }
            (Node::Apply(f, a), Undefined::Function { function, argument }) => {
                f == function && value(pool, *a, at) == Some(*argument)
            }
            _ => false,
        }
    })?;
    let printed = pool.print(&[node], &[]);
    let text = printed.expressions.first().filter(|_| printed.lets.is_empty())?.to_string();
    if text.len() > MAX_LENGTH {
        return None;
    }
    let values = values(pool, node, at)?;
    if of_derivative {
        return Some(format!("that of `{text}` at {values}"));
    }
    let there = match cause {
        Undefined::Power { base, exponent } => {
            let base = if *base < 0.0 { format!("({base})") } else { base.to_string() };
            let exponent = if exponent.is_integer() { exponent.to_string() } else { format!("({exponent})") };
            format!("{base}^{exponent}")
        }
        Undefined::Function { function, argument } => format!("{}({argument})", function.name()),
    };
    Some(format!("`{text}` is `{there}` at {values}, which has no real value"))
}

fn value(pool: &Pool, id: Id, at: &Point<Rational>) -> Option<f64> {
    let mut balls = BallAlgebra::new(PRECISION);
    let given = super::decide::lifted(&mut balls, at);
    let zero = Rational::ZERO;
    let tape = Tape::new(pool, &[id]);
    let values = tape.evaluate(&mut balls, |balls, v| given.get(v).unwrap_or_else(|| balls.rational(&zero)));
    values.first()?.to_rational().map(|q| q.to_f64())
}

/// `w = -1, v = 2`: of the entries of θ that an expression depends on.
fn values(pool: &Pool, id: Id, at: &Point<Rational>) -> Option<String> {
    let names = pool.theta_names();
    let mut entries = Vec::new();
    for node in pool.reachable(&[id]) {
        let entry = match pool.node(node) {
            Node::Param(p) if pool.shape(node).rank() == 0 => pool.parameter_offset(*p),
            Node::Index(a, k) => match pool.node(*a) {
                Node::Param(p) => pool.parameter_offset(*p) + *k as usize,
                _ => continue,
            },
            _ => continue,
        };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries.sort_unstable();
    let shown = entries.iter().map(|k| {
        let exact = at.theta.get(*k)?.to_string();
        let value = if exact.len() > 20 || exact.contains('/') { at.theta[*k].to_f64().to_string() } else { exact };
        Some(format!("{} = {value}", names.get(*k)?))
    });
    let shown: Vec<String> = shown.collect::<Option<_>>()?;
    (1..=MAX_VALUES).contains(&shown.len()).then(|| shown.join(", "))
}
