//! Arguments that several subcommands share.

use super::Failure;
pub(super) use super::source::{FileArg, Source};
use crate::concrete::{DeriveError, EvaluateError, Scheme};
use crate::flow::Subject;
use crate::loss::{Loss, Options, parse_point};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, MOMENTUM, Optimizer};
use crate::render::About;
use crate::render::plot::Size;
use crate::warning::Warning;

/// The order where none is asked for.
const DEFAULT_ORDER: usize = 3;
/// The highest order answered without `--max-order`.
const DEFAULT_MAX_ORDER: usize = 1000;

/// The order of a derivation and its limit.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct OrderArgs {
    /// Derive f_0 to f_N, to order 3 unless told
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    order: Option<usize>,
    /// Refuse orders beyond this
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_ORDER, hide_short_help = true)]
    max_order: usize,
}

impl OrderArgs {
    /// The order, if it is within the limit.
    pub(super) fn checked(&self) -> Result<usize, Failure> {
        let order = self.order.unwrap_or(DEFAULT_ORDER);
        if order > self.max_order {
            return Err(Failure::Other(format!(
                "--order {order} is beyond the limit of {}; raise it with --max-order",
                self.max_order
            )));
        }
        Ok(order)
    }

    /// Whether this order was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.order.is_some()
    }
}

/// Why a flag is refused that only a loss makes sense of.
pub(super) fn without_loss(flag: &str) -> String {
    format!(
        "{flag} is for a loss, and none is given: name a file, or give one as in --loss \"x^4/4 + x^2/2\" --param x"
    )
}

/// How a loss is read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LossArgs {
    /// Give a value to a constant of the loss, overriding the one it has, or to a hyper-parameter of the optimizer
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Refuse integer exponents and sums beyond this
    #[arg(long, value_name = "N", default_value_t = MAX_EXPONENT, hide_short_help = true)]
    max_exponent: u64,
    /// The seed of initial values that are drawn: glorot, normal, uniform; of `train` and its batches too, where it may be a list
    #[arg(long, value_name = "N", default_value = "0", value_delimiter = ',', value_parser = seed, allow_negative_numbers = true, hide_short_help = true)]
    seed: Vec<u64>,
    /// Read data files outside of the loss file's folder, too
    #[arg(long, hide_short_help = true)]
    allow_path: bool,
}

/// What `--max-exponent` is unless told.
const MAX_EXPONENT: u64 = 1_000_000;

impl LossArgs {
    /// Refuses what only a loss makes sense of.
    pub(super) fn refuse_without_loss(&self) -> Result<(), Failure> {
        let given = [
            ("--max-exponent", self.max_exponent != MAX_EXPONENT),
            ("--seed", self.seed != [0]),
            ("--allow-path", self.allow_path),
        ];
        given.iter().find(|(_, given)| *given).map_or(Ok(()), |(flag, _)| Err(Failure::Other(without_loss(flag))))
    }

    /// The values that `--set` gives.
    pub(super) fn values(&self) -> Result<Vec<(String, Rational)>, Failure> {
        self.set.iter().map(|text| assignment(text)).collect()
    }

    /// The seeds.
    pub(super) fn seeds(&self) -> &[u64] {
        &self.seed
    }

    /// The same with one seed.
    pub(super) fn with_seed(&self, seed: u64) -> Self {
        Self { seed: vec![seed], ..self.clone() }
    }

    /// Reads a loss with values for its constants.
    fn read_with(&self, source: &Source, set: Vec<(String, Rational)>) -> Result<Loss, Failure> {
        if let Some((at, (name, _))) =
            set.iter().enumerate().find(|(at, (name, _))| set[..*at].iter().any(|s| s.0 == *name))
        {
            let first = set[..at].iter().find(|s| s.0 == *name).map_or_else(String::new, |s| s.1.to_string());
            return Err(Failure::Other(format!("--set {name}: given twice, {first} and {}; give it once", set[at].1)));
        }
        let [seed] = self.seed.as_slice() else {
            return Err(Failure::Other("--seed: lists of seeds are for `shadowflow train`; give one".to_owned()));
        };
        let options = Options {
            set,
            seed: *seed,
            allow_path: self.allow_path,
            max_exponent: self.max_exponent,
            max_sum: self.max_exponent,
            ..Options::default()
        };
        source.read(&options)
    }

