//! `shadowflow claim`

use super::input::MethodArgs;
use super::output::{print, warn, with_progress};
use super::{Failure, global};
use crate::budget::{self, Budget, Stopped};
use crate::claim::{Claim, ClaimLine, Letters, LettersError, Verdict, read_claims_with};
use crate::file::read_text;
use crate::optimizer::BoundOptimizer;
use crate::render::{json, text};
use crate::warning::Warning;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The longest file of claims, in bytes.
const MAX_FILE: u64 = 10_000_000;

/// Judge a printed formula: is it right, and what is the right one?
#[derive(Debug, clap::Args)]
#[command(after_help = "\
After ≈ (also ~, \\approx) decimals are right if the right number rounds to them, after = they are exact.

Exit status 1 if any claim is wrong, or in a file not as it says; 2 if one cannot be read or compared.
docs/claims.md has the notation.

Examples:
  shadowflow claim \"f_2 = -1/3 H^2 g - 1/12 T[g,g]\"
  shadowflow claim \"f_1 = -(1+m)/(2 (1-m)^3) H g\" --method heavy-ball
  shadowflow claim \"threshold ≈ 2.785\" --method rk:rk4
  shadowflow claim --notation h=η,E=L,θ=ω \\
    \"\\dot\\omega = -\\nabla L - \\eta/4 \\nabla \\|\\nabla L\\|^2\"
  shadowflow claim --file examples/claims/paper.claims")]
pub(super) struct Args {
    /// The claim, such as "f_1 = -1/2 H g", in the notation of the text output or in LaTeX
    #[arg(value_name = "CLAIM", required_unless_present = "file", conflicts_with = "file", allow_hyphen_values = true)]
    claim: Option<String>,
    /// A file of claims, one a line
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Letters of your own: what claims call h, E, theta, lambda, z, or a hyper-parameter such as m, is written as THEIRS
    #[arg(long, value_name = "OURS=THEIRS[,…]", value_parser = letters)]
    notation: Option<Letters>,
    #[command(flatten)]
    method: MethodArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let optimizer = args.method.bound(&[])?;
    // A file's lines may be about other methods, with other names.
    if args.file.is_none()
        && let Some(letters) = &args.notation
    {
        letters.check(&optimizer.optimizer().symbols()).map_err(|e| Failure::flag("--notation", e))?;
    }
    let lines = match (&args.file, &args.claim) {
        (Some(file), _) => from_file(args, file, &optimizer)?,
        (None, Some(claim)) => vec![from_argument(args, claim, optimizer)?],
        (None, None) => Vec::new(),
    };
    let (verdicts, stopped) = with_progress("deriving", || all_judged(args, &lines))?;
    let unjudged = stopped.map(|s| {
        let left = lines.len() - verdicts.len();
        Warning::new(s.code(), format!("{s}: {left} of {} claims were not judged", lines.len()))
    });
    let warnings: Vec<Warning> = verdicts.iter().filter_map(Verdict::warning).chain(unjudged).collect();
    print(&match args.format {
        Format::Text => text::claims(&verdicts),
        Format::Json => json::claims_of(&verdicts, lines.len(), &warnings).to_string(),
    });
    if matches!(args.format, Format::Text) {
        warn(&warnings);
    }
    Ok(ExitCode::from(match verdicts.iter().any(|v| v.open.is_some()) {
        true => 2,
        false => u8::from(!verdicts.iter().all(Verdict::as_expected)),
    }))
}

/// Reads pairs of letters.
fn letters(text: &str) -> Result<Letters, LettersError> {
    text.parse()
}

/// The verdicts until time is up; at least one.
fn all_judged(args: &Args, lines: &[ClaimLine]) -> Result<(Vec<Verdict>, Option<Stopped>), Failure> {
    let budget = Budget::current();
    let mut verdicts = Vec::with_capacity(lines.len());
    for line in lines {
        let judged = budget::check().and_then(|()| budget.run(|| judged(args, line)));
        match judged {
            Ok(verdict) => verdicts.push(verdict?),
            Err(stopped) if verdicts.is_empty() => {
                return Err(Failure::Other(format!("{stopped} before there was a result to print; raise it")));
            }
            Err(stopped) => return Ok((verdicts, Some(stopped))),
        }
    }
    Ok((verdicts, None))
}

fn judged(args: &Args, line: &ClaimLine) -> Result<Verdict, Failure> {
    let verdict = match line.claim.judge(&line.optimizer) {
        Err(reason) if reason.is_open() => Verdict::open(&line.claim, &line.optimizer, &reason),
        verdict => verdict.map_err(|error| {
            let place = args.file.as_ref().map_or("claim".to_owned(), |f| f.display().to_string());
            Failure::Other(format!("{place}:{}: {error}", line.line))
        })?,
    };
    Ok(Verdict { expected: line.expected, ..verdict })
}

fn from_argument(args: &Args, text: &str, optimizer: BoundOptimizer) -> Result<ClaimLine, Failure> {
    let color = global::color();
    let claim = Claim::parse_with(text, &optimizer, &args.notation.clone().unwrap_or_default())
        .map_err(|error| Failure::Drawn(error.render("claim", text, color)))?;
    Ok(ClaimLine { line: 1, start: 0, claim, optimizer, expected: true })
}

fn from_file(args: &Args, file: &Path, optimizer: &BoundOptimizer) -> Result<Vec<ClaimLine>, Failure> {
    let path = file.display().to_string();
    let source = read_text(file, MAX_FILE).map_err(|e| Failure::Other(format!("cannot read {path}: {e}")))?;
    let color = global::color();
    let lines = read_claims_with(&source, optimizer, &args.notation.clone().unwrap_or_default())
        .map_err(|errors| Failure::Drawn(errors.iter().take(20).map(|e| e.render(&path, &source, color)).collect()))?;
    if lines.is_empty() {
        return Err(Failure::Other(format!("{path} holds no claim: write one a line, such as `f_1 = -1/2 H g`")));
    }
    Ok(lines)
}
