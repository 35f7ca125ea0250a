//! Irreducible factors of primitive polynomials in several variables: large numbers for all variables but one, the factors of what is
//! left, and their coefficients read as digits.
//!
//! A factor `g` of `f` in `x, y_1, …` is one of `f(x, B, B^k, …)` up to a number, so that its multiple with the leading coefficient of `f`
//! is found among the products of irreducible factors in one variable; with `B` above every coefficient of it the digits to the base
//! `B` are its coefficients in the `y_i`. That each factor divides is seen by dividing; that the products of few were all tried says that
//! there are no others.

use super::division::{degrees, divided_out, primitive};
use super::parts::{Factor, Split, remembered};
use super::univariate::{self, Whole};
use crate::budget::tick;
use crate::expr::Polynomial;
use crate::number::Rational;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

/// The most terms of a polynomial that is taken apart.
const MAX_TERMS: usize = 600;

/// The most bits of the number that stands for all variables but one.
const MAX_BITS: u64 = 8_000;

/// The most irreducible factors in one variable whose products are tried.
const MAX_IMAGES: usize = 10;

/// Small numbers that stand for variables where irreducibility is seen already.
const SMALL: [[i64; 6]; 2] = [[3, -2, 5, 7, -4, 11], [-5, 9, 2, -7, 13, 6]];

/// The factors of a primitive polynomial that no variable divides.
pub(super) fn split(f: &Polynomial) -> Split {
    tick();
    if f.as_constant().is_some() {
        return Split { factors: Vec::new(), complete: true };
    }
    if f.len() > MAX_TERMS {
        return Split { factors: vec![(f.clone(), 1)], complete: false };
    }
    let degrees = degrees(f);
    let used: Vec<usize> = (0..f.variables()).filter(|k| degrees[*k] > 0).collect();
    remembered(f, &used, taken_apart)
}

/// The factors of a primitive polynomial in all of its variables, none of which divides it.
fn taken_apart(f: &Polynomial) -> Split {
    let degrees = degrees(f);
    if f.variables() == 1 {
        return match univariate::factors(&image(f, 0, |_| BigInt::one())) {
            Some(found) => {
                let factors = found.into_iter().map(|(g, power)| (of_one(&g), power));
                Split { factors: factors.collect(), complete: true }
            }
            None => Split { factors: vec![(f.clone(), 1)], complete: false },
        };
    }
    let main = main_variable(f, &degrees);
    let lead = leading(f, main);
    // What does not depend on the main variable divides its leading coefficient.
    let mut rest = f.clone();
    let mut result = Split { factors: Vec::new(), complete: true };
    let of_lead = split_whole(&lead);
    for (factor, _) in &of_lead.factors {
        let (left, power) = divided_out(rest, factor);
        rest = left;
        if power > 0 {
            result.factors.push((factor.clone(), power));
        }
    }
    result.complete = of_lead.complete;
    let rest = primitive(&rest);
    if degrees[main] == 1 || is_irreducible(&rest, main) {
        result.factors.push((rest, 1));
        return result;
    }
    let found = by_digits(&rest, main).unwrap_or_else(|| Split { factors: vec![(rest, 1)], complete: false });
    result.complete &= found.complete;
    result.factors.extend(found.factors);
    result
}

/// The factors of any polynomial but zero up to a number, its variables among them.
fn split_whole(f: &Polynomial) -> Split {
    let (variables, rest) = super::without_variables(f);
    let mut split = split(&primitive(&rest));
    split.factors.extend(variables);
    split
}

/// The variable with the least work: one of degree one, or with the fewest digits for the others.
fn main_variable(f: &Polynomial, degrees: &[u32]) -> usize {
    let work = |k: usize| {
        if degrees[k] == 1 {
            return (0, leading(f, k).len() as u64);
        }
        let digits = places(f, k, degrees).iter().fold(1_u64, |n, d| n.saturating_mul(u64::from(*d) + 1));
        (1, digits.saturating_mul(u64::from(degrees[k])))
    };
    (0..f.variables()).min_by_key(|k| (work(*k), *k)).unwrap_or(0)
}