    /// Reads a loss with every constant that it needs, for optimizers whose hyper-parameters are those.
    pub(super) fn read_beside(&self, source: &Source, own: &[String]) -> Result<Loss, Failure> {
        let others = self.values()?.into_iter().filter(|(name, _)| !own.contains(name)).collect();
        numeric(source, self.read_with(source, others)?)
    }

    /// Reads a loss for an optimizer: the values that are not the optimizer's are the loss's.
    pub(super) fn read_for(&self, source: &Source, method: &Method) -> Result<Loss, Failure> {
        let loss = self.read_with(source, method.others.clone())?;
        match method.given.iter().find(|name| declares(&loss, name)) {
            Some(name) => Err(Failure::Other(format!(
                "--set {name}: a hyper-parameter of {} and a name of {} too; {}",
                method.optimizer.name(),
                source.name(),
                if name == MOMENTUM { "give the optimizer's with --momentum" } else { "rename one of them" }
            ))),
            None => Ok(loss),
        }
    }

    /// Reads a loss that numbers are to be computed from, so that no constant may be without a value.
    pub(super) fn read_numeric(&self, source: &Source, method: &Method) -> Result<Loss, Failure> {
        numeric(source, self.read_for(source, method)?)
    }
}

/// A loss whose constants all have values.
fn numeric(source: &Source, loss: Loss) -> Result<Loss, Failure> {
    match loss.expression.pool().symbols() {
        [] => Ok(loss),
        symbols => Err(Failure::Other(format!(
            "{}: numbers need a value for {}; give it with {}",
            source.name(),
            symbols.join(", "),
            symbols.iter().map(|s| format!("--set {s}=VALUE")).collect::<Vec<_>>().join(" ")
        ))),
    }
}

fn declares(loss: &Loss, name: &str) -> bool {
    loss.constants.iter().any(|(n, _)| n == name) || loss.expression.pool().parameters().any(|(n, _)| n == name)
}

fn assignment(text: &str) -> Result<(String, Rational), Failure> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::Other(format!("--set {text}: expected NAME=VALUE, for example --set a=1/2")))?;
    let value = value.parse().map_err(|e| Failure::flag("--set", e))?;
    Ok((name.trim().to_owned(), value))
}

/// A point of θ from a flag, completed by the loss's own initial values.
pub(super) fn point(flag: &str, text: Option<&str>, loss: &Loss) -> Result<Vec<Rational>, Failure> {
    complete(flag, text, loss, |value| value, &loss.initial())
}

/// The floats nearest to a point from a flag, completed by the loss's own initial values.
pub(super) fn floats(flag: &str, text: Option<&str>, loss: &Loss) -> Result<Vec<f64>, Failure> {
    held(flag, loss, complete(flag, text, loss, |value| value.to_f64(), &loss.initial_values())?)
}

/// A start from `--start`, completed by the loss's own initial values.
pub(super) fn start(text: Option<&str>, loss: &Loss) -> Result<Vec<f64>, Failure> {
    floats("--start", text, loss)
}

/// Coordinates, if floats hold them all.
pub(super) fn held(flag: &str, loss: &Loss, point: Vec<f64>) -> Result<Vec<f64>, Failure> {
    match point.iter().position(|x| x.is_infinite()) {
        Some(k) => {
            let names = loss.expression.pool().theta_names();
            Err(Failure::flag(flag, format!("{} is beyond the largest float, 1.8e308", names[k])))
        }
        None => Ok(point),
    }
}

/// What `--start` and the loss's own initial values say of a start.
pub(super) fn given_start(text: Option<&str>, loss: &Loss) -> Result<Vec<Option<f64>>, Failure> {
    let mut start = loss.initial_values();
    if let Some(text) = text {
        let given = parse_point(text, loss.expression.pool()).map_err(|e| Failure::flag("--start", e))?;
        let given: Vec<Option<f64>> = given.into_iter().map(|value| Some(value?.to_f64())).collect();
        held("--start", loss, given.iter().map(|value| value.unwrap_or_default()).collect())?;
        for (entry, value) in start.iter_mut().zip(given) {
            *entry = value.or(*entry);
        }
    }
    Ok(start)
}

