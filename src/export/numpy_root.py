def _curve(z):
    """By powers of q: the polynomial whose root makes r = 1 + z q the factor of one step along an eigendirection."""
    return [@curve@]


def _newton(q, z):
    value = slope = 0
    for c in reversed(_curve(z)):
        slope = slope * q + value
        value = value * q + c
    return q - value / slope


def _alpha(z):
    """log(r)/z of the root r that is 1 at z = 0, followed from there below the real line and then up: real z beyond a
    branch point have the value from below. Close to a branch point, where two roots meet, it loses digits."""
    bottom = np.minimum(z.imag, 0) - @depth@ * (1 + 2 * np.minimum(np.abs(z.imag), 1))
    closer = 0.8 ** np.arange(120)
    corners = [0 * z, 1j * bottom, z.real + 1j * bottom, z]
    shares = [closer[::-1], np.arange(1, 129) / 128, np.append(1 - closer[1:], 1)]
    q, r, turned = _newton(0 * z, 0 * z), 1 + 0 * z, 0 * z.real
    for a, b, leg in zip(corners, corners[1:], shares):
        for share in leg:
            at = a + (b - a) * share
            for _ in range(6):
                q = _newton(q, at)
            after = 1 + at * q
            r, turned = after, turned + np.angle(after / r)
    alpha = q * _log1p_over(z * q)
    sheet = np.round((turned - (z * alpha).imag) / (2 * math.pi))
    return alpha + np.where(sheet == 0, 0, 2j * math.pi * sheet / np.where(sheet == 0, 1, z))
