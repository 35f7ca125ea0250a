//! Terms of abstract equations and of the series of α as formulas with their signs.

use crate::evidence::PrincipalSummary;
use crate::formula::Formula;
use crate::number::Coefficient;
use crate::series::Term;
use crate::tree::Notation;

/// A term of an abstract equation, and whether it is subtracted.
pub(crate) fn signed_term(term: &Term, notation: Notation) -> (bool, Formula) {
    let (negative, size) = term.coefficient.formula().signed();
    (negative, size.before(notation.formula(&term.tree)))
}

/// The terms of the series of α, with what is left out.
pub(crate) fn series(summary: &PrincipalSummary) -> Vec<(bool, Formula)> {
    let z = |p: usize| Formula::name("z").power(p as u64);
    let known = summary.series.iter().enumerate().filter(|(_, c)| !c.is_zero());
    let terms = known.map(|(p, c)| {
        let (negative, size) = c.formula().signed();
        (negative, if p == 0 { Formula::beside(vec![size]) } else { size.before(z(p)) })
    });
    terms.chain([(false, Formula::big_o(z(summary.series.len())))]).collect()
}
