import torch
from torch.func import grad, jvp
from torch.utils._pytree import tree_flatten, tree_unflatten


def field(loss@defaults@):
    """The field, as a function of (params, h, *batch@signature@)."""

    def flow(params, h, *batch@signature@):
        *lower, total = terms(loss, params, *batch@keywords@)
        for f in reversed(lower):
            total = _map(lambda above, f: h * above + f, total, f)
        return total

    return flow


def terms(loss, params, *batch@parameters@):
    """[f_0, f_1, ...], each like params."""
    gradient = _gradient(loss, batch)

    def d(*directions):
        """The derivative of the gradient along the directions, one jvp inside of the other."""
        function = gradient
        for v in directions:
            function = _along(function, v)
        return function(params)

@lines@


def _gradient(loss, batch):
    """The gradient as a function of params; of complex params the derivative of the analytic loss, which is the conjugate of
    what PyTorch calls the gradient of its real part."""
    conjugate = grad(lambda p: torch.real(loss(p, *batch)))
    return lambda p: _map(torch.conj_physical, conjugate(p))


def _along(function, v):
    return lambda p: jvp(function, (p,), (v,))[1]


def _map(function, *trees):
    leaves, structures = zip(*(tree_flatten(tree) for tree in trees))
    return tree_unflatten([function(*x) for x in zip(*leaves)], structures[0])


def _sum(*terms):
    """The sum of coefficients times dictionaries, tuples or tensors."""
    return _map(lambda *leaves: sum(c * leaf for (c, _), leaf in zip(terms, leaves)), *(t for _, t in terms))
