//! Components as products: quotients of polynomials in parameters, constants and functions, in factors, with names for what repeats.

use crate::concrete::NoDerivatives;
use crate::expr::SHORTEST_NAMED as SHORTEST;
use crate::expr::{Atom, Collected, Factored, Polynomial, Pool, RationalFunction};
use crate::formula::{Formula, reading_cost};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// The most to read that names are found for: each is tried by writing all.
const MAX_READ: usize = 8_000;

/// The most to read that is written in all while names are found.
const MAX_WRITTEN: usize = 1_000_000;

/// A number and factors of some numerator.
#[derive(Debug, Clone)]
struct Above {
    content: Rational,
    factors: Vec<(Polynomial, u32)>,
}

/// A quotient in factors.
#[derive(Debug, Clone)]
struct Product {
    /// The numerator in all its factors.
    whole: Above,
    /// The same with those sums multiplied out that are shorter then, if there are any and such are asked for.
    short: Option<Above>,
    /// The factors of the denominator.
    below: Vec<(Polynomial, u32)>,
}

impl Product {
    fn sums(&self) -> impl Iterator<Item = &Polynomial> {
        let above = self.whole.factors.iter().chain(self.short.iter().flat_map(|short| &short.factors));
        above.chain(&self.below).map(|(factor, _)| factor).filter(|f| f.len() > 1)
    }
}

/// What repeats in some products: a function that counts as a variable, or a sum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Atom(usize),
    Sum(Vec<(Vec<u32>, Rational)>),
}

fn sum_key(polynomial: &Polynomial) -> Part {
    Part::Sum(polynomial.terms().map(|(e, c)| (e.to_vec(), c.clone())).collect())
}

/// Some quotients as they are written, in one order with their definitions.
pub(super) struct Written {
    pub(super) lets: Vec<(String, Formula)>,
    pub(super) formulas: Vec<Formula>,
}

/// Writes collected expressions in all their factors, which are given, or with those multiplied out that are `shorter` then. Functions and sums that stand often
/// get names, where those are less to read.
pub(super) fn written(
    collected: &Collected,
    factors: &[Factored],
    pool: &Pool,
    reserved: &[String],
    shorter: bool,
) -> Result<Written, NoDerivatives> {
    let plain = collected.variables(pool);
    let cost: Vec<u64> = plain.iter().map(|f| reading_cost(&f.to_string()) as u64).collect();
    let products = collected.functions.iter().zip(factors);
    let products: Vec<Product> = products.map(|(f, own)| product(f, own, shorter.then_some(&*cost))).collect();
    let mut writer = Writer {
        collected,
        arguments: collected.atoms.iter().map(Atom::factored).collect(),
        inputs: Collected::formulas_of_inputs(pool),
        names: FxHashMap::default(),
    };
    let read = writer.cost(&products, &[]);
    if read > MAX_READ {
        return Err(NoDerivatives::Factors);
    }
    let mut sums: Vec<Part> = Vec::new();
    let mut seen: FxHashSet<Part> = FxHashSet::default();
    for key in products.iter().flat_map(Product::sums).map(sum_key) {
        if seen.insert(key.clone()) {
            sums.push(key);
        }
    }
    let mut free = pool.free_names(reserved).peekable();
    let mut lets = Vec::new();
    if read * (collected.atoms.len() + sums.len()) > MAX_WRITTEN {
        return Err(NoDerivatives::Factors);
    }
    // Atoms first, of which sums are made: each is named by what it saves as all else stands.
    for k in 0..collected.atoms.len() {
        let part = Part::Atom(k);
        writer.consider(part, &products, &mut free, &mut lets);
    }
    for part in sums {
        writer.consider(part, &products, &mut free, &mut lets);
    }
    let variables = writer.variables();
    let formulas = products.iter().map(|p| writer.formula(p, &variables)).collect();
    Ok(Written { lets, formulas })
}

fn product(function: &RationalFunction, factored: &Factored, cost: Option<&[u64]>) -> Product {
    let above = |f: Factored| Above { content: f.content, factors: f.factors };
    let short = cost.map(|cost| above(factored.shortened(cost)));
    Product { whole: above(factored.clone()), short, below: function.denominator().to_vec() }
}

