//! Collected expressions without the functions that none of them reads.

use super::parts::renamed;
use super::{Atom, Collected, RationalFunction};
use crate::expr::Polynomial;

impl Collected {
    /// Over the atoms that are read, directly or by others; the inputs come first.
    pub(super) fn compact(self, variables: usize, inputs: usize) -> Self {
        let mut read = vec![false; self.atoms.len()];
        let mark = |p: &Polynomial, read: &mut Vec<bool>| {
            for (e, _) in p.terms() {
                for (k, read) in read.iter_mut().enumerate() {
                    *read |= e[inputs + k] > 0;
                }
            }
        };
        let mark_function = |f: &RationalFunction, read: &mut Vec<bool>| {
            mark(f.numerator(), read);
            f.denominator().iter().for_each(|(factor, _)| mark(factor, read));
        };
        self.functions.iter().for_each(|f| mark_function(f, &mut read));
        self.poles.iter().flatten().for_each(|p| mark(p, &mut read));
        // Whatever those are made of is read too, however deep it lies.
        let mut followed = vec![false; self.atoms.len()];
        while let Some(k) = (0..self.atoms.len()).rev().find(|k| read[*k] && !followed[*k]) {
            followed[k] = true;
            self.atoms[k].arguments().into_iter().for_each(|f| mark_function(f, &mut read));
            self.own[k].iter().for_each(|p| mark(p, &mut read));
        }
        let mut places: Vec<Option<usize>> = (0..variables).map(|k| (k < inputs).then_some(k)).collect();
        let mut count = inputs;
        for (k, _) in read.iter().enumerate().filter(|(_, read)| **read) {
            places[inputs + k] = Some(count);
            count += 1;
        }
        let (relations, sums) = self.relations_renamed(&places, count);
        let kept = |k: &usize| read[*k];
        let of = |p: &Vec<Polynomial>| p.iter().map(|p| renamed(p, &places, count)).collect::<Vec<_>>();
        Self {
            functions: self.functions.iter().map(|f| f.renamed(&places, count)).collect(),
            atoms: (0..self.atoms.len()).filter(kept).map(|k| self.atoms[k].renamed(&places, count)).collect(),
            poles: self.poles.iter().map(of).collect(),
            own: (0..self.atoms.len()).filter(kept).map(|k| of(&self.own[k])).collect(),
            relations,
            sums,
        }
    }
}

impl Atom {
    /// What it is a function of.
    pub(in crate::expr) fn arguments(&self) -> Vec<&RationalFunction> {
        match self {
            Self::Pi => Vec::new(),
            Self::Call(_, argument) | Self::Root(argument, _) => vec![argument],
            Self::LogSumExp(terms) => terms.iter().collect(),
        }
    }

    fn renamed(&self, places: &[Option<usize>], variables: usize) -> Self {
        let of = |f: &RationalFunction| f.renamed(places, variables);
        match self {
            Self::Pi => Self::Pi,
            Self::Call(function, argument) => Self::Call(*function, of(argument)),
            Self::Root(base, exponent) => Self::Root(of(base), exponent.clone()),
            Self::LogSumExp(terms) => Self::LogSumExp(terms.iter().map(of).collect()),
        }
    }
}