/// The leading coefficient in a variable.
fn leading(f: &Polynomial, main: usize) -> Polynomial {
    let most = f.terms().map(|(e, _)| e[main]).max().unwrap_or(0);
    let terms = f.terms().filter(|(e, _)| e[main] == most).map(|(e, c)| {
        let mut e = e.to_vec();
        e[main] = 0;
        (e, c.clone())
    });
    Polynomial::from_terms(f.variables(), terms)
}

/// The largest exponent of every other variable in a factor times the leading coefficient.
fn places(f: &Polynomial, main: usize, degrees: &[u32]) -> Vec<u32> {
    let lead = self::degrees(&leading(f, main));
    (0..f.variables()).map(|k| if k == main { 0 } else { degrees[k].saturating_add(lead[k]) }).collect()
}

/// The polynomial in one variable in which the others are numbers: `value` is that of their powers.
fn image(f: &Polynomial, variable: usize, value: impl Fn(&[u32]) -> BigInt) -> Whole {
    let degree = f.terms().map(|(e, _)| e[variable]).max().unwrap_or(0);
    let mut coefficients = vec![BigInt::ZERO; degree as usize + 1];
    for (e, c) in f.terms() {
        coefficients[e[variable] as usize] += c.numerator() * value(e);
    }
    coefficients
}

/// The polynomial in one variable with these coefficients.
fn of_one(g: &[BigInt]) -> Polynomial {
    Polynomial::from_terms(1, (0_u32..).zip(g).map(|(k, c)| ([k], Rational::from(c.clone()))))
}

/// Whether small numbers for the other variables leave something irreducible of the same degree, as they leave of no product of
/// polynomials that all depend on the main variable.
fn is_irreducible(f: &Polynomial, main: usize) -> bool {
    SMALL.iter().any(|small| {
        let value = |e: &[u32]| {
            e.iter().enumerate().filter(|(k, _)| *k != main).fold(BigInt::one(), |product, (k, e)| {
                let base = small[k % small.len()] + i64::try_from(k / small.len()).unwrap_or(0);
                product * BigInt::from(base).pow(*e)
            })
        };
        let image = image(f, main, value);
        if image.last().is_none_or(Zero::is_zero) {
            return false;
        }
        let found = univariate::factors(&univariate::primitive(image));
        found.is_some_and(|factors| matches!(factors[..], [(_, 1)]))
    })
}

/// Large numbers that stand for all variables but one.
struct Digits {
    main: usize,
    /// The number of each variable's first power, as an exponent of the base, and one more than the largest exponent.
    places: Vec<(u32, u32)>,
    base: BigInt,
    powers: Vec<BigInt>,
}

impl Digits {
    /// `None` where the numbers are too long.
    fn new(f: &Polynomial, main: usize) -> Option<Self> {
        let degrees = degrees(f);
        let height = f.terms().map(|(_, c)| c.numerator().bits()).max().unwrap_or(0);
        // Gelfond: the heights of two factors multiply to at most 2^(sum of degrees) times that of the product. Once more for the
        // number of terms in the product with the leading coefficient.
        let bits = 2 * height + 2 * degrees.iter().map(|d| u64::from(*d)).sum::<u64>() + 4;
        let mut count = 1_u32;
        let mut strides = Vec::with_capacity(f.variables());
        for most in places(f, main, &degrees) {
            strides.push((count, most + 1));
            count = count.checked_mul(most + 1)?;
            if u64::from(count).saturating_mul(bits) > MAX_BITS {
                return None;
            }
        }
        // No power of another number, in which powers of variables would split.
        let base = (BigInt::one() << bits) + 1_000_003;
        let mut powers = vec![BigInt::one()];
        for _ in 1..count {
            tick();
            powers.push(&powers[powers.len() - 1] * &base);
        }
        Some(Self { main, places: strides, base, powers })
    }

    fn value(&self, exponents: &[u32]) -> BigInt {
        let places = exponents.iter().zip(&self.places).enumerate().filter(|(k, _)| *k != self.main);
        let place: u32 = places.map(|(_, (e, (stride, _)))| e * stride).sum();
        self.powers[place as usize].clone()
    }