/// A point from a flag whose entries at the places `free` vary and need no value.
pub(super) fn point_but(flag: &str, text: Option<&str>, loss: &Loss, free: &[usize]) -> Result<Vec<f64>, Failure> {
    let mut initial = loss.initial_values();
    for place in free {
        if let Some(entry) = initial.get_mut(*place) {
            entry.get_or_insert(0.0);
        }
    }
    held(flag, loss, complete(flag, text, loss, |value| value.to_f64(), &initial)?)
}

fn complete<T: Clone>(
    flag: &str,
    text: Option<&str>,
    loss: &Loss,
    convert: impl Fn(Rational) -> T,
    initial: &[Option<T>],
) -> Result<Vec<T>, Failure> {
    let pool = loss.expression.pool();
    let given = match text {
        Some(text) => parse_point(text, pool).map_err(|e| Failure::flag(flag, e))?,
        None => vec![None; pool.dimension()],
    };
    let mut missing = Vec::new();
    let mut point = Vec::with_capacity(given.len());
    for (k, entry) in given.into_iter().enumerate() {
        match entry.map(&convert).or_else(|| initial.get(k).cloned().flatten()) {
            Some(value) => point.push(value),
            None => missing.push(k),
        }
    }
    if missing.is_empty() {
        return Ok(point);
    }
    let names = pool.theta_names();
    let missing: Vec<&String> = missing.into_iter().map(|k| &names[k]).collect();
    let shown = missing.iter().take(8).map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let more = if missing.len() > 8 { format!(" and {} more", missing.len() - 8) } else { String::new() };
    Err(Failure::Other(format!(
        "{flag} gives no value for {shown}{more}; write {flag} {}=VALUE[,NAME=VALUE…], or give the parameter an initial value in the loss",
        missing[0]
    )))
}

/// Reads a whole number from a flag.
pub(super) fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number, 0 or above".to_owned())
}

/// Reads a seed from a flag.
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// Reads an exact number from a flag.
pub(super) fn number(text: &str) -> Result<Rational, String> {
    text.parse::<Rational>().map_err(|e| e.to_string())
}

/// Reads an exact positive number from a flag.
pub(super) fn positive(text: &str) -> Result<Rational, String> {
    let q = number(text)?;
    if q.is_zero() || q.is_negative() { Err(format!("{q} is not above 0")) } else { Ok(q) }
}

/// Reads the width of a picture in print, in millimetres.
pub(super) fn picture_width(text: &str) -> Result<Size, String> {
    let width: f64 = text.parse().map_err(|_| format!("`{text}` is no number of millimetres, as in 84"))?;
    Size::millimetres(width).map_err(|e| e.to_string())
}

/// The optimizer and its hyper-parameters.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct MethodArgs {
    /// The optimizer: gradient-descent, heavy-ball, nesterov, implicit-euler, rk:NAME, rk:FILE.toml or FILE.toml
    #[arg(long, value_name = "METHOD", default_value = "gradient-descent", value_parser = method)]
    pub(super) method: Optimizer,
    /// The momentum, an exact number; left out it stays the symbol m
    #[arg(long, value_name = "M", value_parser = number, allow_hyphen_values = true)]
    pub(super) momentum: Option<Rational>,
}

/// The optimizer as the flags describe it, and what `--set` leaves to the loss.
#[derive(Debug, Clone)]
pub(super) struct Method {
    /// The optimizer with the numbers that flags give to its hyper-parameters.
    pub(super) optimizer: BoundOptimizer,
    /// Which hyper-parameters `--set` gave numbers to.
    given: Vec<String>,
    /// The values of `--set` that are not the optimizer's.
    others: Vec<(String, Rational)>,
}

