//! What is printed of arrays reads back to the same expressions.

use super::*;
use crate::expr::Node;

/// Prints expressions and reads them back, to the same nodes or to the same values.
fn check(pool: &mut Pool, roots: &[Id], exactly: bool) {
    let printed = pool.print(roots, &[]);
    let parameters: Vec<String> = pool.parameters().map(|(name, _)| name.to_owned()).collect();
    let mut names: Vec<(String, Id)> = (0..).zip(parameters).map(|(p, name)| (name, pool.parameter(p))).collect();
    let data: Vec<(String, usize)> = pool
        .data()
        .iter()
        .enumerate()
        .map(|(d, data)| (data.name().to_owned(), d))
        .filter(|(n, _)| !n.is_empty())
        .collect();
    let reachable = pool.reachable(roots);
    for (name, d) in data {
        let node = reachable.iter().find(|id| matches!(pool.node(**id), Node::Data(at) if *at as usize == d));
        names.extend(node.map(|id| (name, *id)));
    }
    let lets: String = printed.lets.iter().map(|(name, value)| format!("let {name} = {value}\n")).collect();
    for (root, text) in roots.iter().zip(&printed.expressions) {
        let source = format!("{lets}{text}");
        let again = parse_expression(&source, pool, &names).unwrap_or_else(|e| panic!("{source}\n{e}"));
        if exactly {
            assert_eq!(*root, again, "{source}: {:?} {:?}", pool.node(*root), pool.node(again));
        }
        let values = Tape::new(pool, &[*root, again]).evaluate(&mut Floats, |_, v| match v {
            Variable::Theta(k) => (f64::from(k) + 1.0).sin(),
            _ => f64::NAN,
        });
        let (left, right) = values.split_at(values.len() / 2);
        for (x, y) in left.iter().zip(right) {
            assert!((x - y).abs() <= 1e-12 * (1.0 + x.abs()), "{source}: {x} {y}");
        }
    }
}

#[test]
fn derivatives_of_networks_read_back() {
    for source in [
        "const X = [[0.5, 1], [2, 1/3], [-1, 4]]\nconst y = [1, 0, 2]\nparam W[2, 4], b[4], V[4, 3], c[3]\n\
         loss softmax_cross_entropy(tanh(X @ W + b) @ V + c, y)",
        "const X = [[0.5, 1], [2, 1/3], [-1, 4]]\nparam w[2], b\nloss mean((X @ w + b - [1, 2, 3])^2)/2",
        "const X = [[0.5, 1], [2, 1/3], [-1, 4]]\nparam W[2, 1], b\nloss norm2(sigmoid(X @ W + b) - [[1], [2], [3]])",
        "param A[2, 3], v[2], w[3]\nloss v @ A @ w + logsumexp(A + w) + norm2(mean(A, 0)*w) + sum(logsumexp(A, 0)^3)",
        "param A[2, 3], v[2]\nloss sum(exp(A')*v) + A[1, 2]^2 + norm2(sum(A, 1) - v) + norm2(one_hot([0, 2], 3)*A)",
        "param A[3, 1], B[1, 3]\nloss norm2(A @ B) + norm2(A' - B) + norm2(B @ A) + norm2(A + B)",
        "param A[2, 3]\nlet T = broadcast(sum(A, 0), [2, 3])\nloss norm2(gather(A, [1, 2])) + sum(T @ A') + norm2(A^2 @ A')",
        "param w[3], A[2, 3]\nloss norm2([w, 2*w] @ w) + norm2([[w[0], 1], [w[1], w[2]]] @ [[1], [w[0]]]) + norm2(A @ [w, w]')",
    ] {
        let (mut pool, loss) = parse(source).expression.into_parts();
        let gradient = pool.gradient(loss);
        let action = pool.hessian_vector(loss, &gradient);
        let mut roots = vec![loss];
        roots.extend(gradient);
        roots.extend(action);
        let exactly = !source.contains("[w");
        check(&mut pool, &roots, exactly);
        for id in pool.reachable(&roots) {
            // A short vector of numbers reads back as the stack of them, which labels are made data of again.
            if !matches!(pool.node(id), Node::Data(_)) {
                check(&mut pool, &[id], exactly);
            }
        }
    }
}

#[test]
fn repetition_is_not_written() {
    let (mut pool, loss) =
        parse("const X = [[0.5, 1], [2, 3]]\nparam W[2, 3], b[3], v[2]\nloss sum(tanh(X @ W + b)) + sum(exp(v @ X))")
            .expression
            .into_parts();
    let printed = pool.print(&[loss], &[]);
    let text = printed.expressions[0].to_string();
    assert_eq!(text, "sum(tanh(X @ W + b)) + sum(exp(v @ X))");
    check(&mut pool, &[loss], true);
}
