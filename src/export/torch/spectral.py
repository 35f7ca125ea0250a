import math

import torch
from torch.func import grad, jvp
from torch.utils._pytree import tree_flatten, tree_unflatten


def field(loss, products=32@defaults@):
    """The field, as a function of (params, h, *batch@signature@), by so many products with the Hessian.

    Its attribute `with_estimate`, a function of the same, returns besides the field the norm of its difference to the
    field that 8 products less give. Both are complex: take real parts where all eigenvalues are below the branch point.
    """

    def with_estimate(params, h, *batch@signature@):
        gradient = _gradient(loss, batch)
        g = gradient(params)
        hessian = lambda v: jvp(gradient, (params,), (v,))[1]
        basis, matrix, alive, norm = _lanczos(hessian, g, products)
        value, before = (
            _combination(basis[:k], _function(matrix[:k, :k], alive[:k], norm, h@passed@))
            for k in (products, max(products - 8, 1))
        )
        estimate = _size(_map(lambda a, b: a - b, value, before))
@third@
        return value, estimate

    def flow(params, h, *batch@signature@):
        return with_estimate(params, h, *batch@keywords@)[0]

    flow.with_estimate = with_estimate
    return flow


def with_estimate(loss, products=32@defaults@):
    """The field with its estimate, as a function of (params, h, *batch@signature@)."""
    return field(loss, products@keywords@).with_estimate


field.with_estimate = with_estimate


def _gradient(loss, batch):
    """The gradient as a function of params; of complex params the derivative of the analytic loss, which is the conjugate of
    what PyTorch calls the gradient of its real part."""
    conjugate = grad(lambda p: torch.real(loss(p, *batch)))
    return lambda p: _map(torch.conj_physical, conjugate(p))


def _map(function, *trees):
    leaves, structures = zip(*(tree_flatten(tree) for tree in trees))
    return tree_unflatten([function(*x) for x in zip(*leaves)], structures[0])


def _leaves(tree):
    return tree_flatten(tree)[0]


def _dot(a, b):
    """The sum of products of entries, without conjugates, so that of complex params all stays analytic."""
    return sum(torch.sum(x * y) for x, y in zip(_leaves(a), _leaves(b)))


def _size(a):
    """The norm, with the derivative 0 at 0."""
    square = sum(torch.sum((x * x.conj()).real) for x in _leaves(a))
    one = torch.ones_like(square)
    return torch.where(square > 0, torch.sqrt(torch.where(square > 0, square, one)), 0 * one)


def _combination(basis, c):
    return _map(lambda *vectors: sum(a * v for a, v in zip(c, vectors)), *basis)


def _lanczos(hessian, g, products):
    """A basis of g, H g, H^2 g, ..., H in it as a tridiagonal matrix, which vectors of it are not 0, and the norm of g.

    Every vector is orthogonalised twice against all before. Where nothing is left of one, the space is complete: that one
    and all after it are 0, and so are their derivatives.
    """

    def normalised(w, vanishes):
        square = _dot(w, w)
        norm = torch.sqrt(torch.where(vanishes, torch.ones_like(square), square))
        zero = torch.zeros_like(norm)
        return torch.where(vanishes, zero, norm), _map(lambda x: torch.where(vanishes, 0 * x, x / norm), w)

    norm, v = normalised(g, _size(g) == 0)
    scale = torch.zeros_like(_size(g))
    basis, diagonal, beside, alive = [], [], [], []
    for _ in range(products):
        basis.append(v)
        alive.append(_size(v) > 0)
        w = hessian(v)
        a = _dot(v, w)
        for _ in range(2):
            along = [_dot(u, w) for u in basis]
            w = _map(lambda x, y: x - y, w, _combination(basis, along))
        size = _size(w)
        scale = torch.maximum(scale, torch.abs(a) + size)
        b, v = normalised(w, size <= 32 * torch.finfo(size.dtype).eps * scale)
        diagonal.append(a)
        beside.append(b)
    matrix = torch.diag(torch.stack(diagonal))
    if products > 1:
        off = torch.stack(beside[:-1])
        matrix = matrix + torch.diag(off, 1) + torch.diag(off, -1)
    return basis, matrix, torch.stack(alive), norm


def _function(matrix, alive, norm, h@passed@):
    """norm times the first column of alpha(h matrix)."""
    # Rows that are 0 get eigenvalues of their own, apart from all others, so that eigenvectors have derivatives.
    n = len(matrix)
    reach = 2 * torch.amax(torch.sum(torch.abs(matrix), 1)).detach()
    reach = torch.where(reach > 0, reach, torch.ones_like(reach))
    apart = reach * (1 + torch.arange(n, dtype=reach.dtype, device=reach.device) / n)
    matrix = matrix + torch.diag(torch.where(alive, torch.zeros_like(apart), apart))
    if torch.is_complex(matrix):
        values, vectors = torch.linalg.eig(matrix)
        first = vectors[0] / torch.sum(vectors**2, 0)
    else:
        values, vectors = torch.linalg.eigh(matrix)
        first = vectors[0]
    z = h * torch.where(torch.abs(values) < 0.75 * reach, values, torch.zeros_like(values)) + 0j
    return norm * (vectors + 0j) @ (_alpha(z@passed@) * first)


def _log1p_over(u):
    """log(1 + u)/u, and 1 at 0."""
    near = torch.abs(u) < 0.1
    safe, small = torch.where(near, torch.ones_like(u), u), torch.where(near, u, torch.zeros_like(u))
    series = sum((-small) ** k / (k + 1) for k in range(18))
    return torch.where(near, series, torch.log(1 + safe) / safe)


