//! How much there is to read.

/// The numbers, names, operators and brackets of a text: what a reader takes in one by one.
///
/// A name holds its digits, underscores and primes; a number its point; every other sign that is no blank counts by itself.
///
/// ```
/// use shadowflow::formula::reading_cost;
/// assert_eq!(reading_cost("-E''^2*E'/3"), 8);
/// assert_eq!(reading_cost("let s1 = 1.5*(x + w[0])"), 13);
/// ```
#[must_use]
pub fn reading_cost(text: &str) -> usize {
    let (mut count, mut inside) = (0, false);
    for c in text.chars() {
        let word = c.is_alphanumeric() || matches!(c, '_' | '.' | '\'');
        count += usize::from(if word { !inside } else { !c.is_whitespace() });
        inside = word;
    }
    count
}