struct Writer<'a> {
    collected: &'a Collected,
    /// The numerators of every atom's arguments.
    arguments: Vec<Vec<Factored>>,
    /// The formulas of the variables that are no atoms.
    inputs: Vec<Formula>,
    names: FxHashMap<Part, Formula>,
}

impl Writer<'_> {
    /// The formulas of all variables, atoms by their names where they have any.
    fn variables(&self) -> Vec<Formula> {
        let mut variables = self.inputs.clone();
        let count = variables.len();
        // Those that no atom has are read nowhere.
        variables.resize(count + self.collected.atoms.len(), Formula::natural(0));
        for (k, atom) in self.collected.atoms.iter().enumerate() {
            variables[count + k] = match self.names.get(&Part::Atom(k)) {
                Some(name) => name.clone(),
                None => atom.formula_of(&self.arguments[k], &variables),
            };
        }
        variables
    }

    fn sum(&self, polynomial: &Polynomial, variables: &[Formula]) -> Formula {
        match self.names.get(&sum_key(polynomial)) {
            Some(name) => name.clone(),
            None => polynomial.formula(variables),
        }
    }

    fn formula(&self, product: &Product, variables: &[Formula]) -> Formula {
        let whole = self.quotient(&product.whole, &product.below, variables);
        let short = product.short.as_ref().map(|short| self.quotient(short, &product.below, variables));
        let cost = |formula: &Formula| reading_cost(&formula.to_string());
        match short {
            Some(short) if cost(&short) < cost(&whole) => short,
            _ => whole,
        }
    }

    fn quotient(&self, above: &Above, below: &[(Polynomial, u32)], variables: &[Formula]) -> Formula {
        let Above { content, factors } = above;
        if content.is_zero() {
            return Formula::natural(0);
        }
        // The lone sum of a polynomial takes a sign into its terms.
        if let ([(only, 1)], [], true) = (&**factors, below, content.abs().is_one())
            && !self.names.contains_key(&sum_key(only))
        {
            return only.scaled(content).formula(variables);
        }
        let power = |(base, power): &(Polynomial, u32)| self.sum(base, variables).power(u64::from(*power));
        let whole = |n: num_bigint::BigInt| (n != 1.into()).then(|| Formula::digits(n.to_string()));
        let above = whole(content.abs().numerator()).into_iter().chain(factors.iter().map(power));
        let below: Vec<Formula> = whole(content.denominator()).into_iter().chain(below.iter().map(power)).collect();
        let above = Formula::product(above.collect());
        let size = if below.is_empty() { above } else { above.over(Formula::product(below)) };
        (content.is_negative(), size).into()
    }

    /// What there is to read of all products, and of these definitions.
    fn cost(&self, products: &[Product], lets: &[(String, Formula)]) -> usize {
        let variables = self.variables();
        let formulas = products.iter().map(|p| self.formula(p, &variables));
        let own: usize = formulas.map(|f| reading_cost(&f.to_string())).sum();
        own + lets.iter().map(|(_, value)| reading_cost(&value.to_string()) + 3).sum::<usize>()
    }

    /// Names a part if that is less to read.
    fn consider(
        &mut self,
        part: Part,
        products: &[Product],
        free: &mut std::iter::Peekable<impl Iterator<Item = String>>,
        lets: &mut Vec<(String, Formula)>,
    ) {
        let variables = self.variables();
        let value = match &part {
            Part::Atom(k) => self.collected.atoms[*k].formula_of(&self.arguments[*k], &variables),
            Part::Sum(terms) => Polynomial::from_terms(variables.len(), terms.iter().cloned()).formula(&variables),
        };
        if reading_cost(&value.to_string()) < SHORTEST {
            return;
        }
        let before = self.cost(products, lets);
        let Some(name) = free.peek().cloned() else { return };
        self.names.insert(part.clone(), Formula::name(&name));
        lets.push((name, value));
        if self.cost(products, lets) < before {
            free.next();
        } else {
            self.names.remove(&part);
            lets.pop();
        }
    }
}
