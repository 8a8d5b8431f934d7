#!/usr/bin/env python3
"""Writes tests/unit/functions/correct_values.txt: math functions at many places, rounded correctly with mpmath.

A line is function, type, and the bits of the arguments and of the result.
"""

import math
import pathlib
import random
import struct

import mpmath
from mpmath import mpf

mpmath.mp.prec = 2400  # enough for the sine of the largest float64

ARGUMENTS = {
    "exp": [0.5, 1, -1, 10, 700, 709.7, -700, -708.5, -720, -745, 88.5, -87.5, -100, 1e-3, 1e-10, 1e-20],
    "log": [0.5, 2, 10, 0.7071, 1.4142, 0.99999, 1.00001, 1e10, 1e-10, 1e300, 1e-300, 5e-324, 3e-310, 1e-40],
    "sin": [
        0.5,
        1,
        3,
        3.1415926,
        6.2831853,
        100,
        1e5,
        1e9,
        2e9,
        1e10,
        1e15,
        1e20,
        1e22,
        1e30,
        1e38,
        1e100,
        1e300,
        1.7e308,
        6381956970095103 * 2.0**797,
        1e-3,
        1e-10,
        1e-300,
        5e-324,
    ],
    "tanh": [0.5, 1, 0.1, 0.01, 1e-5, 1e-10, 5, 10, 18, 19, 25, 1e-300, 5e-324],
    "sinh": [0.5, 1, 0.1, 0.01, 1e-5, 1e-10, 5, 10, 25, 88, 89, 700, 710, 710.4, 1e-300, 5e-324],
}
ARGUMENTS["cos"] = ARGUMENTS["sin"]
ARGUMENTS["cosh"] = ARGUMENTS["sinh"]
FUNCTIONS = ["exp", "log", "sin", "cos", "tanh", "sinh", "cosh"]
PAIRS = [
    (2, 0.5),
    (10, 2),
    (10, -3),
    (0.1, 300),
    (1.0000001, 1e9),
    (0.9999999, 1e9),
    (1.5, 1000),
    (1.5, -1800),
    (3, 33),
    (7, -20),
    (1e300, 1.02),
    (1e-300, 1.05),
    (5e-324, 0.5),
    (1e-310, 1.01),
    (2, -1074),
    (2, 1023),
    (0.7071, 2),
    (1.4143, -2),
]


def rounded(value, size):
    """The bits of the nearest float; ties do not happen."""
    digits, least, largest = (24, -149, 128) if size == 4 else (53, -1074, 1024)
    if value == 0:
        return 0
    exponent = int(mpmath.floor(mpmath.log(abs(value), 2)))
    unit = mpf(2) ** max(exponent + 1 - digits, least)
    value = mpmath.nint(value / unit) * unit
    if abs(value) >= mpf(2) ** largest:
        value = mpmath.sign(value) * mpmath.inf
    return int.from_bytes(struct.pack("<f" if size == 4 else "<d", float(value)), "little")


def bits(value, size):
    return int.from_bytes(struct.pack("<f" if size == 4 else "<d", value), "little")


def as_float(value, size):
    """The argument as a float of this size, or None."""
    try:
        result = struct.unpack("<f", struct.pack("<f", value))[0] if size == 4 else value
    except OverflowError:
        return None
    return result if result != 0 and math.isfinite(result) else None


def main():
    random.seed(1)
    lines = []
    for size, suffix in ((8, "float64"), (4, "float32")):
        for name in FUNCTIONS:
            arguments = list(ARGUMENTS[name])
            arguments += [x * random.uniform(0.5, 1.5) for x in arguments]
            if name != "log":
                arguments += [-x for x in arguments]
            for argument in arguments:
                x = as_float(argument, size)
                if x is None:
                    continue
                result = getattr(mpmath, name)(mpf(x)) if abs(x) < 1000 or name not in ("exp", "sinh", "cosh") else None
                if result is None:
                    continue
                lines.append(f"{name} {suffix} {bits(x, size):#x} {rounded(result, size):#x}")
        pairs = PAIRS + [(random.uniform(0, 9), random.uniform(-99, 99)) for _ in range(30)]
        for first, second in pairs:
            x, y = as_float(first, size), as_float(second, size)
            if x is None or y is None:
                continue
            with mpmath.workprec(400):
                result = mpmath.power(mpf(x), mpf(y))
            lines.append(f"pow {suffix} {bits(x, size):#x} {bits(y, size):#x} {rounded(result, size):#x}")
    target = pathlib.Path(__file__).parent.parent / "tests/unit/functions/correct_values.txt"
    target.write_text("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
