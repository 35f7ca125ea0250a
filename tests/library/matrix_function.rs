//! The promise: `α(hH) g` is right for every symmetric `H`, however clustered, singular or defective.
//!
//! The expected values are from mpmath: an eigendecomposition with 250 digits of the same matrix moved by 1e-90, so that a
//! defective one has eigenvectors, with the cut of the logarithm along the negative imaginary axis of `1 − z`.

use num_complex::Complex64;
use shadowflow::spectral::{Alpha, MatrixFunction, SpectralError};

const EPS30: f64 = 1.0 / (1u64 << 30) as f64;
const EPS26: f64 = 1.0 / (1u64 << 26) as f64;
/// An eigenvalue at less than 1e-8 from the branch point.
const NEAR: f64 = 1.0 + 0.5 * EPS26;

fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}

/// Symmetric in `i` and `j`, in sixteenths.
fn entry(i: usize, j: usize, seed: usize) -> f64 {
    ((3 * (i * i + j * j) + 5 * i * j + 7 * seed) % 17) as f64 / 16.0 - 0.5
}

fn real(i: usize, j: usize) -> Complex64 {
    c(entry(i, j, 1), 0.0)
}

fn complex(i: usize, j: usize) -> Complex64 {
    c(entry(i, j, 1), entry(i, j, 2))
}

fn one(i: usize, j: usize) -> f64 {
    f64::from(u8::from(i == j))
}

/// Eigenvalues `NEAR` and, seven times, about `−2⁻³⁰`.
fn flat(i: usize, j: usize) -> Complex64 {
    let off = 0.0625 + EPS30;
    c(if i == j { NEAR - 7.0 * off } else { off }, 0.0)
}

/// `u uᵀ` with `uᵀu = 0`: nilpotent, symmetric and not zero.
fn isotropic(n: usize, i: usize, j: usize) -> Complex64 {
    let u = |k: usize| match n {
        2 => [c(1.0, 0.0), c(0.0, 1.0)][k],
        3 => [c(3.0, 0.0), c(4.0, 0.0), c(0.0, 5.0)][k] / 8.0,
        _ => {
            [c(3.0, 0.0), c(4.0, 0.0), c(0.0, 5.0), c(5.0, 0.0), c(12.0, 0.0), c(0.0, 13.0), c(0.0, 0.0), c(0.0, 0.0)]
                [k]
                / 16.0
        }
    };
    u(i) * u(j)
}

fn check(name: &str, n: usize, tolerance: f64, hessian: impl Fn(usize, usize) -> Complex64, want: &[Complex64]) {
    let step = 0.5;
    let hessian: Vec<Complex64> = (0..n * n).map(|k| hessian(k / n, k % n) / step).collect();
    let gradient: Vec<Complex64> = (0..n).map(|i| c((i + 1) as f64 / 4.0, -(i as f64) / 8.0)).collect();
    let mut got = vec![Complex64::ZERO; n];
    let mut function = MatrixFunction::new(Alpha::Logarithm, n);
    let norm = |v: &[Complex64]| v.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    // Twice, since the workspace is reused.
    for _ in 0..2 {
        function.apply(step, &hessian, &gradient, &mut got).expect("a value");
        let off: Vec<Complex64> = got.iter().zip(want).map(|(g, w)| g - w).collect();
        let error = norm(&off) / norm(want);
        assert!(error <= tolerance, "{name}, D = {n}: relative error {error:.1e} above {tolerance:.1e}");
    }
    assert_eq!(function.shifted_spectrum().len(), n);
}

