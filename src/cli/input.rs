//! Arguments that several subcommands share.

use super::Failure;
use crate::bea::{DeriveError, EvaluateError, Optimizer, Scheme};
use crate::loss::{Loss, Options, parse_point};
use crate::number::Rational;
use crate::warning::Warning;
use std::path::PathBuf;

/// The highest order answered without `--max-order`.
const DEFAULT_MAX_ORDER: usize = 1000;

/// The order of a derivation and its limit.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct OrderArgs {
    /// Derive f_0 to f_N
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true)]
    pub(super) order: usize,
    /// Refuse orders beyond this
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_ORDER, hide_short_help = true)]
    max_order: usize,
}

impl OrderArgs {
    /// The order, if it is within the limit.
    pub(super) fn checked(&self) -> Result<usize, Failure> {
        if self.order > self.max_order {
            return Err(Failure::Other(format!(
                "--order {} is beyond the limit of {}; raise it with --max-order",
                self.order, self.max_order
            )));
        }
        Ok(self.order)
    }
}

/// How a loss file is read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct LossArgs {
    /// Give a value to a `const`, overriding the one it has
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Refuse integer exponents and sums beyond this
    #[arg(long, value_name = "N", default_value_t = 1_000_000, hide_short_help = true)]
    max_exponent: u64,
}

impl LossArgs {
    /// Reads a loss.
    pub(super) fn read(&self, path: &std::path::Path) -> Result<Loss, Failure> {
        let set = self.set.iter().map(|text| assignment(text)).collect::<Result<Vec<_>, _>>()?;
        let options =
            Options { set, max_exponent: self.max_exponent, max_sum: self.max_exponent, ..Options::default() };
        Ok(Loss::read(path, &options)?)
    }

    /// Reads a loss that numbers are to be computed from, so that no constant may be without a value.
    pub(super) fn read_numeric(&self, path: &std::path::Path) -> Result<Loss, Failure> {
        let loss = self.read(path)?;
        match loss.pool.symbols() {
            [] => Ok(loss),
            symbols => Err(Failure::Other(format!(
                "{}: numbers need a value for {}; give it with {}",
                path.display(),
                symbols.join(", "),
                symbols.iter().map(|s| format!("--set {s}=VALUE")).collect::<Vec<_>>().join(" ")
            ))),
        }
    }
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
    complete(flag, text, loss, |value| value, &loss.initial)
}

/// A start from `--start`, completed by the loss's own initial values.
pub(super) fn start(text: Option<&str>, loss: &Loss) -> Result<Vec<f64>, Failure> {
    complete("--start", text, loss, |value| value.to_f64(), &loss.initial_values())
}

/// A point from a flag whose entries at the places `free` vary and need no value.
pub(super) fn point_but(flag: &str, text: Option<&str>, loss: &Loss, free: &[usize]) -> Result<Vec<f64>, Failure> {
    let mut initial = loss.initial_values();
    for place in free {
        if let Some(entry) = initial.get_mut(*place) {
            entry.get_or_insert(0.0);
        }
    }
    complete(flag, text, loss, |value| value.to_f64(), &initial)
}

fn complete<T: Clone>(
    flag: &str,
    text: Option<&str>,
    loss: &Loss,
    convert: impl Fn(Rational) -> T,
    initial: &[Option<T>],
) -> Result<Vec<T>, Failure> {
    let pool = &loss.pool;
    let given = match text {
        Some(text) => parse_point(text, pool).map_err(|e| Failure::flag(flag, e))?,
        None => vec![None; pool.dimension()],
    };
    let names = pool.theta_names();
    let mut missing = Vec::new();
    let mut point = Vec::new();
    for (k, entry) in given.into_iter().enumerate() {
        match entry.map(&convert).or_else(|| initial.get(k).cloned().flatten()) {
            Some(value) => point.push(value),
            None => missing.push(names[k].clone()),
        }
    }
    if missing.is_empty() {
        return Ok(point);
    }
    let shown = missing.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    let more = if missing.len() > 8 { format!(" and {} more", missing.len() - 8) } else { String::new() };
    Err(Failure::Other(format!(
        "{flag} gives no value for {shown}{more}; write {flag} {}=VALUE[,NAME=VALUE…], or give the parameter an initial value in the loss",
        missing[0]
    )))
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

/// The path of a loss file.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct FileArg {
    /// The loss, a file in the loss language
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
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

impl MethodArgs {
    /// The optimizer for a loss, which must not declare its symbols.
    pub(super) fn scheme(&self, loss: &Loss) -> Result<Scheme, Failure> {
        let scheme = Scheme::of(&self.method, self.momentum.as_ref()).map_err(|e| Failure::flag("--method", e))?;
        let declared = loss.constants.iter().map(|(name, _)| name.as_str());
        let declared: Vec<&str> = declared.chain(loss.pool.parameters().map(|(name, _)| name)).collect();
        match scheme.symbols().iter().find(|s| declared.contains(&s.as_str())) {
            Some(name) => Err(Failure::flag(
                "--method",
                DeriveError::Name { name: name.clone(), method: scheme.name().to_owned() },
            )),
            None => Ok(scheme),
        }
    }

    /// The optimizer with numbers for all its hyper-parameters.
    pub(super) fn numeric_scheme(&self, loss: &Loss) -> Result<Scheme, Failure> {
        let scheme = Scheme::of(&self.method, self.momentum.as_ref()).map_err(|e| Failure::flag("--method", e))?;
        match scheme.symbols().first() {
            Some(symbol) => Err(Failure::flag(
                "--method",
                EvaluateError::HyperParameter { method: scheme.name().to_owned(), symbol: symbol.clone() },
            )),
            None => self.scheme(loss),
        }
    }
}

/// What must be known of an optimizer to read results about it.
pub(super) fn notes(scheme: &Scheme) -> Vec<Warning> {
    let variable = scheme
        .variable()
        .map(|v| Warning::new("variable", format!("the modified equation of {} is about {v}", scheme.name())));
    let roots = scheme.warning().map(|message| Warning::new("parasitic-roots", message));
    variable.into_iter().chain(roots).collect()
}

/// Reads an optimizer by name or from a file.
fn method(name: &str) -> Result<Optimizer, String> {
    name.parse::<Optimizer>().map_err(|e| e.to_string())
}
