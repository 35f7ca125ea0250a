//! Values of everything that is said of arrays, against loops over plain floats, and gradients against differences.

use super::*;

/// Numbers that repeat nothing.
fn entries(count: usize, seed: u32) -> Vec<f64> {
    let entry = |k: usize| ((k as f64 + 1.0) * (f64::from(seed) + 0.7)).sin();
    (0..count).map(entry).collect()
}

/// A matrix as a literal, exactly.
fn literal(entries: &[f64], columns: usize) -> String {
    let number = |x: &f64| Rational::from_f64(*x).unwrap().to_string();
    let row = |row: &[f64]| format!("[{}]", row.iter().map(number).collect::<Vec<_>>().join(", "));
    format!("[{}]", entries.chunks(columns).map(row).collect::<Vec<_>>().join(", "))
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{what}: {found}, not {expected}");
}

/// Two texts with the same value.
fn alike(left: &str, right: &str) {
    let [found, expected] = [left, right].map(|text| {
        let at = [0.3, 0.7, 0.2, -0.5, 1.25];
        value(&format!("param x, y, w[3]\nconst m\nloss 0*x + {text}\n"), &at)
    });
    close(found, expected, left);
}

/// The gradient agrees with central differences of the value.
fn check_gradient(source: &str, at: &[f64]) {
    let loss = parse(source);
    let (mut pool, id) = loss.expression.into_parts();
    let gradient = pool.gradient(id);
    let mut roots = vec![id];
    roots.extend(gradient);
    let tape = Tape::new(&pool, &roots);
    let evaluate = |at: &[f64]| {
        tape.evaluate(&mut Floats, |_, v| match v {
            Variable::Theta(k) => at[k as usize],
            _ => f64::NAN,
        })
    };
    let found = evaluate(at);
    assert_eq!(found.len(), at.len() + 1);
    for k in 0..at.len() {
        let step = 1e-5;
        let mut moved = at.to_vec();
        moved[k] += step;
        let above = evaluate(&moved)[0];
        moved[k] -= 2.0 * step;
        let difference = (above - evaluate(&moved)[0]) / (2.0 * step);
        assert!((found[k + 1] - difference).abs() < 1e-7, "entry {k} of\n{source}\n{} {difference}", found[k + 1]);
    }
}