    /// The polynomial whose image this is, by digits from `−B/2` to `B/2`; `None` if there are more than places.
    fn read(&self, image: &[BigInt]) -> Option<Polynomial> {
        let half = &self.base / 2;
        let mut terms = Vec::new();
        for (degree, c) in (0_u32..).zip(image) {
            let mut rest = c.clone();
            let mut place = 0_u32;
            while !rest.is_zero() {
                if place as usize >= self.powers.len() {
                    return None;
                }
                let mut digit = rest.mod_floor(&self.base);
                if digit > half {
                    digit -= &self.base;
                }
                rest = (rest - &digit) / &self.base;
                if !digit.is_zero() {
                    let mut e: Vec<u32> = self.places.iter().map(|(stride, radix)| place / stride % radix).collect();
                    e[self.main] = degree;
                    terms.push((e, Rational::from(digit)));
                }
                place += 1;
            }
        }
        Some(Polynomial::from_terms(self.places.len(), terms))
    }
}

/// The factors of a polynomial all of whose factors depend on the main variable; `None` where that takes too long.
fn by_digits(f: &Polynomial, main: usize) -> Option<Split> {
    let digits = Digits::new(f, main)?;
    let lead = leading(f, main);
    let of_lead = split_whole(&lead);
    let lead = image(&lead, main, |e| digits.value(e)).swap_remove(0);
    let image = image(f, main, |e| digits.value(e));
    let mut images: Vec<(Whole, u32)> = univariate::factors(&univariate::primitive(image))?;
    let mut rest = f.clone();
    let mut factors: Vec<Factor> = Vec::new();
    let mut size = 1_usize;
    let count = |images: &[(Whole, u32)]| images.iter().map(|(_, power)| *power as usize).sum::<usize>();
    // One of two factors has at most half of the images.
    while 2 * size <= count(&images) {
        if count(&images) > MAX_IMAGES {
            return (!factors.is_empty()).then(|| {
                factors.push((primitive(&rest), 1));
                Split { factors, complete: false }
            });
        }
        let found = subsets(&images, size).into_iter().find_map(|chosen| {
            tick();
            let product = images.iter().zip(&chosen).fold(vec![BigInt::one()], |product, ((g, _), count)| {
                (0..*count).fold(product, |product, _| univariate::times(&product, g))
            });
            let (scale, left) = lead.div_rem(product.last()?);
            if !left.is_zero() {
                return None;
            }
            let candidate = digits.read(&product.iter().map(|c| c * &scale).collect::<Vec<_>>())?;
            let candidate = of_lead.factors.iter().fold(candidate, |p, (factor, _)| divided_out(p, factor).0);
            let candidate = primitive(&candidate);
            let (left, power) = divided_out(rest.clone(), &candidate);
            (power > 0 && candidate.degree() > 0).then_some((candidate, left, power, chosen))
        });
        let Some((candidate, left, power, chosen)) = found else {
            size += 1;
            continue;
        };
        factors.push((candidate, power));
        rest = left;
        for ((_, known), used) in images.iter_mut().zip(&chosen) {
            *known = known.saturating_sub(used * power);
        }
        images.retain(|(_, power)| *power > 0);
    }
    if rest.degree() > 0 {
        factors.push((primitive(&rest), 1));
    }
    Some(Split { factors, complete: of_lead.complete })
}

/// How often each image is taken, for all choices of so many with repetitions up to their powers.
fn subsets(images: &[(Whole, u32)], size: usize) -> Vec<Vec<u32>> {
    let mut open: Vec<(Vec<u32>, usize)> = vec![(Vec::new(), size)];
    for (_, power) in images {
        let mut next = Vec::new();
        for (chosen, left) in open {
            for count in 0..=(*power).min(u32::try_from(left).unwrap_or(u32::MAX)) {
                let mut longer = chosen.clone();
                longer.push(count);
                next.push((longer, left - count as usize));
            }
        }
        open = next;
    }
    open.into_iter().filter(|(_, left)| *left == 0).map(|(chosen, _)| chosen).collect()
}