#[test]
fn matrix_function_against_250_digits() {
    check("one dimension", 1, 1e-15, |_, _| c(1.5, -0.25), &[c(-0.1666864182163792, 0.4185431043954347)]);
    check(
        "tiny, real",
        3,
        1e-15,
        |i, j| real(i, j) * EPS30,
        &[
            c(-0.24999999989086064, -3.63797880599057e-11),
            c(-0.5000000000654836, 0.12500000002546585),
            c(-0.7499999998835847, 0.2499999999672582),
        ],
    );
    check(
        "tiny, complex",
        2,
        1e-15,
        |i, j| complex(i, j) * EPS30,
        &[c(-0.24999999999272404, 8.0035533730042e-11), c(-0.4999999999126885, 0.1250000000327418)],
    );
    check(
        "tiny, complex",
        3,
        1e-15,
        |i, j| complex(i, j) * EPS30,
        &[
            c(-0.24999999986903276, 1.4551915282718134e-11),
            c(-0.5000000000436557, 0.12500000014915713),
            c(-0.7499999998653948, 0.25000000002546585),
        ],
    );
    check(
        "clustered",
        2,
        1e-15,
        |i, j| one(i, j) * 0.5 + complex(i, j) * EPS30,
        &[c(-0.3465735902621115, 1.964730333869785e-10), c(-0.6931471803456111, 0.17328679522036167)],
    );
    check(
        "clustered",
        3,
        1e-14,
        |i, j| one(i, j) * 1.5 + complex(i, j) * EPS30,
        &[
            c(-0.11552453056389975, 0.5235987759162574),
            c(0.030750327339288685, 1.1049598156316973),
            c(0.17702518480533047, 1.6863208571805102),
        ],
    );
    check(
        "near the branch point, diagonal",
        2,
        1e-15,
        |i, j| c(one(i, j) * if i == 0 { NEAR } else { 0.25 }, 0.0),
        &[c(-4.678743433920276, 0.785398157545776), c(-0.5753641449035618, 0.14384103622589045)],
    );
    check(
        "near the branch point",
        2,
        2e-9,
        |i, j| c(if i == j { 0.625 } else { 0.375 } + 0.25 * EPS26, 0.0),
        &[c(-6.677924575268079, 2.2758625766857876), c(-6.96560664771986, 2.419703612911678)],
    );
    check(
        "near the branch point, real",
        8,
        1.3e-8,
        flat,
        &[
            c(-18.46689111095623, 11.115588935326523),
            c(-18.813464701236203, 11.28887573046651),
            c(-19.160038291516173, 11.462162525606495),
            c(-19.506611881796147, 11.635449320746481),
            c(-19.85318547207612, 11.808736115886468),
            c(-20.19975906235609, 11.982022911026455),
            c(-20.546332652636064, 12.15530970616644),
            c(-20.892906242916037, 12.328596501306427),
        ],
    );
    check(
        "near the branch point, complex",
        8,
        1.3e-8,
        |i, j| flat(i, j) + if i + j == 1 { c(0.0, 2f64.powi(-20)) } else { Complex64::ZERO },
        &[
            c(-13.8938416193627, 11.331107494681195),
            c(-14.240415063323494, 11.504394582458659),
            c(-14.586967553333869, 11.677706192718981),
            c(-14.93354114361384, 11.850992987858968),
            c(-15.280114733893814, 12.024279782998955),
            c(-15.626688324173786, 12.19756657813894),
            c(-15.97326191445376, 12.370853373278926),
            c(-16.31983550473373, 12.544140168418913),
        ],
    );
    check(
        "general, real",
        2,
        1e-15,
        |i, j| real(i, j) * 4.0,
        &[c(-0.2847354616339828, 0.01364203393399168), c(-0.32391431245611535, 0.074157561147033)],
    );
    check(
        "general, real",
        3,
        1e-14,
        |i, j| real(i, j) * 4.0,
        &[
            c(0.1390677486090155, -0.1525637261478172),
            c(-0.5751373328359566, 0.17132311632343128),
            c(-0.722542013907486, 0.2733427246088063),
        ],
    );
    check(
        "general, real",
        8,
        1e-14,
        real,
        &[
            c(0.06172550232587592, -0.9093386244159155),
            c(-0.3711655488861111, -0.3246864735643368),
            c(-0.3679446396175587, 0.7509950782974018),
            c(-1.528614542210341, 1.4156176284677275),
            c(-1.3509047234236768, -0.09406818576501383),
            c(-1.4815071515602194, 1.2646150770446676),
            c(-2.496556493871444, 0.20212586558602746),
            c(-2.228781865968666, 1.7822462688140257),
        ],
    );
    check(
        "singular, real",
        3,
        1e-14,
        |i, j| c(((i + 1) * (j + 1)) as f64 / 8.0, 0.0),
        &[
            c(0.08713083265341061, 0.3891125044904513),
            c(0.17426166530682122, 0.9032250089809026),
            c(0.26139249796023184, 1.417337513471354),
        ],
    );
    check(
        "general, complex",
        2,
        1e-14,
        |i, j| complex(i, j) * 3.0,
        &[c(-0.20656268447575907, 0.0962771048441872), c(-0.29443330354349273, 0.1712717871087854)],
    );
    check(
        "general, complex",
        3,
        1e-14,
        complex,
        &[
            c(-0.12058027093780724, 0.04522791080736526),
            c(-0.49351247409692006, 0.21854707475813645),
            c(-0.6542182907833305, 0.28100214600213497),
        ],
    );
    check(
        "general, complex",
        3,
        1e-14,
        |i, j| complex(i, j) * 4.0,
        &[
            c(0.056669858997374194, 0.16948414282212657),
            c(-0.34161671567751867, 0.23206327835582216),
            c(-0.5229537870856916, 0.24414301252937756),
        ],
    );
    check(
        "general, complex",
        8,
        1e-14,
        complex,
        &[
            c(0.7118933276501834, 0.22090942312983652),
            c(-0.21839469271778442, -0.18983505179402935),
            c(-1.022663043321632, -0.21970416432168174),
            c(-0.8867574164479008, 0.7680413103659657),
            c(-0.9230555646295548, 0.17465485761962035),
            c(-1.0216382276149707, 0.5112860193919467),
            c(-0.7729880188254239, 1.950407136968262),
            c(-1.8482159142570913, 1.3640964621369585),
        ],
    );
    check("nilpotent", 2, 1e-15, |i, j| isotropic(2, i, j), &[c(-0.4375, -0.25), c(-0.25, -0.0625)]);
    check(
        "defective",
        2,
        1e-14,
        |i, j| one(i, j) * 0.375 + isotropic(2, i, j),
        &[c(-0.6599927415085289, -0.4622093182373847), c(-0.16446218742359603, -0.18998911226279333)],
    );
    check(
        "defective beyond 1",
        2,
        1e-14,
        |i, j| one(i, j) * 1.625 + isotropic(2, i, j),
        &[c(0.9585263766649817, 0.6184810736274741), c(-0.03811465487467122, 2.033632646057011)],
    );
    check(
        "nearly defective",
        2,
        1e-14,
        |i, j| one(i, j) * 1.625 + isotropic(2, i, j) + if i + j == 0 { EPS30 } else { 0.0 },
        &[c(0.9585263765460973, 0.6184810737413164), c(-0.03811465570977617, 2.0336326465333285)],
    );
    check(
        "nilpotent",
        3,
        1e-14,
        |i, j| isotropic(3, i, j),
        &[c(-0.34375, -0.076171875), c(-0.625, 0.0234375), c(-0.623046875, 0.09375)],
    );
    check(
        "defective beyond 1",
        3,
        1e-14,
        |i, j| one(i, j) * 1.625 + isotropic(3, i, j),
        &[
            c(0.3269259027400011, 0.43736587299055046),
            c(0.6293566765709357, 0.9415232537847437),
            c(0.3429906509391711, 2.187664346426875),
        ],
    );
    check(
        "nearly defective",
        3,
        1e-14,
        |i, j| one(i, j) * 1.625 + isotropic(3, i, j) + if i + j == 0 { EPS30 } else { 0.0 },
        &[
            c(0.3269259026474532, 0.4373658726762552),
            c(0.629356676575097, 0.9415232538489134),
            c(0.3429906508589589, 2.187664346432076),
        ],
    );
    check(
        "defective",
        8,
        1e-14,
        |i, j| one(i, j) * 0.375 + isotropic(8, i, j),
        &[
            c(-0.6613468703705525, -0.16114133458080698),
            c(-1.0906863290477302, -0.05818723635916411),
            c(-0.6714383675234595, -0.26668277640294646),
            c(-1.8333615405553982, 0.20143473827772393),
            c(-2.9587232343127003, -0.01789383266224714),
            c(-1.181735400466112, -0.7247087939307099),
            c(-2.1933502698134326, 0.9400072584914712),
            c(-2.506686022643923, 1.0966751349067163),
        ],
    );
}