#[test]
fn matrices_are_what_loops_say() {
    let a = entries(6, 1);
    let b = entries(12, 2);
    let (v, w) = (entries(2, 3), entries(3, 4));
    let at: Vec<f64> = [a.clone(), b.clone(), v.clone(), w.clone()].concat();
    let declared = "param A[2, 3], B[3, 4], v[2], w[3]\n";
    let check = |text: &str, expected: f64| {
        let source = format!("{declared}loss {text}\n");
        close(value(&source, &at), expected, text);
        check_gradient(&source, &at);
    };
    let entry = |i: usize, j: usize| a[3 * i + j];
    let product = |i: usize, j: usize| (0..3).map(|k| entry(i, k) * b[4 * k + j]).sum::<f64>();
    let all = |f: &dyn Fn(usize, usize) -> f64, rows: usize, columns: usize| -> f64 {
        (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(|(i, j)| f(i, j)).sum()
    };
    check("A[1, 2]", entry(1, 2));
    check("A[0, 1]*A[1, 0]", entry(0, 1) * entry(1, 0));
    check("A'[2, 1]", entry(1, 2));
    check("(A @ B)[1, 3]", product(1, 3));
    check("sum(A @ B)", all(&product, 2, 4));
    check("norm2(A @ B)", all(&|i, j| product(i, j).powi(2), 2, 4));
    check("norm2(A @ w)", (0..2).map(|i| (0..3).map(|k| entry(i, k) * w[k]).sum::<f64>().powi(2)).sum());
    check("norm2(v @ A)", (0..3).map(|j| (0..2).map(|i| v[i] * entry(i, j)).sum::<f64>().powi(2)).sum());
    check("w @ w", w.iter().map(|x| x * x).sum());
    check("v @ A @ w", all(&|i, j| v[i] * entry(i, j) * w[j], 2, 3));
    check("norm2(B'@A')", all(&|i, j| product(i, j).powi(2), 2, 4));
    check("norm2(A + w)", all(&|i, j| (entry(i, j) + w[j]).powi(2), 2, 3));
    check("norm2(A' - v)", all(&|i, j| (entry(i, j) - v[i]).powi(2), 2, 3));
    check("sum(tanh(A)*w)", all(&|i, j| entry(i, j).tanh() * w[j], 2, 3));
    check("norm2(A/(2 + w))", all(&|i, j| (entry(i, j) / (2.0 + w[j])).powi(2), 2, 3));
    check("norm2(sum(A, 0))", (0..3).map(|j| (entry(0, j) + entry(1, j)).powi(2)).sum());
    check("norm2(mean(A, 1))", (0..2).map(|i| ((0..3).map(|j| entry(i, j)).sum::<f64>() / 3.0).powi(2)).sum());
    check("mean(A)", all(&entry, 2, 3) / 6.0);
    check("sum(norm2(A, 0)*w)", all(&|i, j| entry(i, j).powi(2) * w[j], 2, 3));
    let log_sum = |i: usize| (0..3).map(|j| entry(i, j).exp()).sum::<f64>().ln();
    check("sum(logsumexp(A, 1)*v)", (0..2).map(|i| log_sum(i) * v[i]).sum());
    check("logsumexp(A)", (0..2).map(|i| log_sum(i).exp()).sum::<f64>().ln());
    check("norm2(logsumexp(A, 0))", (0..3).map(|j| (entry(0, j).exp() + entry(1, j).exp()).ln().powi(2)).sum());
    check("sum(w, 0) + mean(w, 0)", w.iter().sum::<f64>() * 4.0 / 3.0);
    check("sum([[v[0], w[1]], [1, 2]] @ v)", v[0] * v[0] + w[1] * v[1] + v[0] + 2.0 * v[1]);
    check("sum([v, v] @ [[1], [10]])", 2.0 * (v[0] + 10.0 * v[1]));
    check("norm2(broadcast(w, [2, 3]) - A)", all(&|i, j| (entry(i, j) - w[j]).powi(2), 2, 3));
    check("sum(i in 0..2, A[i, i]*A[i, 2 - i])", entry(0, 0) * entry(0, 2) + entry(1, 1).powi(2));
    check("norm2(A^[1, 2, 3])", all(&|i, j| entry(i, j).powi(2 * (1 + j as i32)), 2, 3));
    check("sum(i in 1..3, norm2(A + i))", all(&|i, j| (entry(i, j) + 1.0).powi(2) + (entry(i, j) + 2.0).powi(2), 2, 3));
}

#[test]
fn a_network() {
    let (rows, inner, hidden, classes) = (5, 4, 3, 3);
    let x = entries(rows * inner, 1);
    let labels = [0usize, 2, 1, 2, 0];
    let at = entries(inner * hidden + hidden + hidden * classes + classes, 2);
    let source = |y: &str| {
        format!(
            "const X = {}\nconst y = {y}\nparam W1[4, 3], b1[3]\nparam W2[3, 3], b2[3]\n\
             let A1 = tanh(X @ W1 + b1)\nloss softmax_cross_entropy(A1 @ W2 + b2, y)\n",
            literal(&x, inner)
        )
    };
    let (w1, rest) = at.split_at(inner * hidden);
    let (b1, rest) = rest.split_at(hidden);
    let (w2, b2) = rest.split_at(hidden * classes);
    let logits = |row: usize| -> Vec<f64> {
        let a: Vec<f64> = (0..hidden)
            .map(|j| (b1[j] + (0..inner).map(|k| x[row * inner + k] * w1[k * hidden + j]).sum::<f64>()).tanh())
            .collect();
        (0..classes).map(|j| b2[j] + (0..hidden).map(|k| a[k] * w2[k * classes + j]).sum::<f64>()).collect()
    };
    let log_sum = |z: &[f64]| z.iter().map(|z| z.exp()).sum::<f64>().ln();
    let expected = (0..rows).map(|row| log_sum(&logits(row)) - logits(row)[labels[row]]).sum::<f64>() / rows as f64;
    let labelled = source("[0, 2, 1, 2, 0]");
    close(value(&labelled, &at), expected, "labels");
    check_gradient(&labelled, &at);
    // The same with a 1 at every label.
    close(value(&source("[0, 4/2, 1, 2, 0*7]"), &at), expected, "labels that are computed");
    close(value(&source("one_hot([0, 2, 1, 2, 0], 3)"), &at), expected, "one_hot");
    close(value(&source("[[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0]]"), &at), expected, "weights");
    // Weights that do not add up to 1.
    let weights = entries(rows * classes, 5);
    let weighted = (0..rows)
        .map(|row| {
            log_sum(&logits(row)) - (0..classes).map(|j| weights[row * classes + j] * logits(row)[j]).sum::<f64>()
        })
        .sum::<f64>()
        / rows as f64;
    let source = source(&literal(&weights, classes));
    close(value(&source, &at), weighted, "any weights");
    check_gradient(&source, &at);
}

#[test]
fn columns_are_standardised() {
    let x = entries(12, 3);
    let source = format!("const X = {}\nlet Z = standardise(X)\nparam w[3]\nloss norm2(Z @ w)\n", literal(&x, 3));
    let column = |j: usize| (0..4).map(move |i| i * 3 + j);
    let z = |i: usize, j: usize| {
        let mean = column(j).map(|k| x[k]).sum::<f64>() / 4.0;
        let variance = column(j).map(|k| (x[k] - mean).powi(2)).sum::<f64>() / 4.0;
        (x[i * 3 + j] - mean) / variance.sqrt()
    };
    let at = entries(3, 9);
    let expected = (0..4).map(|i| (0..3).map(|j| z(i, j) * at[j]).sum::<f64>().powi(2)).sum();
    close(value(&source, &at), expected, "standardise");
    // Exact numbers stay exact: (1, 2, 3) has the deviation √(2/3).
    alike("standardise([1, 2, 3])[2]", "sqrt(3/2)");
    alike("standardise([[1, 5], [3, 9]])[1, 0]", "1");
    alike("norm2(standardise([1, 2, 4, 1/3]))", "4");
}

#[test]
fn the_largest_of_data() {
    for (left, right) in [
        ("max([1, 3, 2])", "3"),
        ("max([[1, 5], [4, 2]])", "5"),
        ("max([[1, 5], [4, 2]], 0)[0]", "4"),
        ("max([[1, 5], [4, 2]], 1)[1]", "4"),
        ("max([sqrt(2), 1.414, pi/3])", "sqrt(2)"),
        ("max(2)", "2"),
        ("[x, y]/max([1, 2, 4])", "[x, y]/4"),
    ] {
        same(left, right);
    }
}

#[test]
fn arrays_are_read_as_numpy_would() {
    for (left, right) in [
        ("[[1, 2], [3, 4]][1, 0]", "3"),
        ("([[1, 2], [3, 4]]')[1, 0]", "2"),
        ("0*x + ([[1, 2], [3, 4]] @ [[x], [y]])[1, 0]", "3*x + 4*y"),
        ("sum([[1, 2], [3, 4]] @ [1, 10])", "64"),
        ("sum([[0.1, 0.2]] + [[0.3], [0.4]])", "2"),
        ("sum([[x, y]], 0)[1]", "y"),
        ("sum([[x, y]], 1)[0]", "x + y"),
        ("mean([[x, y], [x, y]], 0)[0]", "x"),
        ("norm2([[x, y]])", "norm2([x, y])"),
        ("one_hot([1, 0], 2)[0, 1]", "1"),
        ("([[x, y], [y, x]] @ [1, 2])[0]", "x + 2*y"),
        ("w @ w", "norm2(w)"),
        ("broadcast(x, [2, 2])[1, 1]", "x"),
        ("gather([[x, y], [1, 2]], [1, 0])[0]", "y"),
        ("[[x, y]]'[1, 0]", "y"),
        ("-[[x, y]][0, 1]^2", "-(y^2)"),
        ("x*[[1, 2]]'[1, 0]", "2*x"),
        ("log([[1, 2]])[0, 0]", "0"),
    ] {
        alike(left, right);
    }
}

#[test]
fn functions_of_newer_names_may_be_shadowed() {
    assert_eq!(value("param x\ndef max(a, b) = a + relu(b - a)\nloss max(x, 2)^2", &[1.0]), 4.0);
    assert_eq!(value("param gather, broadcast\nloss gather*broadcast", &[2.0, 3.0]), 6.0);
    assert_eq!(value("param x\nlet standardise = x^2\nloss standardise", &[3.0]), 9.0);
}

#[test]
fn data_of_files_are_computed_once() {
    let mut pool = Pool::new();
    let numbers = [0.1, 0.2, 0.3, 7.0, -1.5, 4.0];
    let x = pool.declare_data(crate::expr::Data::new("X", Shape::new(&[3, 2]), numbers).unwrap());
    let w = pool.declare_parameter("w", Shape::vector(2));
    let names = [("X".to_owned(), x), ("w".to_owned(), w)];
    let mut data = |text: &str| -> Vec<f64> {
        let id = parse_expression(text, &mut pool, &names).unwrap_or_else(|e| panic!("{text}\n{e}"));
        match pool.node(id) {
            crate::expr::Node::Data(d) => pool.data()[*d as usize].values().to_vec(),
            crate::expr::Node::Constant(q) => vec![q.to_f64()],
            node => panic!("{text} is {node:?}"),
        }
    };
    assert_eq!(data("X/16"), numbers.map(|x| x / 16.0));
    assert_eq!(data("X/3 + 1"), numbers.map(|x| x / 3.0 + 1.0));
    assert_eq!(data("mean(X, 0)"), [(0.1f64 + 0.3 - 1.5) / 3.0, 11.2 / 3.0]);
    assert_eq!(data("max(X)"), [7.0]);
    assert_eq!(data("max(X, 0)"), [0.3, 7.0]);
    assert_eq!(data("X'")[1], 0.3);
    assert_eq!(data("(X' @ X)[0, 1]")[0], 0.1f64.mul_add(0.2, 0.3 * 7.0 - 1.5 * 4.0));
    assert_eq!(data("X[1, 1] + 1/2"), [7.5]);
    assert_eq!(data("X^2")[4], 2.25);
    assert_eq!(data("X^[2, 1]")[4..], [2.25, 4.0]);
    let z = data("standardise(X)");
    for j in 0..2 {
        let column = [numbers[j], numbers[2 + j], numbers[4 + j]];
        let mean = column.iter().sum::<f64>() / 3.0;
        let deviation = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 3.0).sqrt();
        for i in 0..3 {
            assert!((z[2 * i + j] - (column[i] - mean) / deviation).abs() < 1e-15);
        }
    }
    let exponentials = data("exp(X)");
    assert!(numbers.iter().zip(exponentials).all(|(x, y)| (x.exp() - y).abs() <= y * f64::EPSILON));
    // What depends on a parameter stays an expression, of few nodes.
    let before = pool.len();
    parse_expression("norm2(tanh(X @ w))", &mut pool, &names).unwrap();
    assert!(pool.len() < before + 10);
    for (text, message) in [
        ("sum(1/(X - 7))", "no value: division by zero, at the entry [1, 1]"),
        ("sum(log(X))", "no value: log of a negative number is not real, at the entry [2, 0]"),
        ("sum(exp(1000*X))", "an expression of data that is no finite number at the entry [1, 1]"),
        ("sum(standardise(X*0 + [1, 2]))", "column 0 is constant"),
        (
            "softmax_cross_entropy([[w[0], w[1]]], X[0, 0]*[1])",
            "label 0 is 0.1, and labels are whole numbers from 0 to 1",
        ),
    ] {
        let found = parse_expression(text, &mut pool, &names).unwrap_err().to_string();
        assert!(found.contains(message), "{text}\n{found}");
    }
}

