//! Expressions as quotients of polynomials in their inputs and in the functions that occur in them.

use super::collector::{Units, collect};
use super::relations::Choice;
use super::{Atom, Collected, RationalFunction};
use crate::expr::{Function, Id, NotPolynomial, Polynomial, Pool, Tape};
use crate::formula::{Formula, reading_cost};

impl Collected {
    /// Collects scalar expressions, every polynomial on the way within `max_terms` terms.
    ///
    /// Identities are used where they make fewer variables: `exp(2*x)` is the square of `exp(x)`, `sigmoid(-x)` is `1 - sigmoid(x)`, roots
    /// to their powers are what is under them, and sine, cosine and tangent of one argument, also the hyperbolic ones, are two of the three:
    /// those that are the least to read.
    ///
    /// # Errors
    /// [`NotPolynomial`] beyond the limit, for products that take too long, and for expressions that read a direction.
    pub fn new(pool: &Pool, roots: &[Id], max_terms: usize) -> Result<Self, NotPolynomial> {
        let all = Self::all(pool, roots, max_terms)?;
        let least = all.into_iter().min_by_key(|collected| collected.cost(pool));
        Ok(least.unwrap_or_else(|| Vec::new().into()))
    }

    /// The expressions in each choice of functions.
    ///
    /// # Errors
    /// As [`Collected::new`], where no choice succeeds.
    pub(crate) fn all(pool: &Pool, roots: &[Id], max_terms: usize) -> Result<Vec<Self>, NotPolynomial> {
        let tape = Tape::new(pool, roots).balanced();
        let found = Choice::of(&tape).into_iter().map(|choice| {
            let mut units = Units::default();
            let first = collect(pool, &tape, choice, &mut units, max_terms)?;
            // Once more, where what is seen only then says what all exponentials are powers of.
            if units.settle() { collect(pool, &tape, choice, &mut units, max_terms) } else { Ok(first) }
        });
        let (found, failed): (Vec<_>, Vec<_>) = found.partition(Result::is_ok);
        match failed.into_iter().find_map(Result::err) {
            Some(failure) if found.is_empty() => Err(failure),
            _ => Ok(found.into_iter().flatten().collect()),
        }
    }

    /// About what there is to read.
    fn cost(&self, pool: &Pool) -> u64 {
        let variables = self.variables(pool);
        let cost = self.costs(pool);
        let functions = self.functions.iter().zip(self.factored()).map(|(f, factored)| {
            let short = f.formula_of(&factored.shortened(&cost), &variables);
            reading_cost(&short.to_string()) as u64
        });
        functions.sum()
    }

    /// What there is to read of every variable, at most what a name and its share of a definition take.
    pub(in crate::expr) fn costs(&self, pool: &Pool) -> Vec<u64> {
        let text = |f: &Formula| (reading_cost(&f.to_string()) as u64).clamp(1, 3);
        self.variables(pool).iter().map(text).collect()
    }

    /// The polynomials by which an expression divides and its function does not, and the other way round: unless they vanish nowhere, both exist
    /// at different points. What is under a root or a logarithm counts too.
    pub(in crate::expr) fn changed_poles(&self, k: usize) -> Vec<Polynomial> {
        let function = &self.functions[k];
        let inputs = function.variables() - self.atoms.len();
        let mut now: Vec<&Polynomial> = function.denominator().iter().map(|(factor, _)| factor).collect();
        let read = |p: &Polynomial| -> Vec<usize> {
            (0..self.atoms.len()).filter(|at| p.terms().any(|(e, _)| e[inputs + at] > 0)).collect()
        };
        let polynomials = || std::iter::once(function.numerator()).chain(function.denominator().iter().map(|(f, _)| f));
        for at in polynomials().flat_map(read) {
            now.extend(&self.own[at]);
        }
        let now: Vec<Polynomial> = now.into_iter().flat_map(|p| self.under_roots(p)).collect();
        let before: Vec<Polynomial> = self.poles[k].iter().flat_map(|p| self.under_roots(p)).collect();
        let gone = before.iter().filter(|p| !now.contains(p));
        gone.chain(now.iter().filter(|p| !before.contains(p))).cloned().collect()
    }

    /// Where the first expression has no value, or has none beyond: what it divides by and takes logarithms of, and what is under a root and changes
    /// its sign.
    pub(crate) fn edges(&self) -> Vec<Polynomial> {
        let (mut edges, mut kinks) = (Vec::new(), Vec::new());
        for atom in &self.atoms {
            let Atom::Root(base, _) = atom else { continue };
            let inputs = base.variables() - self.atoms.len();
            // Linear in an input, and in nothing but inputs.
            let turns = |p: &Polynomial| {
                let most = super::division::degrees(p);
                most[..inputs].contains(&1) && most[inputs..].iter().all(|e| *e == 0)
            };
            for (factor, power) in base.factored(&[]).factors {
                if power % 2 == 1 && turns(&factor) {
                    edges.push(factor.clone());
                }
                kinks.push(factor);
            }
        }
        for p in self.poles.first().into_iter().flatten() {
            let roots = self.under_roots(p);
            if roots.len() > 1 || roots[..] != [p.clone()] || !kinks.contains(p) {
                edges.extend(roots);
            }
        }
        edges
    }

    /// A root vanishes where one of the factors does of what is under it, and so does an absolute value.
    fn under_roots(&self, p: &Polynomial) -> Vec<Polynomial> {
        let inputs = p.variables() - self.atoms.len();
        let own = |k: usize| *p == Polynomial::variable(p.variables(), inputs + k);
        match (0..self.atoms.len()).find(|k| own(*k)).map(|k| &self.atoms[k]) {
            Some(Atom::Root(base, _) | Atom::Call(Function::Abs, base)) => {
                base.factored(&[]).factors.into_iter().map(|(factor, _)| factor).collect()
            }
            _ => p.factored().factors.into_iter().map(|(factor, _)| factor).collect(),
        }
    }

    /// The formulas of all variables: those of θ and the symbols, then the atoms, in each of which earlier ones are written out.
    ///
    /// Whoever names an atom puts its name at its place.
    #[must_use]
    pub fn variables(&self, pool: &Pool) -> Vec<Formula> {
        let mut variables = Self::formulas_of_inputs(pool);
        let count = self.functions.first().map_or(variables.len(), RationalFunction::variables);
        // Those that no atom has are read nowhere.
        let inputs = variables.len();
        variables.resize(count.max(inputs), Formula::natural(0));
        for (k, atom) in self.atoms.iter().enumerate() {
            variables[inputs + k] = atom.formula(&variables);
        }
        variables
    }

    /// The formulas of the entries of θ and the symbols.
    pub(crate) fn formulas_of_inputs(pool: &Pool) -> Vec<Formula> {
        pool.theta_formulas().into_iter().chain(pool.symbols().iter().map(Formula::name)).collect()
    }

    /// The expressions in factors, numerators and denominators.
    #[must_use]
    pub fn formulas(&self, pool: &Pool) -> Vec<Formula> {
        let variables = self.variables(pool);
        self.functions.iter().map(|f| f.formula(&variables)).collect()
    }
}
