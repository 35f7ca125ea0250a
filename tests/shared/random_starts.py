#!/usr/bin/env python3
"""Drawn initial values as docs/language.md states them, written from its words alone, for src/loss/tests/starts.in.
usage: random_starts.py > src/loss/tests/starts.in. Needs only the standard library; Python's floats are IEEE 754 doubles."""
import math
import struct

M = 2**64 - 1


def split_mix(state):
    """The next state and number of SplitMix64."""
    state = (state + 0x9E3779B97F4A7C15) & M
    z = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & M
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M
    return state, z ^ z >> 31


def stream(name, seed):
    """Uniform numbers and signs of the stream of a name and a seed."""
    hashed = 0xCBF29CE484222325
    for byte in name.encode():
        hashed = ((hashed ^ byte) * 0x100000001B3) & M
    state = split_mix(seed)[1] ^ hashed
    s = []
    for _ in range(4):
        state, z = split_mix(state)
        s.append(z)

    def rotate(x, k):
        return (x << k | x >> 64 - k) & M

    def next_number():
        result = (rotate((s[0] + s[3]) & M, 23) + s[0]) & M
        t = s[1] << 17 & M
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return result

    return next_number


def uniform(source):
    return (source() >> 11) / 2**53


def run(source, first, taken):
    """Whether a run first > u_1 > u_2 > ... has even length, each number taken into it if taken() says so."""
    last, length = first, 0
    while True:
        u = uniform(source)
        if not u < last or not taken():
            return length % 2 == 0
        last, length = u, length + 1


def normal(source):
    while True:
        k = 0
        while run(source, 0.5, lambda: True):
            k += 1
        if not all(run(source, 0.5, lambda: True) for _ in range(k * (k - 1))):
            continue
        x = uniform(source)
        if not all(run(source, x, lambda: uniform(source) * (2 * k + 2) < 2 * k + x) for _ in range(k + 1)):
            continue
        size = k + x
        return size if source() < 2**63 else -size


def bits(x):
    return "0x%016x" % struct.unpack("<Q", struct.pack("<d", x))[0]


def main():
    cases = []

    def case(text, seed, name, count, draw):
        source = stream(name, seed)
        cases.append((text, seed, [draw(source) for _ in range(count)]))

    for seed in [0, 1, M]:
        bound = math.sqrt(6 / (2 + 3))
        case("param W[2, 3] = glorot", seed, "W", 6, lambda s: (2 * uniform(s) - 1) * bound)
    case("param b_1[4] = uniform(-1/3, 2)", 7, "b_1", 4, lambda s: -1 / 3 + (2 - -1 / 3) * uniform(s))
    case("param x = uniform(0, 1)", 0, "x", 1, uniform)
    case("param V[5, 4] = normal(0.1)", 0, "V", 20, lambda s: 0.1 * normal(s))
    case("param V[5, 4] = normal(1)", 42, "V", 20, normal)
    print("[")
    for text, seed, values in cases:
        print('    ("%s", %s, vec![%s]),' % (text, seed, ", ".join(bits(x) for x in values)))
    print("]")


if __name__ == "__main__":
    main()
