//! Functions of neural networks that the other functions compose.

use super::{Function, Id, Node, Pool};
use crate::number::Rational;
use rustc_hash::FxHashSet;

/// A function of one scalar, applied elementwise to arrays, that is written in the others.
///
/// It is no operation of its own: every route, exact or not, real or complex, has it by its parts, and it is printed as these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Activation {
    /// `relu(x) + expm1(x - relu(x))`: `x` above 0, `exp(x) − 1` elsewhere.
    ///
    /// Its first derivative is continuous and is 1 at 0; the second jumps there from 1 to 0, and counts as 1 at 0. Results are flagged for its `relu`.
    Elu,
    /// `x·sigmoid(x)`, also called swish.
    Silu,
    /// `x·(1 + erf(x/√2))/2`: `x` times the probability that a standard normal number is below it; not its approximation by tanh.
    Gelu,
}

impl Activation {
    /// Every one, in the order of the language's reference.
    pub const ALL: [Activation; 3] = [Activation::Elu, Activation::Silu, Activation::Gelu];

    /// The name in the loss language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Activation::Elu => "elu",
            Activation::Silu => "silu",
            Activation::Gelu => "gelu",
        }
    }
}

/// A function without derivatives everywhere that an expression uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nonsmooth {
    /// One of the loss language.
    Function(Function),
    /// `relu`, only ever as a part of an [`Activation::Elu`], whose first derivative is continuous.
    Elu,
    /// One of the loss language, only ever to powers of it: `relu(x)^3`.
    Power {
        /// The function.
        function: Function,
        /// How many derivatives are continuous: 2 in the example.
        derivatives: u32,
    },
    /// `abs`, as the root of a square: `(x^2)^(3/2)` is `abs(x)^3`.
    Root {
        /// How many derivatives are continuous: 2 in the example.
        derivatives: u32,
    },
}

impl From<Function> for Nonsmooth {
    fn from(function: Function) -> Self {
        Self::Function(function)
    }
}

impl Nonsmooth {
    /// The function.
    #[must_use]
    pub fn function(self) -> Function {
        match self {
            Self::Function(function) | Self::Power { function, .. } => function,
            Self::Elu => Function::Relu,
            Self::Root { .. } => Function::Abs,
        }
    }

    /// How many derivatives are continuous.
    #[must_use]
    pub fn derivatives(self) -> u32 {
        match self {
            Self::Function(_) => 0,
            Self::Elu => 1,
            Self::Power { derivatives, .. } | Self::Root { derivatives } => derivatives,
        }
    }

    /// The name in the loss language.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self == Self::Elu { Activation::Elu.name() } else { self.function().name() }
    }

    /// What it is not, as a sentence without an end: "`relu` is not smooth".
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Function(function) => format!("`{}` is not smooth", function.name()),
            Self::Power { function, derivatives } => {
                format!(
                    "`{}` to the power {} has no continuous derivatives beyond order {derivatives}",
                    function.name(),
                    derivatives + 1
                )
            }
            Self::Elu => "the second derivative of `elu` jumps".to_owned(),
            Self::Root { .. } => "the root of a square is `abs`, which is not smooth".to_owned(),
        }
    }
}

impl Pool {
    /// Whether some applications of `relu` are all parts of an [`Activation::Elu`] among these expressions.
    pub(super) fn are_of_elu(&self, relus: &[Id], ids: &[Id]) -> bool {
        let mut pool = self.clone();
        let exponents: FxHashSet<Id> = ids
            .iter()
            .filter_map(|id| match self.node(*id) {
                Node::Apply(Function::Expm1, below) => Some(*below),
                _ => None,
            })
            .collect();
        relus.iter().all(|relu| match *self.node(*relu) {
            Node::Apply(Function::Relu, a) => exponents.contains(&pool.sub(a, *relu)),
            _ => false,
        })
    }

    /// How many derivatives powers of these values of `abs` or `relu` have at least, where only those stand among all expressions; `None` where they
    /// have all.
    pub(super) fn derivatives_of_powers(
        &self,
        function: Function,
        places: &[Id],
        ids: &[Id],
        roots: &[Id],
    ) -> Option<Option<u32>> {
        if !matches!(function, Function::Abs | Function::Relu) || places.iter().any(|place| roots.contains(place)) {
            return None;
        }
        let mut least: Option<u32> = None;
        for id in ids {
            if !self.children(*id).iter().any(|child| places.contains(child)) {
                continue;
            }
            let Node::Pow(_, exponent) = self.node(*id) else { return None };
            let power = exponent.to_i64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 1)?;
            // An even power of `abs` is one of its argument.
            if function == Function::Relu || power % 2 == 1 {
                least = Some(least.map_or(power - 1, |least| least.min(power - 1)));
            }
        }
        Some(least)
    }

    /// An activation, elementwise.
    ///
    /// ```
    /// use shadowflow::expr::{Activation, Function, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let z = pool.declare_parameter("z", Shape::new(&[150, 28]));
    /// let silu = pool.activate(Activation::Silu, z);
    /// let sigmoid = pool.apply(Function::Sigmoid, z);
    /// assert_eq!(silu, pool.mul(z, sigmoid));
    /// ```
    pub fn activate(&mut self, activation: Activation, a: Id) -> Id {
        match activation {
            // Not expm1(−relu(−x)), whose slope at 0 would be 0.
            Activation::Elu => {
                let above = self.apply(Function::Relu, a);
                let below = self.sub(a, above);
                let exponential = self.apply(Function::Expm1, below);
                self.add(above, exponential)
            }
            Activation::Silu => {
                let gate = self.apply(Function::Sigmoid, a);
                self.mul(a, gate)
            }
            Activation::Gelu => {
                let two = self.integer(2);
                let scale = self.pow(two, &Rational::new(-1, 2));
                let scaled = self.mul(scale, a);
                let erf = self.apply(Function::Erf, scaled);
                let one = self.integer(1);
                let gate = self.add(one, erf);
                let product = self.mul(a, gate);
                self.scaled(&Rational::new(1, 2), product)
            }
        }
    }
}
