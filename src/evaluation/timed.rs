//! Parts of an evaluation, as far as the time goes.

use crate::budget::{self, Budget, Stopped};
use crate::concrete::{Evaluated, EvaluatedOrder};
use crate::warning::Warning;

/// The lowest order that is looked at by itself where there is a limit in time.
const FIRST: usize = 4;

/// Does one part; where the time ends in it there is none, and a warning that names it.
pub(super) fn part<T>(what: &str, warnings: &mut Vec<Warning>, work: impl FnOnce(&mut Vec<Warning>) -> T) -> Option<T> {
    match budget::part(|| work(warnings)) {
        Ok(done) => Some(done),
        Err(stopped) => {
            warnings.push(Warning::new(stopped.code(), format!("{stopped} before {what} could be computed")));
            None
        }
    }
}

/// The highest order that there was time for, with what there is of it, and why there is no higher one.
pub(super) type Ended<T> = (Option<(usize, T)>, Option<Stopped>);

/// The highest order up to `order` for which there is time, with what there is of it, and why it is not `order` itself.
///
/// Without a limit in time that is `order`. With one, orders that are each twice the last come first; they take a small part of the time of the
/// last one.
pub(super) fn orders<T, E>(order: usize, mut work: impl FnMut(usize) -> Result<T, E>) -> Result<Ended<T>, E> {
    if !Budget::current().is_timed() {
        return Ok((Some((order, work(order)?)), None));
    }
    let mut last = None;
    let lower = std::iter::successors(Some(FIRST), |n| n.checked_mul(2)).take_while(|n| *n < order);
    for n in lower.chain([order]) {
        match budget::part(|| work(n)) {
            Ok(Ok(found)) => last = Some((n, found)),
            // What has no value to a lower order has none to a higher one, which is asked for.
            Ok(Err(error)) if n == order => return Err(error),
            Ok(Err(_)) => {}
            Err(stopped) => return Ok((last, Some(stopped))),
        }
    }
    Ok((last, None))
}

/// Fills up the orders that there was no time for with nothing, and says so.
pub(super) fn fill_up(values: &mut Evaluated, order: usize, stopped: Stopped) {
    let first = values.orders.len();
    let none = vec![None; values.parameters.len()];
    let nothing = EvaluatedOrder { value: none.clone(), principal: none.clone(), nonprincipal: none.clone() };
    values.orders.resize(order + 1, nothing);
    if let Some((_, field)) = &mut values.field {
        *field = none;
    }
    let which = if first == order { format!("f_{order}") } else { format!("f_{first} to f_{order}") };
    let message = format!("{stopped} before {which} could be computed");
    values.warnings.push(Warning::new(stopped.code(), message));
}
