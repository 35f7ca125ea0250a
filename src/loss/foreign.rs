//! What people write who come from other languages, and how the loss language says it.

/// What to do about a call of a function that the language has under another name, or not at all.
pub(super) fn function(name: &str) -> Option<String> {
    let same = |ours: &str| Some(format!("did you mean `{ours}`?"));
    let write = |how: &str| Some(how.to_owned());
    match name {
        "ln" | "Log" | "LN" => same("log"),
        "sigma" | "logistic" | "expit" => same("sigmoid"),
        "arcsin" => same("asin"),
        "arccos" => same("acos"),
        "arctan" => same("atan"),
        "sgn" => same("sign"),
        "heaviside" => same("step"),
        "ReLU" | "Relu" => same("relu"),
        "fabs" | "absolute" | "Abs" => same("abs"),
        "average" | "avg" => same("mean"),
        "inner" | "vdot" => same("dot"),
        "matmul" | "mm" | "bmm" | "mv" | "einsum" | "tensordot" => {
            write("the product of matrices is A @ B, and of two vectors dot(v, w)")
        }
        "standardize" | "zscore" | "normalize" | "normalise" => same("standardise"),
        "eye" | "identity" => write("the identity matrix of three rows is one_hot([0, 1, 2], 3)"),
        "normal" => write(
            "normal(s) is what a parameter starts from, alone and with the deviation s as its only argument: param w[3] = normal(1/10)",
        ),
        "uniform" => write(
            "uniform(a, b) is what a parameter starts from, alone and with both bounds: param w[3] = uniform(-1, 1)",
        ),
        "glorot" | "zeros" => write(
            "glorot and zeros are what a parameter starts from, alone and without brackets: param W[4, 3] = glorot",
        ),
        "csv" | "npy" => write(
            "files are read by data X = csv(\"file.csv\")[.., 0..4], and as what a parameter starts from: param w[3] = csv(\"start.csv\")",
        ),
        "ones" | "full" | "zeros_like" | "ones_like" => write("an array of one number is broadcast(1, [3, 4])"),
        "amax" | "nanmax" => same("max"),
        "lse" | "log_sum_exp" => same("logsumexp"),
        "max" | "maximum" | "fmax" => write("max(0, x) is relu(x), and max(a, b) is a + relu(b - a)"),
        "min" | "minimum" | "fmin" => write("min(0, x) is -relu(-x), and min(a, b) is a - relu(a - b)"),
        "clip" | "clamp" => write("clip(x, a, b) is a + relu(x - a) - relu(x - b)"),
        "where" | "if" | "select" | "piecewise" => {
            write("there are no conditions: step(x) is 1 where x > 0 and 0 elsewhere, relu(x) is x or 0")
        }
        "softmax" => write("the entry k of softmax(z) is exp(z[k] - logsumexp(z))"),
        "log_softmax" => write("the entry k of log_softmax(z) is z[k] - logsumexp(z)"),
        "cross_entropy" | "crossentropy" | "nll" | "nll_loss" => write(
            "of a matrix of logits and a label for each row it is softmax_cross_entropy(Z, y); of one row logsumexp(z) - z[k]",
        ),
        "bce" | "binary_cross_entropy" => write("with a logit z and a label y it is softplus(z) - y*z"),
        "mse" | "mse_loss" | "MSE" | "mean_squared_error" => write("mse(a, b) is mean((a - b)^2)"),
        "mae" | "l1_loss" => write("mae(a, b) is mean(abs(a - b))"),
        "huber" | "smooth_l1_loss" => write("a smooth one is sqrt(1 + x^2) - 1, or log(cosh(x))"),
        "norm" | "l2" => write("norm(w) is sqrt(norm2(w)); norm2(w) is the sum of squares"),
        "var" | "variance" => write("var(w) is mean((w - mean(w))^2)"),
        "std" => write("std(w) is sqrt(mean((w - mean(w))^2))"),
        "log10" => write("log10(x) is log(x)/log(10)"),
        "log2" => write("log2(x) is log(x)/log(2)"),
        "exp2" => write("exp2(x) is 2^x"),
        "pow" | "power" => write("pow(x, y) is x^y"),
        "square" | "sqr" => write("square(x) is x^2; did you mean `sqrt`?"),
        "cube" => write("cube(x) is x^3"),
        "cbrt" => write("the cube root of a positive x is x^(1/3)"),
        "rsqrt" => write("rsqrt(x) is 1/sqrt(x)"),
        "reciprocal" => write("reciprocal(x) is 1/x"),
        "cot" => write("cot(x) is 1/tan(x)"),
        "sec" => write("sec(x) is 1/cos(x)"),
        "csc" | "cosec" => write("csc(x) is 1/sin(x)"),
        "sech" => write("sech(x) is 1/cosh(x)"),
        "csch" => write("csch(x) is 1/sinh(x)"),
        "coth" => write("coth(x) is 1/tanh(x)"),
        "arcsinh" | "asinh" => write("asinh(x) is log(x + sqrt(x^2 + 1))"),
        "arccosh" | "acosh" => write("acosh(x) is log(x + sqrt(x^2 - 1))"),
        "arctanh" | "atanh" => write("atanh(x) is (log1p(x) - log1p(-x))/2"),
        "erfc" => write("erfc(x) is 1 - erf(x)"),
        "logit" => write("logit(p) is log(p/(1 - p))"),
        "logaddexp" => write("logaddexp(a, b) is logsumexp([a, b])"),
        "hypot" => write("hypot(x, y) is sqrt(x^2 + y^2)"),
        "log_sigmoid" | "logsigmoid" => write("logsigmoid(x) is -softplus(-x)"),
        "leaky_relu" => write("leaky_relu(x) with the slope a is a*x + (1 - a)*relu(x)"),
        "swish" | "SiLU" | "Silu" => same("silu"),
        "GELU" | "Gelu" => same("gelu"),
        "ELU" | "Elu" => same("elu"),
        "prod" | "product" => write("write the product with `*`, or as the exp of a sum of logarithms"),
        "range" => write("ranges are written 0..3: sum(i in 0..3, w[i]^2)"),
        "len" => write("sizes are constants: declare them, const n = 3, and use them, param w[n]"),
        "transpose" => write("the transpose of a matrix is W'; a vector needs none: dot(a, b) is the product of two"),
        "diff" | "grad" | "jacobian" | "hessian" => write("derivatives are taken by the program: state the loss alone"),
        "floor" | "ceil" | "round" | "int" => write("there is no rounding in a loss: it would have no gradient"),
        "float" | "Fraction" | "Rational" | "array" | "tensor" => {
            write("numbers are exact and arrays are written [1, 2]: leave the call out")
        }
        _ => None,
    }
}

