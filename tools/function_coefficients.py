#!/usr/bin/env python3
"""Prints the numbers in src/ir/functions: polynomials by the Remez exchange algorithm, constants in several pieces.

Needs mpmath. Run it to see where a number comes from, or to change a degree.
"""

import mpmath
from mpmath import mpf

mpmath.mp.prec = 300


def rounded(value, bits):
    """The nearest number with so many bits."""
    with mpmath.workprec(bits):
        return +value


def pieces(value, *bits):
    """The value as a sum of numbers with these bits each, the last one rounded, the others cut."""
    result = []
    for count in bits[:-1]:
        if value == 0:
            result.append(mpf(0))
            continue
        unit = mpf(2) ** (mpmath.floor(mpmath.log(abs(value), 2)) + 1 - count)
        result.append(mpmath.sign(value) * mpmath.floor(abs(value) / unit) * unit)
        value -= result[-1]
    result.append(rounded(value, bits[-1]))
    return result


def solve(function, weight, points, degree):
    """Coefficients and levelled error of the polynomial that misses the points by equal, alternating amounts."""
    rows = len(points)
    matrix = mpmath.matrix(rows, rows)
    values = mpmath.matrix(rows, 1)
    for i, x in enumerate(points):
        for j in range(degree + 1):
            matrix[i, j] = x**j
        matrix[i, degree + 1] = (-1) ** i / weight(x)
        values[i] = function(x)
    solution = mpmath.lu_solve(matrix, values)
    return [solution[j] for j in range(degree + 1)]


def remez(function, degree, low, high, weight=lambda x: 1):
    """The polynomial of this degree with the least maximum of weight * |error|."""
    low, high = mpf(low), mpf(high)
    # No error is free: where the polynomial counts for nothing, the weight is small instead of zero.
    least = max(weight(low), weight(high)) / 1000
    given = weight
    weight = lambda x: max(given(x), least)
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * mpmath.cos(mpmath.pi * i / (degree + 1)) for i in range(degree + 2)]
    for _ in range(8):
        coefficients = solve(function, weight, points, degree)

        def error(x, coefficients=coefficients):
            return weight(x) * (function(x) - mpmath.polyval(coefficients[::-1], x))

        count = 30 * (degree + 2)
        grid = [middle - half * mpmath.cos(mpmath.pi * i / count) for i in range(count + 1)]
        errors = [error(x) for x in grid]
        extrema = []
        for i, value in enumerate(errors):
            inner = 0 < i < count
            if inner and (abs(value) < abs(errors[i - 1]) or abs(value) < abs(errors[i + 1])):
                continue
            if extrema and mpmath.sign(errors[extrema[-1]]) == mpmath.sign(value):
                if abs(value) > abs(errors[extrema[-1]]):
                    extrema[-1] = i
            else:
                extrema.append(i)
        while len(extrema) > degree + 2:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < degree + 2:
            break
        points = [grid[i] for i in extrema]
    return coefficients, max(abs(value) for value in errors)


def show(name, function, degree, low, high, weight=lambda x: 1, bits=53):
    coefficients, error = remez(function, degree, low, high, weight)
    print(f"{name}: error 2^{mpmath.nstr(mpmath.log(error, 2), 4)}")
    for c in coefficients:
        print(f"    {float(rounded(c, bits))!r},")


def show_pieces(name, value, *bits):
    print(name)
    for piece in pieces(value, *bits):
        print(f"    {float(piece)!r},")


def show_rounded_pieces(name, value, *bits):
    """As a sum of numbers with these bits each, all of them rounded."""
    print(name)
    for count in bits:
        piece = rounded(value, count)
        print(f"    {float(piece)!r},")
        value -= piece


def series(function, terms):
    """A function that is given by its Taylor coefficients."""
    coefficients = [function(i) for i in range(terms)][::-1]
    return lambda x: mpmath.polyval(coefficients, x)


