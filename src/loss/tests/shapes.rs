//! What does not fit: the shapes, and where they come from.

use super::*;

/// The only error of a source: its place, what it says, and words of its help and note.
fn wrong(source: &str, expected: &str, help: &str, note: &str) {
    let found = errors(source);
    assert_eq!(found.errors.len(), 1, "{source}\n{found}");
    let error = &found.errors[0];
    let (line, column) = found.position(error.span.start);
    assert_eq!(format!("{line}:{column} {}", error.kind), expected, "{source}\n{found}");
    assert!(error.help.clone().unwrap_or_default().contains(help), "{source}\n{found}");
    assert!(error.note.clone().unwrap_or_default().contains(note), "{source}\n{found}");
}

#[test]
fn both_shapes_and_both_places() {
    for (source, expected, help, note) in [
        (
            "param Z[150, 4]\nparam W1[5, 3]\nloss sum(Z @ W1)",
            "3:10 the shapes [150, 4] and [5, 3] do not fit in @",
            "the left one has 4 columns and the right one 5 rows",
            "`Z`, declared at 1:7, has shape [150, 4], `W1`, declared at 2:7, has shape [5, 3]",
        ),
        (
            "param A[2, 3], w[2]\nloss sum(A @ w)",
            "2:10 the shapes [2, 3] and [2] do not fit in @",
            "3 columns and the right one 2 entries",
            "`A`, declared at 1:7, has shape [2, 3], `w`, declared at 1:16, has shape [2]",
        ),
        (
            "param A[2, 3], w[2]\nloss sum(tanh(A) + w)",
            "2:10 the shapes [2, 3] and [2] do not fit in +",
            "from the last",
            "`tanh(A)` at 2:10 has shape [2, 3], `w`, declared at 1:16, has shape [2]",
        ),
        (
            "param A[2, 3], B[3, 2]\nloss sum(A*B)",
            "2:10 the shapes [2, 3] and [3, 2] do not fit in *",
            "the matrix product is `@`",
            "declared at 1:16",
        ),
        (
            "param x, A[2, 2]\nloss sum(x @ A)",
            "2:10 the shapes scalar and [2, 2] do not fit in @",
            "with a number it is `*`",
            "`x`, declared at 1:7, is a scalar",
        ),
        (
            "param A[2, 3]\ndef f(a, b) = a @ b\nloss sum(f(A, A))",
            "2:15 the shapes [2, 3] and [2, 3] do not fit in @",
            "3 columns and the right one 2 rows",
            "`a`, given at 3:12, has shape [2, 3], `b`, given at 3:15, has shape [2, 3]; in the expansion of the call at 3:10",
        ),
        (
            "param w[3]\nloss sum(w')",
            "2:10 the transpose `'` takes a matrix, not an array of shape [3]",
            "a vector needs none",
            "`w`, declared at 1:7",
        ),
        (
            "param x\nloss x'",
            "2:6 the transpose `'` takes a matrix, not a scalar",
            "",
            "`x`, declared at 1:7, is a scalar",
        ),
        (
            "param W[4, 3]\nloss sum(sum(W, 2))",
            "2:10 axis 2 is out of range for an array of shape [4, 3]",
            "0 goes over the rows",
            "`W`, declared at 1:7",
        ),
        (
            "param W[4, 3]\nloss sum(logsumexp(W, -1))",
            "2:10 axis -1 is out of range for an array of shape [4, 3]",
            "counted from 0",
            "",
        ),
        ("param w[4]\nloss mean(w, 1)", "2:6 axis 1 is out of range for an array of shape [4]", "the axis 0 alone", ""),
        ("param x\nloss sum(x, 0)", "2:6 axis 0 is out of range for a scalar", "sum([x, y]) adds", ""),
        ("param W[4, 3]\nloss sum(W, 1/2)", "2:6 an axis must be a constant integer, not 1/2", "", ""),
        (
            "param W[4, 3]\nloss W[0]",
            "2:6 an array of shape [4, 3] takes 2 indices, not 1",
            "W[0, 1]",
            "`W`, declared at 1:7",
        ),
        ("param w[3]\nloss w[0, 1]", "2:6 an array of shape [3] takes 1 index, not 2", "w[0]", ""),
        (
            "param W[4, 3]\nloss W[3, 3]",
            "2:6 index 3 is out of range for axis 1 of an array of shape [4, 3]",
            "indices go from 0 to 2",
            "`W`, declared at 1:7",
        ),
        (
            "param W[4, 3]\nloss W[-1, 0]",
            "2:6 index -1 is out of range for axis 0 of an array of shape [4, 3]",
            "indices go from 0 to 3",
            "",
        ),
        (
            "param x\nconst A = [[1, 2],\n  [3, 4, 5]]\nloss sum(A)*x",
            "3:3 row 1 of this matrix has 3 entries, and row 0 has 2",
            "",
            "row 0 is at 2:12",
        ),
        (
            "param x\nloss sum([[1, 2], 3])*x",
            "2:19 entry 1 of this array is a scalar, and entry 0 is an array of shape [2]",
            "",
            "row 0 is at 2:11",
        ),
        (
            "param x, w[2]\nloss sum([x, w])",
            "2:14 entry 1 of this array is an array of shape [2], and entry 0 is a scalar",
            "",
            "",
        ),
        ("param x\nloss sum([[[x]]])", "2:10 an array has one axis or two, not 3", "", ""),
        ("param W[2, 3, 4]\nloss 1", "1:8 an array has one axis or two, not 3", "", ""),
        ("param W[2, 3]\nloss W", "2:6 the loss must be a scalar, not an array of shape [2, 3]", "", ""),
        (
            "param W[2, 3] = [1, 2]\nloss sum(W)",
            "1:17 the shapes [2, 3] and [2] do not fit in an initial value",
            "",
            "",
        ),
        (
            "param w[3]\nloss sum(broadcast(w, [3, 2]))",
            "2:10 the shapes [3] and [3, 2] do not fit in broadcast",
            "",
            "`w`, declared at 1:7",
        ),
    ] {
        wrong(source, expected, help, note);
    }
}

