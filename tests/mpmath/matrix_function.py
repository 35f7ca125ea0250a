#!/usr/bin/env python3
"""Values of log(1-z)/z of large symmetric matrices times a vector, by mpmath, for tests/library/matrix_function.rs.

    python3 tests/mpmath/matrix_function.py > tests/library/data/matrix_function_large_reference.txt

Each line: name, D, which entries are given (every k-th), re im of each. The matrices are given by formulas that are exact in floats, the vector by
g_i = (i+1)/4 - i/8 sqrt(-1); the cut of the logarithm is along the negative imaginary axis of 1 - z.
"""

import mpmath as mp

mp.mp.dps = 40


def wave(i, j, seed):
    """Symmetric in i and j, 1009 values."""
    return (mp.mpf((3 * (i * i + j * j) + 5 * i * j + 7 * seed) % 1009) / 1024 - mp.mpf(1) / 2) / 4


def steps(i, j):
    """17 values that repeat: of rank 17 at most."""
    return (mp.mpf((3 * (i * i + j * j) + 5 * i * j + 7) % 17) / 16 - mp.mpf(1) / 2) / 4


def alpha(z):
    z = mp.mpmathify(z)
    if abs(z) < mp.mpf(10) ** -25:
        return -1 - z / 2
    mu = 1 - z
    argument = mp.arg(mu)
    if mp.re(mu) < 0 and argument < 0:
        argument += 2 * mp.pi
    return mp.mpc(mp.log(abs(mu)), argument) / z


def decomposed(a):
    """Eigenvalues, right eigenvectors as columns and the inverse of their matrix."""
    if all(mp.im(x) == 0 for x in a):
        values, q = mp.eigsy(a.apply(mp.re))
        return values, q, q.T
    values, q = mp.eig(a)
    return values, q, q ** -1


def matrix(n, entry):
    return mp.matrix([[entry(i, j) for j in range(n)] for i in range(n)])


def gradient(n):
    return mp.matrix([mp.mpc(mp.mpf(i + 1) / 4, -mp.mpf(i) / 8) for i in range(n)])


def out(name, n, every, field):
    numbers = [float(part) for k in range(0, n, every) for part in (mp.re(field[k]), mp.im(field[k]))]
    print(name, n, every, *numbers, flush=True)


def dense(name, n, every, entry):
    values, q, inverse = decomposed(matrix(n, entry))
    along = inverse * gradient(n)
    out(name, n, every, q * mp.matrix([alpha(values[k]) * along[k] for k in range(n)]))


def product(name, a, b, every):
    """The Kronecker product of two matrices, whose eigenvectors are the products of theirs."""
    (x, p, p1), (y, q, q1) = decomposed(a), decomposed(b)
    n, m = a.rows, b.rows
    g = gradient(n * m)
    g = mp.matrix([[g[i * m + k] for k in range(m)] for i in range(n)])
    along = p1 * g * q1.T
    along = mp.matrix([[alpha(x[i] * y[k]) * along[i, k] for k in range(m)] for i in range(n)])
    field = p * along * q.T
    out(name, n * m, every, [field[i, k] for i in range(n) for k in range(m)])


print("# name, D, k, α(hH) g with g_i = (i+1)/4 − i/8 √−1, every k-th entry: re im of each; by tests/mpmath/matrix_function.py")
for n in (33, 40, 64):
    dense("real", n, 1, lambda i, j: wave(i, j, 1))
    dense("complex", n, 1, lambda i, j: mp.mpc(wave(i, j, 1), wave(i, j, 2)))
dense("degenerate", 40, 1, steps)
dense("clustered", 40, 1, lambda i, j: steps(i, j) / 2**28 + (mp.mpf(3) / 2 if i == j else 0))
factor = lambda n, imaginary: matrix(n, lambda i, j: mp.mpc(4 * wave(i, j, 1), imaginary * wave(i, j, 2)))
product("product", factor(8, 0), factor(8, 1), 1)
product("product", factor(8, 1), factor(25, 0), 5)
product("real-product", factor(8, 0), factor(25, 0), 5)