/// What to do about a word that means something elsewhere and nothing here.
pub(super) fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "for" => "a sum over a range is written sum(i in 0..3, w[i]^2)",
        "if" | "else" | "then" => {
            "there are no conditions: step(x) is 1 where x > 0 and 0 elsewhere, relu(x) is x or 0"
        }
        "lambda" => "functions are declared above: def f(t) = t^2",
        "and" | "or" | "not" => "there are no conditions; step(x) is 1 where x > 0 and 0 elsewhere",
        "inf" | "infinity" | "Infinity" | "nan" | "NaN" => "a loss has finite numbers only",
        "normal" => "write normal(s) with the deviation s, as in param w[3] = normal(1/10)",
        "uniform" => "write uniform(a, b) with both bounds, as in param w[3] = uniform(-1, 1)",
        "glorot" | "zeros" => "glorot and zeros are what a parameter starts from, alone: param W[4, 3] = glorot",
        "PI" | "Pi" => "did you mean `pi`?",
        "tau" => "the circle constant is 2*pi; a name of your own is declared above: param tau or const tau",
        _ => return None,
    })
}

/// Whether a name is that of a module whose functions are called through it elsewhere.
pub(super) fn is_module(name: &str) -> bool {
    const MODULES: [&str; 15] = [
        "np",
        "numpy",
        "jnp",
        "jax",
        "math",
        "cmath",
        "torch",
        "tf",
        "tensorflow",
        "nn",
        "F",
        "sp",
        "scipy",
        "sympy",
        "Math",
    ];
    MODULES.contains(&name)
}

/// The name of a Greek letter.
pub(super) fn greek(c: char) -> Option<&'static str> {
    const LETTERS: [(char, &str); 34] = [
        ('α', "alpha"),
        ('β', "beta"),
        ('γ', "gamma"),
        ('δ', "delta"),
        ('ε', "epsilon"),
        ('ϵ', "epsilon"),
        ('ζ', "zeta"),
        ('η', "eta"),
        ('θ', "theta"),
        ('ϑ', "vartheta"),
        ('ι', "iota"),
        ('κ', "kappa"),
        ('λ', "lambda"),
        ('μ', "mu"),
        ('µ', "mu"),
        ('ν', "nu"),
        ('ξ', "xi"),
        ('ρ', "rho"),
        ('σ', "sigma"),
        ('τ', "tau"),
        ('υ', "upsilon"),
        ('φ', "phi"),
        ('ϕ', "phi"),
        ('χ', "chi"),
        ('ψ', "psi"),
        ('ω', "omega"),
        ('Γ', "Gamma"),
        ('Δ', "Delta"),
        ('Θ', "Theta"),
        ('Λ', "Lambda"),
        ('Ξ', "Xi"),
        ('Σ', "Sigma"),
        ('Φ', "Phi"),
        ('Ω', "Omega"),
    ];
    LETTERS.iter().find(|(letter, _)| *letter == c).map(|(_, name)| *name)
}
