//! What may be worth a name: subterms and products that stand in several places, and names with the numbers that stand beside them.

use super::formulas::Formulas;
use super::meaning::number;
use super::monomial::key;
use super::polish::name_of;
use super::tidy::opposite;
use crate::formula::{Formula, Node, reading_cost};
use crate::number::{Coefficient, Rational};
use rustc_hash::{FxHashMap, FxHashSet};

/// The most candidates of one kind, and the places that make a product of two worth trying.
const MAX_CANDIDATES: usize = 5;
const FEWEST: usize = 3;

/// A definition has `let`, its name and `=`.
const DEFINITION: usize = 3;

impl Formulas {
    /// Pairs of factors that stand together in some products, one a name of ours and none a derivative of the loss; the most frequent first.
    pub(super) fn pairs(&self) -> Vec<Formula> {
        let names: FxHashSet<String> = self.names().into_iter().collect();
        let mut counts = Counts::default();
        self.written().for_each(|formula| count_pairs(formula, &names, &mut counts));
        let all = counts.into_values().filter(|(_, count)| *count >= FEWEST);
        most(all.map(|(formula, count)| (count, formula)))
    }

    /// Sums, quotients, products and functions' values that stand in several places, those first that naming may save most of.
    pub(super) fn repeated(&self) -> Vec<Formula> {
        let mut counts = Counts::default();
        self.written_apart().for_each(|formula| _ = count_parts(formula, &mut counts));
        let saved = |(formula, count): (Formula, usize)| {
            let cost = reading_cost(&formula.to_string());
            let saved = ((cost - 1) * count).saturating_sub(cost + DEFINITION);
            (count > 1 && saved > 0).then_some((saved, formula))
        };
        most(counts.into_values().filter_map(saved))
    }

    /// Names with a number that is added to them in two places or more, the most frequent first.
    pub(super) fn offsets(&self) -> Vec<(String, Rational)> {
        let names: FxHashSet<&str> = self.lets.iter().map(|(name, _)| name.as_str()).collect();
        let mut counts: FxHashMap<(String, Rational), usize> = FxHashMap::default();
        self.written().for_each(|formula| count_offsets(formula, &names, &mut counts));
        let mut all: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
        all.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        all.into_iter().take(MAX_CANDIDATES).map(|(offset, _)| offset).collect()
    }

    /// The same with a name for what it stands for and a number more.
    pub(super) fn shifted(&self, name: &str, by: &Rational) -> Option<Self> {
        let mut all = self.clone();
        let at = all.lets.iter().position(|(known, _)| known == name)?;
        let value = all.lets[at].1.clone();
        let plus = |formula: Formula, number: Rational| {
            let mut terms = formula.terms();
            terms.push(number.formula().signed());
            Formula::sum(terms)
        };
        let instead = plus(Formula::name(name), -by);
        all.replace(&std::iter::once((name.to_owned(), instead)).collect());
        all.lets[at].1 = plus(value, by.clone());
        Some(all)
    }
}

/// Formulas by their texts, and how often each stands.
type Counts = FxHashMap<String, (Formula, usize)>;

fn most(all: impl Iterator<Item = (usize, Formula)>) -> Vec<Formula> {
    let mut all: Vec<(usize, String, Formula)> = all.map(|(n, formula)| (n, formula.to_string(), formula)).collect();
    all.sort_by(|(m, a, _), (n, b, _)| n.cmp(m).then_with(|| a.cmp(b)));
    all.into_iter().take(MAX_CANDIDATES).map(|(_, _, formula)| formula).collect()
}

/// The factors of a product that are names or entries of θ, without their powers.
fn count_pairs(formula: &Formula, names: &FxHashSet<String>, counts: &mut Counts) {
    if let Node::Product(factors) = formula.node() {
        let base = |factor: &'_ Formula| match factor.node() {
            Node::Power(base, exponent) if matches!(exponent.node(), Node::Number(_)) => base.clone(),
            _ => factor.clone(),
        };
        let short = |formula: &Formula| matches!(formula.node(), Node::Name(_) | Node::Entry(..));
        let bases: Vec<Formula> = factors.iter().map(base).filter(short).collect();
        let ours = |formula: &Formula| name_of(formula).is_some_and(|name| names.contains(name));
        for (k, a) in bases.iter().enumerate() {
            for b in bases[k + 1..].iter().filter(|b| ours(a) || ours(b)) {
                let ordered = if a.to_string() <= b.to_string() { [a, b] } else { [b, a] };
                let pair = Formula::product(ordered.map(Clone::clone).to_vec());
                counts.entry(key(&pair)).or_insert((pair, 0)).1 += 1;
            }
        }
    }
    formula.parts().into_iter().for_each(|part| count_pairs(part, names, counts));
}