#[test]
fn labels_that_do_not_fit() {
    for (source, expected, help, note) in [
        (
            "param z[3, 2]\nconst y = [0, 1]\nloss softmax_cross_entropy(z, y)",
            "3:6 labels of shape [2] do not fit a matrix of shape [3, 2]",
            "one label for each of the 3 rows",
            "`z`, declared at 1:7, has shape [3, 2], `y`, declared at 2:7, has shape [2]",
        ),
        (
            "param z[3, 2]\nconst y = [0, 1, 2]\nloss softmax_cross_entropy(z, y)",
            "3:6 label 2 is 2, and labels are whole numbers from 0 to 1",
            "",
            "`y`, declared at 2:7",
        ),
        (
            "param z[3, 2]\nconst y = [0, 0.2, 2]\nloss softmax_cross_entropy(z, y)",
            "3:6 label 1 is 1/5, and labels are whole numbers from 0 to 1",
            "",
            "",
        ),
        (
            "param z[3, 2]\nconst y = [0, 1 + 1e-30, 0]\nloss softmax_cross_entropy(z, y)",
            "3:6 label 1 is 1000000000000000000000000000001/1000000000000000000000000000…, and labels are whole numbers from 0 to 1",
            "",
            "",
        ),
        (
            "param z[3, 2]\nconst y = [0, -1, 0]\nloss softmax_cross_entropy(z, y)",
            "3:6 label 1 is -1, and labels are whole numbers from 0 to 1",
            "",
            "",
        ),
        (
            "param z[3, 2], y[3]\nloss softmax_cross_entropy(z, y)",
            "2:6 `softmax_cross_entropy` takes data alone, and this depends on the parameter `y`",
            "",
            "",
        ),
        (
            "param z[3, 2]\nconst Y = [[1, 0, 0], [0, 1, 0], [1, 0, 0]]\nloss softmax_cross_entropy(z, Y)",
            "3:6 the shapes [3, 2] and [3, 3] do not fit in softmax_cross_entropy",
            "a matrix of weights of the logits' shape",
            "`Y`, declared at 2:7, has shape [3, 3]",
        ),
        (
            "param z[3]\nloss softmax_cross_entropy(z, [0, 1, 0])",
            "2:6 `softmax_cross_entropy` takes a matrix, a row for each case and a column for each class, not an array of shape [3]",
            "",
            "",
        ),
        (
            "param x\nloss x*sum(one_hot([0, 3], 3))",
            "2:12 label 1 is 3, and labels are whole numbers from 0 to 2",
            "",
            "",
        ),
        (
            "param x\nloss x*sum(one_hot([0, 3], x))",
            "2:12 the number of classes must be a constant integer, not an expression in the parameters",
            "",
            "",
        ),
        (
            "param x\nloss x*sum(standardise([[1, 2], [1, 3]]))",
            "2:12 column 0 is constant: it has no deviation to divide by",
            "",
            "`[[1, 2], [1, 3]]` at 2:24",
        ),
        (
            "param W[2, 3]\nloss sum(standardise(W))",
            "2:10 `standardise` takes data alone, and this depends on the parameter `W`",
            "",
            "",
        ),
        (
            "param x\nconst m\nloss x*sum(standardise([m, 1]))",
            "3:12 `standardise` takes data alone, and this depends on a constant without a value",
            "",
            "",
        ),
        (
            "param W[2, 3]\nloss max(W)",
            "2:6 `max` takes data alone, and this depends on the parameter `W`",
            "relu(b - a)",
            "",
        ),
    ] {
        wrong(source, expected, help, note);
    }
}

