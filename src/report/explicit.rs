//! The modified equation of one loss: its formulas, where they are short enough to be read, and its size at the start.

use super::{Part, ReportOptions};
use crate::concrete;
use crate::evaluation::{Evaluation, Request, evaluate};
use crate::expr::simplify::{Cost, Domain, Options};
use crate::flow::Subject;
use crate::form::{Form, Forms, Formulas};
use crate::formula::{Formula, Spelling, Symbol};
use crate::loss::Loss;
use crate::number::Rational;
use crate::plan::Route;

/// Characters of a loss beyond which its text says it better.
const LONGEST_LOSS: usize = 1200;
/// How many leading eigenvalues are told.
const EIGENVALUES: usize = 3;

/// The loss as formulas: shared subterms, and itself; `None` where that would be long.
pub(super) fn written(loss: &Loss) -> Option<Vec<(Formula, Formula)>> {
    if Route::of(loss) == Route::Array {
        return None;
    }
    let printed = loss.expression.pool().print(&[loss.expression.id()], &names(loss));
    let whole = printed.expressions.into_iter().next()?;
    let length =
        printed.lets.iter().map(|(_, value)| value).chain([&whole]).map(|f| f.to_string().len()).sum::<usize>();
    let lets = printed.lets.into_iter().map(|(name, value)| (Formula::name(name), value));
    let left = Formula::applied(Symbol::Loss, Symbol::Parameters.into());
    (length <= LONGEST_LOSS).then(|| [(left, whole)].into_iter().chain(lets).collect())
}

/// The names that shared subterms must not take.
fn names(loss: &Loss) -> Vec<String> {
    loss.constants.iter().map(|(name, _)| name.clone()).collect()
}

/// `f_0..f_N` in components, as `derive` prints them.
pub(super) fn formulas(loss: &Loss, options: &ReportOptions) -> Part<Formulas> {
    if Route::of(loss) == Route::Array {
        return Err(format!(
            "its {} parameters and its data stay whole arrays, and written out entry by entry no component could be read; its terms are those above, \
             and their sizes are below",
            loss.expression.pool().dimension()
        ));
    }
    let derived = concrete::derive(loss, &options.optimizer, options.order).run();
    let mut equation = derived.map_err(|e| e.to_string())?;
    let simplify = Options::new(Cost::Reading, Domain::Real);
    equation.simplify(&simplify);
    let names = names(loss);
    let forms = Forms::new(loss, &options.optimizer, &equation, Some(&simplify), &names);
    forms.written(Form::Auto).map_err(|e| e.to_string())
}

/// The values of `f_0..f_N` and the leading eigenvalues at the start.
pub(super) fn values(loss: &Loss, subject: &Subject, order: usize, start: &[f64], h: &Rational) -> Part<Evaluation> {
    let at: Option<Vec<Rational>> = start.iter().map(|x| Rational::from_f64(*x)).collect();
    let at = at.ok_or("the start is not finite")?;
    let request = Request { order: Some(order), h: Some(h), spectrum: Some(EIGENVALUES), ..Request::default() };
    evaluate(loss, &at, subject, &request).map_err(|e| e.to_string())
}

/// How the names of the loss are written, and our letters beside them.
pub(super) fn spelling(loss: &Loss) -> Spelling {
    let arrays = loss.expression.pool().parameters().map(|(name, shape)| (name, shape.rank() > 0));
    let scalars = loss.constants.iter().map(|(name, _)| (name.as_str(), false));
    Spelling::beside(arrays.chain(scalars).collect::<Vec<_>>())
}