/// For a defective matrix the closed form is `α(c) g + α′(c) u (uᵀg)`, here with `α′(c) = (−1/(1−c) − α(c))/c`.
#[test]
fn defective_matrices_by_hand() {
    let (c0, g) = (0.75, [c(1.0, 0.5), c(-0.25, 2.0)]);
    let alpha = (1.0f64 - c0).ln() / c0;
    let derivative = (-1.0 / (1.0 - c0) - alpha) / c0;
    let hessian: Vec<Complex64> = (0..4).map(|k| one(k / 2, k % 2) * c0 + isotropic(2, k / 2, k % 2)).collect();
    let mut got = [Complex64::ZERO; 2];
    MatrixFunction::new(Alpha::Logarithm, 2).apply(1.0, &hessian, &g, &mut got).expect("a value");
    let inner = g[0] + c(0.0, 1.0) * g[1];
    let want = [alpha * g[0] + derivative * inner, alpha * g[1] + derivative * c(0.0, 1.0) * inner];
    for (g, w) in got.iter().zip(want) {
        assert!((g - w).norm() < 1e-14 * w.norm(), "{g} {w}");
    }
}

/// Random matrices of up to twelve rows: tiny, clustered, defective and nearly so, real and complex, and with an eigenvalue at 1 + 2⁻²⁷.
#[test]
fn matrix_function_of_many_kinds() {
    for line in include_str!("data/matrix_function_reference.txt").lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().expect("a name");
        let n: usize = words.next().and_then(|w| w.parse().ok()).expect("a size");
        let numbers: Vec<f64> = words.skip(1).map(|w| w.parse().expect("a number")).collect();
        let numbers: Vec<Complex64> = numbers.chunks_exact(2).map(|p| c(p[0], p[1])).collect();
        let (lower, want) = numbers.split_at(n * (n + 1) / 2);
        let entry = |i: usize, j: usize| lower[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
        // The relative condition of the logarithm next to its branch point, 1/(d |log d|).
        let distance = 2f64.powi(-27);
        let condition = if name.starts_with("branch") { 1.0 / (distance * -distance.ln()) } else { 1.0 };
        check(name, n, 1e-12 * condition, entry, want);
    }
}