#[test]
fn arrays_beyond_the_limit() {
    for (source, expected) in [
        ("param W[1000000, 1000000]\nloss sum(W)", "1:7 more than 33554432 entries of parameters (the limit)"),
        (
            "param W[10^30, 2]\nloss sum(W)",
            "1:9 an array needs between 1 and 134217728 entries (the limit), not 1000000000000000000000000000000",
        ),
        ("param W[3, 0]\nloss sum(W)", "1:12 an array needs between 1 and 134217728 entries (the limit), not 0"),
        ("param W[-3, 2]\nloss sum(W)", "1:9 an array needs between 1 and 134217728 entries (the limit), not -3"),
        ("param W[2, w]\nloss sum(W)", "1:12 `w` is not declared"),
        (
            "param v[20000, 1], w[1, 20000]\nloss sum(v + w)",
            "2:10 an array of shape [20000, 20000] has more than 134217728 entries (the limit)",
        ),
        (
            "param v[20000, 1], w[1, 20000]\nloss sum(v @ w)",
            "2:10 an array of shape [20000, 20000] has more than 134217728 entries (the limit)",
        ),
        (
            "param x\nloss x*sum(one_hot([0, 1], 2^27))",
            "2:12 an array of shape [2, 134217728] has more than 134217728 entries (the limit)",
        ),
        (
            "param x\nloss sum(broadcast(x, [2^27, 2^27]))",
            "2:10 an array of shape [134217728, 134217728] has more than 134217728 entries (the limit)",
        ),
        ("param x\nloss sum(broadcast(x, [2, 2, 2]))", "2:10 an array has one axis or two, not 3"),
        (
            "param x\nloss x*max(broadcast(1, [2^27]))",
            "2:8 expanding the loss takes more than the limit of 20000000 operations",
        ),
        (
            "param w[4000000]\nloss sum([w, w])",
            "2:10 expanding the loss takes more than the limit of 20000000 operations",
        ),
    ] {
        check(source, &[expected]);
    }
    // Brackets nest to their limit, and no further.
    let nested = |n: usize| format!("param x\nloss {}x{}", "[".repeat(n), "]".repeat(n));
    check(&nested(900), &["2:903 an array has one axis or two, not 3"]);
    check(&nested(1001), &["2:1006 nesting deeper than the limit of 1000"]);
}
