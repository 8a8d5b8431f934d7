"""Missing, extra, misspelt and unnamed arguments, and numbers where arrays belong."""

import numpy as np

from .cases import DTYPE, KIND, MISSING, OK, UNKNOWN, Row, numbers, pair

SHAPE = (5, 6)


def plain():
    return numbers(SHAPE)


def five(**changes):
    """Arguments of the five-point kernel; None leaves one away."""

    def build():
        arguments = {"f": plain(), "g": plain(), **{name: make() for name, make in changes.items() if make}}
        return {name: value for name, value in arguments.items() if changes.get(name, plain)}

    return build


def weighted(**changes):
    def build():
        arguments = {"f": plain(), "g": plain(), "a": 2.0, "b": 1.0, **changes}
        return {name: value for name, value in arguments.items() if value is not None}

    return build


def rows():
    yield Row("all there", "five", five(), OK)
    yield Row("other order of keywords", "five", lambda: {"g": plain(), "f": plain()}, OK)
    yield Row("no arguments", "five", dict, MISSING)
    yield Row("input missing", "five", five(f=None), MISSING)
    yield Row("output missing", "five", five(g=None), MISSING)
    yield Row("misspelt", "five", five(f=None, F=plain), MISSING)
    yield Row("extra array", "five", five(h=plain), UNKNOWN)
    yield Row("extra number", "five", five(h=lambda: 1.0), UNKNOWN)
    yield Row("extra, empty name", "five", five(**{"": plain}), UNKNOWN)
    yield Row("extra, other alphabet", "five", five(**{"φ": plain}), UNKNOWN)
    yield Row("extra, zero byte", "five", five(**{"f\0": plain}), UNKNOWN)
    yield Row("missing, zero byte appended", "five", five(f=None, **{"f\0": plain}), MISSING)
    yield Row("many extra", "five", five(**{f"extra_{i}": plain for i in range(40)}), UNKNOWN)
    yield Row("positional", "five", dict, KIND, positional=(plain(), plain()))
    yield Row("positional and by name", "five", five(), KIND, positional=(plain(),))
    yield Row("name of the index", "five", five(ctr_0=lambda: 0), UNKNOWN)
    yield Row("scalars there", "weighted", weighted(), OK)
    yield Row("first scalar missing", "weighted", weighted(a=None), MISSING)
    yield Row("second scalar missing", "weighted", weighted(b=None), MISSING)
    yield Row("array missing, scalars there", "weighted", weighted(f=None), MISSING)
    yield Row("scalar misspelt", "weighted", weighted(a=None, aa=2.0), MISSING)
    yield Row("array and scalar exchanged", "weighted", lambda: {"f": 2.0, "a": plain(), "g": plain(), "b": 1.0}, KIND)
    yield Row("array as scalar", "weighted", lambda: {**weighted()(), "a": plain()}, KIND)
    yield Row("0-d array as scalar", "weighted", weighted(a=np.array(2.0)), KIND)
    yield Row("1-element array as scalar", "weighted", weighted(b=np.array([1.0])), KIND)
    yield Row("arrays of two types", "converted", pair(lambda: numbers(SHAPE, "float32"), plain), OK)
    yield Row("arrays of two types, exchanged", "converted", pair(plain, lambda: numbers(SHAPE, "float32")), DTYPE)