/// Where the jump across the cut is spread, `Σ α(λ_i) (gᵀu_i) u_i` with the eigenvectors known: columns of complex rotations.
#[test]
fn spread_jumps_against_known_eigenvectors() {
    for n in [1, 2, 3, 5] {
        // Eigenvalues of 1 − z at several angles from the cut, within the band and beyond; others stay clear of it.
        for x in [-0.3, -0.15, -0.01, 0.0, 0.05, 0.19, 0.25] {
            let mut values = vec![1.0 - Complex64::from_polar(0.35, x - std::f64::consts::FRAC_PI_2)];
            values.extend((1..n).map(|k| c(0.2 * k as f64, 0.05 * k as f64)));
            let mut u: Vec<Vec<Complex64>> = (0..n).map(|i| (0..n).map(|j| c(one(i, j), 0.0)).collect()).collect();
            for i in 1..n {
                let angle = c(0.4 + 0.1 * i as f64, 0.2);
                let (cos, sin) = (angle.cos(), angle.sin());
                for row in &mut u {
                    (row[0], row[i]) = (cos * row[0] - sin * row[i], sin * row[0] + cos * row[i]);
                }
            }
            let hessian: Vec<Complex64> =
                (0..n * n).map(|p| (0..n).map(|k| u[p / n][k] * values[k] * u[p % n][k]).sum()).collect();
            let gradient: Vec<Complex64> = (0..n).map(|i| c(1.0 - 0.2 * i as f64, 0.1 * i as f64)).collect();
            // By the definition, with the angle that is known.
            let logarithm = |k: usize| {
                let mu = 1.0 - values[k];
                if k > 0 {
                    return mu.ln();
                }
                let s = 0.5 * (x / 0.2 + 1.0);
                let w = if x.abs() >= 0.2 { f64::from(u8::from(x > 0.0)) } else { 3.0 * s * s - 2.0 * s.powi(3) };
                let half = std::f64::consts::FRAC_PI_2;
                c(mu.norm().ln(), (1.0 - w) * (3.0 * half + x) + w * (x - half))
            };
            let mut want = vec![Complex64::ZERO; n];
            for k in 0..n {
                let along: Complex64 = (0..n).map(|i| gradient[i] * u[i][k]).sum();
                for (i, o) in want.iter_mut().enumerate() {
                    *o += logarithm(k) / values[k] * along * u[i][k];
                }
            }
            let mut function = MatrixFunction::new(Alpha::Logarithm, n);
            assert!(function.spread(true));
            let mut got = vec![Complex64::ZERO; n];
            function.apply(1.0, &hessian, &gradient, &mut got).expect("a value");
            let size = want.iter().map(|w| w.norm()).fold(0.0, f64::max);
            for (g, w) in got.iter().zip(&want) {
                assert!((g - w).norm() < 1e-12 * size, "D = {n}, angle {x}: {g}, not {w}");
            }
        }
    }
}

