@imports@
@data@


def field(params, h@arguments@):
    """d params/dt: the sum of h**n f_n."""
    *lower, total = terms(params@given@)
    for f in reversed(lower):
        total = {name: h * total[name] + f[name] for name in f}
    return total


def terms(params@arguments@):
    """[f_0, f_1, ...], each like params."""
@unpacked@
@lines@
@helpers@
