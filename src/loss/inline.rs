//! A loss that is one expression with its parameters, as on a command line.

use super::{Loss, LossError, LossErrorKind, LossErrors, Options};
use std::ops::Range;

/// What stands before the parameters.
const PARAM: &str = "param ";
/// What stands before the expression.
const LOSS: &str = "loss ";

impl Loss {
    /// Parses an expression whose parameters are declared beside it, each text as after the word `param`: `x`, `x, y`,
    /// `w[3]`, `x = 1/2`.
    ///
    /// ```
    /// use shadowflow::loss::{Loss, Options};
    /// let loss = Loss::inline("x^4/4 + y^2/2", &["x".to_owned(), "y".to_owned()], &Options::default())?;
    /// assert_eq!(loss.source, "param x\nparam y\nloss x^4/4 + y^2/2\n");
    /// # Ok::<(), shadowflow::loss::LossErrors>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the parameters, with places in `parameters` whose line counts the texts; where nothing is, what is
    /// wrong with the expression, with places in `expression`.
    pub fn inline(expression: &str, parameters: &[String], options: &Options) -> Result<Loss, LossErrors> {
        let declared: Vec<&str> = parameters.iter().flat_map(|text| text.split('\n')).collect();
        let mut source = String::new();
        let mut places = Vec::new();
        for text in &declared {
            source.push_str(PARAM);
            places.push(source.len());
            source.push_str(text);
            source.push('\n');
        }
        source.push_str(LOSS);
        let start = source.len();
        source.push_str(expression);
        source.push('\n');
        Loss::parse(&source, "expression", options).map_err(|mut errors| {
            for error in &mut errors.errors {
                for text in [&mut error.label, &mut error.help, &mut error.note].into_iter().flatten() {
                    *text = in_given(text, declared.len());
                }
            }
            let (mut in_parameters, mut in_expression) = (Vec::new(), Vec::new());
            for error in errors.errors {
                if error.is_located() && error.span.start < start - LOSS.len() {
                    in_parameters.push(in_declarations(error, &places));
                } else {
                    in_expression.push(moved(error, start, 0, expression.len()));
                }
            }
            // What is wrong with a parameter makes the expression wrong, too, and says it better.
            if in_parameters.is_empty() {
                in_expression.iter_mut().for_each(explain);
                LossErrors::new(expression.to_owned(), "expression", in_expression)
            } else {
                LossErrors::new(declared.join("\n"), "parameters", in_parameters)
            }
        })
    }
}

/// A text with the places that it names, `at 2:14`, in what was given, `at expression:1:9`, where so many lines are those of the parameters.
fn in_given(text: &str, declared: usize) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("at ") {
        let (before, after) = rest.split_at(at + "at ".len());
        out.push_str(before);
        rest = after;
        let number = |text: &str| -> Option<(usize, usize)> {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            Some((text[..digits].parse().ok()?, digits))
        };
        let Some((line, length)) = number(rest) else { continue };
        let Some((column, more)) = rest[length..].strip_prefix(':').and_then(number) else { continue };
        let (name, line, word) = match line > declared {
            true => ("expression", line - declared, if line == declared + 1 { LOSS } else { "" }),
            false => ("parameters", line, PARAM),
        };
        out.push_str(&format!("{name}:{line}:{}", column.saturating_sub(word.len()).max(1)));
        rest = &rest[length + 1 + more..];
    }
    out + rest
}

/// The error in the texts of the parameters, one a line.
fn in_declarations(error: LossError, places: &[usize]) -> LossError {
    let line = places.partition_point(|place| *place <= error.span.start + PARAM.len()).saturating_sub(1);
    let from = places.get(line).copied().unwrap_or_default();
    // In the texts without the words before them.
    let to = from - PARAM.len() * (line + 1);
    let end = places.get(line + 1).map_or(usize::MAX, |next| next - PARAM.len() - 1 - from);
    moved(error, from, to, end)
}

/// The error with the place `from` of its text at `to`, and nothing of it outside the `length` bytes from there.
fn moved(mut error: LossError, from: usize, to: usize, length: usize) -> LossError {
    let place = |at: usize| to + at.saturating_sub(from).min(length);
    let Range { start, end } = error.span;
    error.span = place(start)..place(end);
    error
}

/// What to do about names that nothing declares, where there are no statements to declare them.
fn explain(error: &mut LossError) {
    if let LossErrorKind::Undeclared(name) = &error.kind
        && error.help.as_ref().is_none_or(|help| help.starts_with("declare it"))
    {
        error.help = Some(format!(
            "if it is a parameter, add {name} to the parameters of `Loss::inline`; constants are declared in a file"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(expression: &str, parameters: &[&str]) -> String {
        let parameters: Vec<String> = parameters.iter().map(|p| (*p).to_owned()).collect();
        Loss::inline(expression, &parameters, &Options::default()).unwrap_err().to_string()
    }

    #[test]
    fn places_are_in_what_was_given() {
        for (expression, parameters, place, says) in [
            ("x^2 + z", vec!["x"], "expression:1:7 ", "add z to the parameters"),
            ("x^2 + exq(x)", vec!["x"], "expression:1:7 ", "did you mean"),
            ("x^2 +", vec!["x"], "expression:1:6 ", "expected"),
            ("", vec!["x"], "expression:1:1 ", "expected"),
            ("é", vec!["x"], "expression:1:1 ", "unexpected"),
            ("x^2", vec!["x", "y, 1z"], "parameters:2:4 ", "expected"),
            ("x^2", vec!["x y"], "parameters:1:", "expected"),
            ("x^2", vec![""], "parameters:1:1 ", "expected"),
            ("x^2", vec!["x", "x"], "parameters:2:1 ", "declared twice"),
            ("x^2", vec!["w[2]", "x[0]"], "parameters:2:3 ", "entries"),
            ("w", vec!["w[2]"], "expression:1:1 ", "scalar"),
        ] {
            let text = wrong(expression, &parameters);
            assert!(text.contains(place) && text.contains(says), "{expression:?} {parameters:?}\n{text}");
        }
    }

    #[test]
    fn notes_point_into_what_was_given() {
        let text = wrong("sum(v) + sum(w @ v)", &["v[2]", "w[3]"]);
        assert!(text.contains("`w`, declared at parameters:2:1, has shape [3]"), "{text}");
        assert!(text.contains("`v`, declared at parameters:1:1, has shape [2]"), "{text}");
        let text = wrong("v[0] +\n sum((2*v) @ W)", &["v[2], W[3, 3]"]);
        assert!(text.contains("`2*v` at expression:2:7 has shape [2]"), "{text}");
        assert_eq!(
            in_given("seen at noon, at 1:7, at 3:6 and at 4:2", 2),
            "seen at noon, at parameters:1:1, at expression:1:1 and at expression:2:2"
        );
    }

    #[test]
    fn the_same_loss_as_in_a_file() {
        let inline = Loss::inline("(1-x)^2 + w[0]*w[1]", &["x=1/2".to_owned(), "w[2]".to_owned()], &Options::default());
        let file = "param x = 1/2\nparam w[2]\nloss (1-x)^2 + w[0]*w[1]\n";
        let file = Loss::parse(file, "a.loss", &Options::default()).unwrap();
        let inline = inline.unwrap();
        assert_eq!(inline.expression.pool().theta_names(), file.expression.pool().theta_names());
        assert_eq!(inline.initial(), file.initial());
        assert_eq!(inline.expression.id(), file.expression.id());
    }
}