/// Symmetric in `i` and `j`, 1009 values.
fn wave(i: usize, j: usize, seed: usize) -> f64 {
    (((3 * (i * i + j * j) + 5 * i * j + 7 * seed) % 1009) as f64 / 1024.0 - 0.5) / 4.0
}

/// Of rank 17.
fn repeating(i: usize, j: usize) -> f64 {
    entry(i, j, 1) / 4.0
}

/// The Kronecker product of `wave`s, the second of `m` rows.
fn product(i: usize, j: usize, m: usize, imaginary: [f64; 2]) -> Complex64 {
    let factor = |i, j, imaginary| c(4.0 * wave(i, j, 1), imaginary * wave(i, j, 2));
    factor(i / m, j / m, imaginary[0]) * factor(i % m, j % m, imaginary[1])
}

/// Beyond what is decomposed without faer: values from mpmath.
#[test]
fn large_matrices() {
    for line in include_str!("data/matrix_function_large_reference.txt").lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().expect("a name");
        let n: usize = words.next().and_then(|w| w.parse().ok()).expect("a size");
        let every: usize = words.next().and_then(|w| w.parse().ok()).expect("a number");
        let numbers: Vec<f64> = words.map(|w| w.parse().expect("a number")).collect();
        let want: Vec<Complex64> = numbers.chunks_exact(2).map(|p| c(p[0], p[1])).collect();
        let hessian = |i: usize, j: usize| match (name, n) {
            ("real", _) => c(wave(i, j, 1), 0.0),
            ("complex", _) => c(wave(i, j, 1), wave(i, j, 2)),
            ("degenerate", _) => c(repeating(i, j), 0.0),
            ("clustered", _) => c(repeating(i, j) * 2f64.powi(-28) + 1.5 * one(i, j), 0.0),
            ("product", 64) => product(i, j, 8, [0.0, 1.0]),
            ("product", _) => product(i, j, 25, [1.0, 0.0]),
            ("real-product", _) => product(i, j, 25, [0.0, 0.0]),
            _ => panic!("{name}"),
        };
        let got = field(n, 1.0, hessian).expect("a value");
        let shown: Vec<Complex64> = got.iter().step_by(every).copied().collect();
        compare(name, n, 3e-13, &shown, &want);
    }
}

/// `α(scale · H) g` with the vector of all tests here.
fn field(n: usize, scale: f64, hessian: impl Fn(usize, usize) -> Complex64) -> Result<Vec<Complex64>, SpectralError> {
    let hessian: Vec<Complex64> = (0..n * n).map(|k| hessian(k / n, k % n) * scale).collect();
    let mut got = vec![Complex64::ZERO; n];
    MatrixFunction::new(Alpha::Logarithm, n).apply(1.0, &hessian, &vector(n), &mut got)?;
    Ok(got)
}

fn vector(n: usize) -> Vec<Complex64> {
    (0..n).map(|i| c((i + 1) as f64 / 4.0, -(i as f64) / 8.0)).collect()
}