def main():
    half_ln2 = mpmath.log(2) / 2 * mpf("1.0001")
    # exp(r) = 1 + r + r^2 P(r)
    exp_tail = series(lambda i: 1 / mpmath.factorial(i + 2), 60)
    show("exp float64", exp_tail, 9, -half_ln2, half_ln2, lambda r: r * r)
    # and relative to r, for the hyperbolic functions
    show("exp - 1", exp_tail, 10, -half_ln2, half_ln2, abs)
    # cosh(r) = 1 + z P(z) and sinh(r) = r + r z P(z), z = r^2
    z_max = half_ln2**2
    show("cosh", series(lambda i: 1 / mpmath.factorial(2 * i + 2), 40), 5, 0, z_max, lambda z: z)
    show("sinh", series(lambda i: 1 / mpmath.factorial(2 * i + 3), 40), 4, 0, z_max, lambda z: z)
    show("exp float32", exp_tail, 4, -half_ln2, half_ln2, lambda r: r * r, 24)
    # log((1 + s) / (1 - s)) = 2 s + s z P(z), z = s^2
    s_max = (mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)
    z_max = s_max**2 * mpf("1.0001")
    log_tail = series(lambda i: mpf(2) / (2 * i + 3), 80)
    show("log float64", log_tail, 6, 0, z_max, lambda z: z)
    show("log float32", log_tail, 2, 0, z_max, lambda z: z, 24)
    # for pow: 2 s + s z (c + P(z)), where c is in the middle of the values
    middle = rounded((log_tail(mpf(0)) + log_tail(z_max)) / 2, 53)
    show("log for pow", lambda z: log_tail(z) - middle, 7, 0, z_max, lambda z: z)
    show("1 / (1 + s) for pow", lambda s: 1 / (1 + s), 3, -s_max, s_max)
    # and the remainder of exp, where the low part of the argument may be 0.13
    show("exp for pow", exp_tail, 10, -mpf("0.48"), mpf("0.48"), lambda r: r * r)
    # for pow float32, in float64: log2((1 + s) / (1 - s)) = s P(z) and 2^r = 1 + r P(r)
    show("log2 for pow float32", series(lambda i: 2 / mpmath.log(2) / (2 * i + 1), 60), 4, 0, z_max)
    exp2_tail = series(lambda i: mpmath.log(2) ** (i + 1) / mpmath.factorial(i + 1), 40)
    half = mpf("0.5001")
    show("exp2 for pow float32", exp2_tail, 6, -half, half, lambda r: max(abs(r), mpf("0.01")))
    # sin(r) = r + r z P(z) and cos(r) = 1 - z / 2 + z^2 P(z), z = r^2
    z_max = (mpmath.pi / 4) ** 2 * mpf("1.0001")
    sign = lambda i: -1 if i % 2 == 0 else 1
    sin_tail = series(lambda i: sign(i) / mpmath.factorial(2 * i + 3), 40)
    cos_tail = series(lambda i: -sign(i) / mpmath.factorial(2 * i + 4), 40)
    show("sin", sin_tail, 5, 0, z_max, lambda z: z)
    show("cos", cos_tail, 5, 0, z_max, lambda z: z * z)
    z_max *= mpf("1.02")
    show("sin float32", sin_tail, 2, 0, z_max, lambda z: z, 24)
    show("cos float32", cos_tail, 2, 0, z_max, lambda z: z * z, 24)

    show_rounded_pieces("middle of the logarithm for pow", middle, 53)
    show_pieces("ln 2", mpmath.log(2), 42, 53)
    show_pieces("ln 2 float32", mpmath.log(2), 16, 24)
    show_rounded_pieces("ln 2, rounded first", mpmath.log(2), 53, 53)
    show_rounded_pieces("ln 2 float32, rounded first", mpmath.log(2), 24, 24)
    show_rounded_pieces("pi / 2", mpmath.pi / 2, 53, 53, 53)
    show_rounded_pieces("pi / 2 float32", mpmath.pi / 2, 24, 24, 24)
    show_rounded_pieces("1 / ln 2", 1 / mpmath.log(2), 53)
    show_rounded_pieces("2 / pi", 2 / mpmath.pi, 53)
    show_rounded_pieces("2 / pi float32", 2 / mpmath.pi, 24)
    # 2^(64 q) * 2 / pi modulo 4, symmetric, for q = -1 ... 14, in five pieces
    print("2 / pi times powers of 2^64")
    mpmath.mp.prec = 1600
    for q in range(-1, 15):
        value = mpf(2) ** (64 * q) * 2 / mpmath.pi
        value -= 4 * mpmath.nint(value / 4)
        row = []
        for _ in range(5):
            piece = rounded(value, 53)
            row.append(repr(float(piece)))
            value -= piece
        print("    {" + ", ".join(row) + "},")


if __name__ == "__main__":
    main()
