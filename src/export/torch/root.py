def _curve(z@passed@):
    """By powers of q: the polynomial whose root makes r = 1 + z q the factor of one step along an eigendirection."""
    return [@curve@]


def _newton(q, z@passed@):
    value = slope = 0
    for c in reversed(_curve(z@passed@)):
        slope = slope * q + value
        value = value * q + c
    return q - value / slope


def _alpha(z@passed@):
    """log(r)/z of the root r that is 1 at z = 0, followed from there below the real line and then up: real z beyond a
    branch point have the value from below. Close to a branch point, where two roots meet, it loses digits."""
    end = z.detach()
    bottom = torch.clamp(end.imag, max=0) - @depth@ * (1 + 2 * torch.clamp(torch.abs(end.imag), max=1))
    closer = [0.8**k for k in range(120)]
    corners = [0 * end, 1j * bottom, end.real + 1j * bottom, end]
    shares = [closer[::-1], [k / 128 for k in range(1, 129)], [1 - c for c in closer[1:]] + [1.0]]
    q, r, turned = _newton(0 * end, 0 * end@passed@), torch.ones_like(end), torch.zeros_like(end.real)
    for a, b, leg in zip(corners, corners[1:], shares):
        for share in leg:
            at = a + (b - a) * share
            for _ in range(6):
                q = _newton(q, at@passed@)
            after = 1 + at * q
            r, turned = after, turned + torch.angle(after / r)
    # From the root onwards all has derivatives: two steps of Newton's method have those of the root.
    q = _newton(_newton(q.detach(), z@passed@), z@passed@)
    alpha = q * _log1p_over(z * q)
    sheet = torch.round((turned - (z * alpha).imag).detach() / (2 * math.pi))
    safe = torch.where(sheet == 0, torch.ones_like(z), z)
    return alpha + torch.where(sheet == 0, torch.zeros_like(z), 2j * math.pi * sheet / safe)