#[test]
fn nodes_do_not_grow_with_arrays() {
    let source = |n: usize| {
        format!(
            "param X[1000, {n}], y[1000]\nparam W1[{n}, {n}], b1[{n}], W2[{n}, 10], b2[10]\n\
             let A = tanh(X @ W1 + b1)\nloss norm2(A @ W2 + b2) + mean(sum(A, 1)*y)\n"
        )
    };
    let nodes = |n: usize| parse(&source(n)).expression.pool().len();
    assert_eq!(nodes(20), nodes(400));
}

#[test]
fn literals_stay_exact() {
    let loss = parse("const X = [[0.1, 1/3], [2, 3]]\nparam w[2]\nloss sum(X @ w)\n");
    let tape = Tape::new(loss.expression.pool(), &[loss.expression.id()]);
    let mut exact = crate::expr::Exact::default();
    let values = tape.evaluate(&mut exact, |_, v| match v {
        Variable::Theta(0) => Rational::from(1),
        _ => Rational::from(3),
    });
    assert_eq!(values[0], "0.1".parse::<Rational>().unwrap() + Rational::from(12));
    // Long vectors likewise.
    let numbers: Vec<String> = (1..=1000).map(|k| format!("{k}/10")).collect();
    let loss = parse(&format!("const v = [{}]\nparam x\nloss x*sum(v)\n", numbers.join(", ")));
    let tape = Tape::new(loss.expression.pool(), &[loss.expression.id()]);
    let values = tape.evaluate(&mut crate::expr::Exact::default(), |_, _| Rational::from(1));
    assert_eq!(values[0], Rational::from(50_050));
}
