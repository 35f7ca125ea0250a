//! The coefficients of DOP853.

/// The number of stages.
pub(super) const STAGES: usize = 12;

/// The nodes `c_i`; an autonomous field does not see them, the order conditions do.
#[cfg(test)]
const NODES: [f64; STAGES] = [
    0.0,
    0.05260015195876773,
    0.0789002279381516,
    0.1183503419072274,
    0.2816496580927726,
    0.3333333333333333,
    0.25,
    0.3076923076923077,
    0.6512820512820513,
    0.6,
    0.8571428571428571,
    1.0,
];

/// The matrix `a_ij`, `j < i`.
pub(super) const MATRIX: [&[f64]; STAGES] = [
    &[],
    &[0.05260015195876773],
    &[0.0197250569845379, 0.0591751709536137],
    &[0.02958758547680685, 0.0, 0.08876275643042054],
    &[0.2413651341592667, 0.0, -0.8845494793282861, 0.924834003261792],
    &[0.037037037037037035, 0.0, 0.0, 0.17082860872947386, 0.12546768756682242],
    &[0.037109375, 0.0, 0.0, 0.17025221101954405, 0.06021653898045596, -0.017578125],
    &[
        0.03709200011850479,
        0.0,
        0.0,
        0.17038392571223998,
        0.10726203044637328,
        -0.015319437748624402,
        0.008273789163814023,
    ],
    &[
        0.6241109587160757,
        0.0,
        0.0,
        -3.3608926294469414,
        -0.868219346841726,
        27.59209969944671,
        20.154067550477894,
        -43.48988418106996,
    ],
    &[
        0.47766253643826434,
        0.0,
        0.0,
        -2.4881146199716677,
        -0.590290826836843,
        21.230051448181193,
        15.279233632882423,
        -33.28821096898486,
        -0.020331201708508627,
    ],
    &[
        -0.9371424300859873,
        0.0,
        0.0,
        5.186372428844064,
        1.0914373489967295,
        -8.149787010746927,
        -18.52006565999696,
        22.739487099350505,
        2.4936055526796523,
        -3.0467644718982196,
    ],
    &[
        2.273310147516538,
        0.0,
        0.0,
        -10.53449546673725,
        -2.0008720582248625,
        -17.9589318631188,
        27.94888452941996,
        -2.8589982771350235,
        -8.87285693353063,
        12.360567175794303,
        0.6433927460157636,
    ],
];

/// The weights `b_i` of order 8.
pub(super) const WEIGHTS: [f64; STAGES] = [
    0.054293734116568765,
    0.0,
    0.0,
    0.0,
    0.0,
    4.450312892752409,
    1.8915178993145003,
    -5.801203960010585,
    0.3111643669578199,
    -0.1521609496625161,
    0.20136540080403034,
    0.04471061572777259,
];

/// The weights of order 8 less those of the embedded method of order 5.
pub(super) const ERROR_5: [f64; STAGES] = [
    0.01312004499419488,
    0.0,
    0.0,
    0.0,
    0.0,
    -1.2251564463762044,
    -0.4957589496572502,
    1.6643771824549864,
    -0.35032884874997366,
    0.3341791187130175,
    0.08192320648511571,
    -0.022355307863886294,
];

/// The weights of order 8 less those of the embedded method of order 3.
pub(super) const ERROR_3: [f64; STAGES] = [
    -0.18980075407240762,
    0.0,
    0.0,
    0.0,
    0.0,
    4.450312892752409,
    1.8915178993145003,
    -5.801203960010585,
    -0.4226823213237919,
    -0.1521609496625161,
    0.20136540080403034,
    0.02265179219836082,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Elementary weights: a rooted tree is its list of subtrees, and its stage values are `Π_children A·(stage values)`.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    struct Tree(Vec<Tree>);

    impl Tree {
        fn size(&self) -> usize {
            1 + self.0.iter().map(Tree::size).sum::<usize>()
        }

        /// `γ`, the product of the sizes of all subtrees.
        fn density(&self) -> f64 {
            self.0.iter().map(Tree::density).product::<f64>() * self.size() as f64
        }

        fn stages(&self) -> [f64; STAGES] {
            let mut product = [1.0; STAGES];
            for child in &self.0 {
                let inner = child.stages();
                for (p, row) in product.iter_mut().zip(MATRIX) {
                    *p *= row.iter().zip(inner).map(|(a, s)| a * s).sum::<f64>();
                }
            }
            product
        }
    }

    /// All rooted trees with up to eight nodes, by grafting a leaf at every place.
    fn trees(limit: usize) -> Vec<Vec<Tree>> {
        fn grafts(tree: &Tree) -> Vec<Tree> {
            let mut all = vec![Tree([tree.0.clone(), vec![Tree(vec![])]].concat())];
            for (k, child) in tree.0.iter().enumerate() {
                for grown in grafts(child) {
                    let mut children = tree.0.clone();
                    children[k] = grown;
                    all.push(Tree(children));
                }
            }
            for t in &mut all {
                t.0.sort();
            }
            all
        }
        let mut levels = vec![vec![Tree(vec![])]];
        while levels.len() < limit {
            let mut next: Vec<Tree> = levels[levels.len() - 1].iter().flat_map(grafts).collect();
            next.sort();
            next.dedup();
            levels.push(next);
        }
        levels
    }

    fn defect(weights: &[f64; STAGES], tree: &Tree) -> f64 {
        weights.iter().zip(tree.stages()).map(|(b, s)| b * s).sum::<f64>() - 1.0 / tree.density()
    }

    #[test]
    fn the_order_conditions_hold() {
        let trees = trees(9);
        assert_eq!(trees.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 2, 4, 9, 20, 48, 115, 286]);
        let worst = |weights: &[f64; STAGES], size: usize| {
            trees[size - 1].iter().map(|t| defect(weights, t).abs()).fold(0.0, f64::max)
        };
        let fifth: [f64; STAGES] = std::array::from_fn(|i| WEIGHTS[i] - ERROR_5[i]);
        let third: [f64; STAGES] = std::array::from_fn(|i| WEIGHTS[i] - ERROR_3[i]);
        for (weights, order) in [(&WEIGHTS, 8), (&fifth, 5), (&third, 3)] {
            for size in 1..=order {
                assert!(worst(weights, size) < 2e-14, "order {order}, size {size}: {}", worst(weights, size));
            }
            assert!(worst(weights, order + 1) > 1e-8, "no more than order {order}");
        }
        for (row, c) in MATRIX.iter().zip(NODES) {
            assert!((row.iter().sum::<f64>() - c).abs() < 1e-14);
        }
    }
}