/// Everything composed inside of a formula, a sum and its opposite as one; nothing with a derivative of the loss in it.
fn count_parts(formula: &Formula, counts: &mut Counts) -> bool {
    if matches!(formula.node(), Node::Letter(_) | Node::Partial(..) | Node::Contracted(..) | Node::Beside(_)) {
        return false;
    }
    let lettered = formula.parts().into_iter().filter(|part| !count_parts(part, counts)).count();
    let plain = lettered == 0;
    let composed = match formula.node() {
        Node::Sum { tight, .. } => !tight,
        Node::Product(_) | Node::Quotient(..) | Node::Call(..) => true,
        _ => false,
    };
    if plain && composed {
        let mut formula = formula.clone();
        if let Node::Sum { .. } = formula.node() {
            let opposite = opposite(&formula);
            if counts.contains_key(&key(&opposite)) {
                formula = opposite;
            }
        }
        counts.entry(key(&formula)).or_insert((formula, 0)).1 += 1;
    }
    plain
}

/// Sums with a name of ours, or its opposite, and a number among their terms.
fn count_offsets(formula: &Formula, names: &FxHashSet<&str>, counts: &mut FxHashMap<(String, Rational), usize>) {
    if let Node::Sum { terms, tight: false } = formula.node() {
        let numbers = terms.iter().filter_map(|(minus, term)| number(term).map(|q| if *minus { -q } else { q }));
        for number in numbers {
            for (minus, term) in terms {
                if let Some(name) = name_of(term).filter(|name| names.contains(name)) {
                    let by = if *minus { -number.clone() } else { number.clone() };
                    *counts.entry((name.to_owned(), by)).or_default() += 1;
                }
            }
        }
    }
    formula.parts().into_iter().for_each(|part| count_offsets(part, names, counts));
}

#[cfg(test)]
mod tests {
    use super::super::polish::tests::formulas;
    use super::*;

    fn name(name: &str) -> Formula {
        Formula::name(name)
    }

    fn plus(terms: &[Formula]) -> Formula {
        Formula::sum(terms.iter().map(|term| term.signed()).collect())
    }

    fn times(factors: &[Formula]) -> Formula {
        Formula::product(factors.to_vec())
    }

    fn texts(all: &[Formula]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pairs_with_a_name_of_ours_that_stand_often() {
        let (x, y, z, s) = (name("x"), name("y"), name("z"), name("s1"));
        let often = plus(&[
            times(&[s.clone(), y.clone()]),
            times(&[y.clone(), s.clone().power(2), z.clone()]),
            times(&[Formula::natural(3), s.clone(), y.clone().power(2)]),
        ]);
        let all = formulas(&[("s1", x.clone().power(2))], often);
        assert_eq!(texts(&all.pairs()), ["s1*y"]);
        // Two inputs are no pair, and once is too seldom.
        let all = formulas(&[("s1", x.power(2))], plus(&[times(&[y.clone(), z.clone()]), times(&[s, z, y])]));
        assert!(texts(&all.pairs()).iter().all(|pair| pair != "y*z" && pair != "s1*y"));
    }

    #[test]
    fn subterms_that_stand_in_several_places() {
        let (x, y, z) = (name("x"), name("y"), name("z"));
        let sum = plus(&[x.clone(), times(&[y.clone(), z.clone()])]);
        let opposite = plus(&[times(&[y.clone(), z.clone()]).negated(), x.clone().negated()]);
        let call = |formula: &Formula| Formula::call("sin", vec![formula.clone()]);
        let all = formulas(&[], times(&[call(&sum), sum.clone().power(2), Formula::call("cos", vec![opposite])]));
        assert_eq!(texts(&all.repeated())[0], "x + y*z");
        // What holds a derivative of the loss is named already.
        let lettered = plus(&[Formula::partial(vec![x.clone()], true), y]);
        assert!(formulas(&[], times(&[call(&lettered), lettered])).repeated().is_empty());
    }

    #[test]
    fn numbers_beside_a_name_move_into_it() {
        let (x, y, s) = (name("x"), name("y"), name("s1"));
        let one = Formula::natural(1);
        let shifted = plus(&[s.clone(), one.negated()]);
        let product = times(&[shifted.clone(), y, shifted.power(3)]);
        let all = formulas(&[("s1", x.clone().power(2))], product);
        assert_eq!(all.offsets(), [("s1".to_owned(), Rational::MINUS_ONE)]);
        let moved = all.shifted("s1", &Rational::MINUS_ONE).unwrap();
        assert_eq!(moved.lets[0].1.to_string(), "x^2 - 1");
        assert_eq!(moved.settled(&[]).orders[0].components[0].to_string(), "(x^2 - 1)^4*y");
    }
}