fn compare(name: &str, n: usize, tolerance: f64, got: &[Complex64], want: &[Complex64]) {
    assert_eq!(got.len(), want.len());
    let norm = |v: &[Complex64]| v.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    let off: Vec<Complex64> = got.iter().zip(want).map(|(g, w)| g - w).collect();
    let error = norm(&off) / norm(want);
    assert!(error <= tolerance, "{name}, D = {n}: relative error {error:.1e} above {tolerance:.1e}");
}

/// `log(1−z)/z` with the cut of the logarithm along the negative imaginary axis of `1 − z`.
fn alpha(z: Complex64) -> Complex64 {
    let mu = 1.0 - z;
    let argument = mu.arg();
    c(mu.norm().ln(), if mu.re < 0.0 && argument < 0.0 { argument + std::f64::consts::TAU } else { argument }) / z
}

/// `H = c I + v vᵀ` has the eigenvalue c, D − 1 times, and `d = c + vᵀv`: `α(H) g = α(c) g + (α(d) − α(c))/(d − c) v (vᵀg)`. With `vᵀv = 0` it is
/// defective and the quotient is `α′(c)`.
#[test]
fn large_matrices_with_repeated_eigenvalues() {
    // Slow without optimisation.
    let sizes: &[usize] = if cfg!(debug_assertions) { &[33, 40] } else { &[33, 40, 64, 200] };
    for n in sizes.iter().copied() {
        let g = vector(n);
        let own_values = [0.25, 1.625].map(|own| [1.0, 2f64.powi(-200), 2f64.powi(200)].map(|scale| (own, scale)));
        for (own, scale) in own_values.into_iter().flatten() {
            for kind in ["real", "complex", "defective", "nearly defective"] {
                let v = |k: usize| match kind {
                    "real" => c(1.0 + k as f64 / 64.0, 0.0) / 16.0,
                    "complex" => c(1.0 + k as f64 / 64.0, 0.5 - k as f64 / 128.0) / 16.0,
                    _ if k >= n / 2 * 2 => Complex64::ZERO,
                    _ if k.is_multiple_of(2) => c((1 + k) as f64 / 256.0, 0.0),
                    _ => c(0.0, k as f64 / 256.0),
                };
                let little = if kind == "nearly defective" { 2f64.powi(-30) } else { 0.0 };
                let hessian =
                    |i: usize, j: usize| own * one(i, j) + v(i) * v(j) + if i + j == 0 { little } else { 0.0 };
                let gap: Complex64 = (0..n).map(|k| v(k) * v(k)).sum();
                let inner: Complex64 = (0..n).map(|k| v(k) * g[k]).sum();
                let first = c(own * scale, 0.0);
                let slope = if scale < 1e-9 {
                    // α = −1 − z/2 to all digits.
                    c(-0.5 * scale, 0.0)
                } else if gap == Complex64::ZERO {
                    (-1.0 / (1.0 - first) - alpha(first)) / first * scale
                } else {
                    (alpha(first + gap * scale) - alpha(first)) / gap
                };
                let got = field(n, scale, hessian).expect("a value");
                let first = if scale < 1e-9 { c(-1.0, 0.0) } else { alpha(first) };
                let want: Vec<Complex64> = (0..n).map(|k| first * g[k] + slope * v(k) * inner).collect();
                // The little moves the value by about as much.
                let tolerance = if little == 0.0 { 1e-12 } else { 1e-7 };
                compare(&format!("{kind}, {own} · {scale:e}"), n, tolerance, &got, &want);
            }
        }
    }
}

#[test]
fn large_matrices_at_the_branch_point_and_beyond_floats() {
    for n in [33, 40] {
        let diagonal = |i: usize, j: usize| c(if i == j { 1.0 - i as f64 / 64.0 } else { 0.0 }, 0.0);
        assert_eq!(field(n, 1.0, diagonal), Err(SpectralError::BranchPoint));
        assert_eq!(field(n, 1.0, |_, _| Complex64::ZERO), Ok(vector(n).iter().map(|g| -g).collect()));
        for bad in [f64::NAN, f64::INFINITY] {
            for value in [c(bad, 0.0), c(0.0, bad)] {
                let hessian = |i: usize, j: usize| if i + j == n { value } else { diagonal(i, j) };
                assert_eq!(field(n, 1.0, hessian), Err(SpectralError::NotFinite));
            }
        }
    }
}