impl MethodArgs {
    /// The optimizer with the values that flags give to its hyper-parameters. A momentum given by `--momentum` leaves
    /// `--set m=VALUE` to the loss.
    pub(super) fn resolved(&self, loss: &LossArgs) -> Result<Method, Failure> {
        let symbols = self.method.symbols();
        let is_own = |name: &str| symbols.iter().any(|s| s == name) && !(name == MOMENTUM && self.momentum.is_some());
        let (own, others): (Vec<_>, Vec<_>) = loss.values()?.into_iter().partition(|(name, _)| is_own(name));
        let given: Vec<String> = own.iter().map(|(name, _)| name.clone()).collect();
        Ok(Method { optimizer: self.bound(&own)?, given, others })
    }

    /// The optimizer with these numbers and the momentum of `--momentum`, which results name first.
    pub(super) fn bound(&self, own: &[(String, Rational)]) -> Result<BoundOptimizer, Failure> {
        let values = |momentum: bool| -> Vec<(&str, Rational)> {
            let (first, rest): (Vec<_>, Vec<_>) = own.iter().partition(|(name, _)| name == MOMENTUM);
            let own = first.into_iter().chain(rest).map(|(name, value)| (name.as_str(), value.clone()));
            let momentum = self.momentum.iter().filter(|_| momentum).map(|m| (MOMENTUM, m.clone()));
            momentum.chain(own).collect()
        };
        self.method.bind(&values(true)).map_err(|error| {
            // The flag without which it would fit.
            let flag = if self.method.bind(&values(false)).is_ok() { "--momentum" } else { "--set" };
            Failure::flag(flag, error)
        })
    }
}

impl Method {
    /// The optimizer for an abstract loss, which has no constants to set.
    pub(super) fn without_loss(self) -> Result<Self, Failure> {
        let Some((name, value)) = self.others.first() else { return Ok(self) };
        if name == MOMENTUM && self.optimizer.value(MOMENTUM).is_some() {
            return Err(Failure::Other("--set m: the momentum is given by --momentum already".to_owned()));
        }
        match self.optimizer.optimizer().bind(&[(name.as_str(), value.clone())]) {
            Err(error) => Err(Failure::flag("--set", error)),
            Ok(_) => Ok(self),
        }
    }

    /// What results about a loss are of.
    pub(super) fn about(&self) -> About {
        About::new(&self.optimizer)
    }

    /// Refuses a loss that declares the optimizer's symbols, and an optimizer that cannot be expanded on one.
    pub(super) fn fits(&self, loss: &Loss) -> Result<(), Failure> {
        match self.optimizer.symbols().iter().find(|s| declares(loss, s)) {
            Some(name) => Err(Failure::flag(
                "--method",
                DeriveError::Name { name: name.clone(), method: self.optimizer.name().to_owned() },
            )),
            None => Scheme::of(&self.optimizer).map(drop).map_err(|e| Failure::flag("--method", e)),
        }
    }

    /// The optimizer if all its hyper-parameters have numbers.
    pub(super) fn numeric(&self) -> Result<&BoundOptimizer, Failure> {
        match self.optimizer.symbols().first() {
            Some(symbol) => Err(Failure::flag(
                "--method",
                EvaluateError::HyperParameter { method: self.optimizer.name().to_owned(), symbol: symbol.clone() },
            )),
            None => Ok(&self.optimizer),
        }
    }

    /// The optimizer as a simulation takes it.
    pub(super) fn subject(&self) -> Result<Subject, Failure> {
        Subject::new(self.numeric()?).map_err(|e| Failure::flag("--method", e))
    }
}

/// What must be known of a loss and an optimizer to read results about them.
pub(super) fn notes(loss: &Loss, optimizer: &BoundOptimizer) -> Vec<Warning> {
    let variable = optimizer.variable().filter(|_| *optimizer.optimizer() == Optimizer::Nesterov);
    let variable = variable
        .map(|v| Warning::new("variable", format!("the modified equation of {} is about {v}", optimizer.name())));
    loss.warnings.iter().cloned().chain(variable).chain(parasitic(optimizer)).collect()
}

/// That the iterates of an optimizer do not settle on its flow.
pub(super) fn parasitic(optimizer: &BoundOptimizer) -> Option<Warning> {
    optimizer.warning().map(|message| Warning::new("parasitic-roots", message))
}

/// Reads an optimizer by name or from a file.
fn method(name: &str) -> Result<Optimizer, String> {
    name.parse::<Optimizer>().map_err(|e| e.to_string())
}
