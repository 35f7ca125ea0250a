//! Memory: how much there is, how much may be used, and how sizes are written.

use super::Budget;
use std::sync::OnceLock;

/// The limit where the machine does not say what it has.
const UNKNOWN: u64 = 4 << 30;

/// A computation that would use more memory than it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} needs about {} of memory, beyond the limit of {} ({name}): {advice}", bytes_text(*needed), bytes_text(*limit))]
pub struct OverMemory {
    /// What needs it.
    pub what: String,
    /// How many bytes it needs.
    pub needed: u64,
    /// How many it may use.
    pub limit: u64,
    /// What sets the limit.
    pub name: &'static str,
    /// What to do about it.
    pub advice: String,
}

/// Refuses work that would need more bytes than the budget of this thread allows, before it begins.
///
/// ```
/// use shadowflow::budget::{Budget, need};
/// let budget = Budget::current().with_memory(1_000_000, "--max-memory");
/// let refused = budget.run(|| need(2_000_000, "a Hessian of 500 by 500", "use fewer parameters")).unwrap().unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "a Hessian of 500 by 500 needs about 2 MB of memory, beyond the limit of 1 MB (--max-memory): use fewer parameters"
/// );
/// ```
///
/// # Errors
/// [`OverMemory`], which says what needs it and what to do.
pub fn need(bytes: u64, what: impl Into<String>, advice: impl Into<String>) -> Result<(), OverMemory> {
    let (limit, name) = Budget::current().memory();
    if bytes <= limit {
        return Ok(());
    }
    Err(OverMemory { what: what.into(), needed: bytes, limit, name, advice: advice.into() })
}

/// Half of the memory of this machine, or of the container's share of it.
#[must_use]
pub fn default_memory() -> u64 {
    static HALF: OnceLock<u64> = OnceLock::new();
    *HALF.get_or_init(|| {
        let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
        // A container's limit, in either version of control groups; without one the file says "max" or a huge number.
        let shares = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        let whole = shares.into_iter().filter_map(number).chain(installed()).min();
        whole.unwrap_or(2 * UNKNOWN) / 2
    })
}

/// The memory of the machine as the system tells it.
fn installed() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The units of sizes, largest first of each kind.
const UNITS: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

/// A text that is no size of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a size above 0 such as 2GiB, 500MB or a number of bytes")]
pub struct NotASize;

/// Reads a size such as `2GiB`, `500MB`, `1.5 GB` or a plain number of bytes.
///
/// ```
/// use shadowflow::budget::parse_bytes;
/// assert_eq!(parse_bytes("2GiB"), Ok(2 << 30));
/// assert_eq!(parse_bytes("1.5 mb"), Ok(1_500_000));
/// assert_eq!(parse_bytes("65536"), Ok(65_536));
/// assert!(parse_bytes("2 gigs").is_err());
/// ```
///
/// # Errors
/// [`NotASize`], which says what was expected.
pub fn parse_bytes(text: &str) -> Result<u64, NotASize> {
    let text = text.trim();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text[..split].trim(), &text[split..]);
    let short = |name: &str| name.trim_end_matches(['b', 'B']).to_owned();
    let factor = match unit {
        "" | "B" | "b" => 1,
        // `2G` and `2Gi` are read too.
        _ => UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit) || short(name).eq_ignore_ascii_case(unit))
            .map(|(_, factor)| *factor)
            .ok_or(NotASize)?,
    };
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value = number.parse::<f64>().ok().filter(|_| plain).ok_or(NotASize)? * factor as f64;
    if value < 1.0 { Err(NotASize) } else { Ok(value as u64) }
}

/// A size to read, to three digits, in powers of 1000.
///
/// ```
/// assert_eq!(shadowflow::budget::bytes_text(16_000_000_000), "16 GB");
/// assert_eq!(shadowflow::budget::bytes_text(1 << 30), "1.07 GB");
/// ```
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    let Some((unit, factor)) = UNITS[4..].iter().find(|(_, factor)| bytes >= *factor) else {
        return format!("{bytes} bytes");
    };
    let value = bytes as f64 / *factor as f64;
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_refused() {
        for (text, bytes) in [("1", 1), ("2G", 2_000_000_000), ("2gi", 2 << 30), ("0.5KiB", 512), ("10 B", 10)] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "1e9", "GB", "nan", "inf", "1..2", "2GBs", "0.1"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
        assert_eq!(parse_bytes("99999999999999999999TiB"), Ok(u64::MAX));
    }

    #[test]
    fn the_machine_has_memory() {
        assert!(default_memory() > 1 << 20);
    }
}
