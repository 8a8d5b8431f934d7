"""Every row of the argument table: a call computes what NumPy computes, or it is refused and changes nothing."""

import numpy as np
import pytest

import cppstencils as ps
from argument_table import OK, ROWS, Refused
from argument_table.cases import kernel_and_oracle


def memory_of(value):
    """The array that owns the memory of an argument; None for what is no array."""
    if not isinstance(value, np.ndarray):
        if hasattr(value, "__dlpack__") and isinstance(getattr(value, "base", None), np.ndarray):
            return memory_of(value.base)
        try:
            return np.asarray(memoryview(value))
        except (TypeError, ValueError, BufferError):
            return None
    while True:
        base = value.base
        while base is not None and not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)
        if base is None:
            return value
        value = base


def as_array(value):
    """What the oracle computes with: the same memory as a plain array."""
    if hasattr(value, "__dlpack__") and not isinstance(value, np.ndarray) and hasattr(value, "base"):
        return value.base
    return value if isinstance(value, (np.ndarray, np.generic, int, float)) else np.asarray(value)


def bytes_of(arguments):
    """The bytes of all memory that the arguments lie in, also between and around their elements."""
    memories = {name: memory_of(value) for name, value in arguments.items()}
    return {name: memory.tobytes() for name, memory in memories.items() if memory is not None}


def through_call(kernel, positional, arguments):
    assert kernel(*positional, **arguments) is None


def through_bind(kernel, positional, arguments):
    kernel.bind(*positional, **arguments)()


ROUTES = {"call": through_call, "bind": through_bind}
LISTED = list(ROWS)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("row", LISTED, ids=lambda row: row.name)
def test_row(row, route):
    kernel, oracle = kernel_and_oracle(row.kernel)
    arguments = row.build()
    before = bytes_of(arguments)
    if isinstance(row.expected, Refused):
        with pytest.raises(row.expected.exception) as caught:
            ROUTES[route](kernel, row.positional, arguments)
        assert isinstance(caught.value, ps.errors.ArgumentError), repr(caught.value)
        assert caught.value.code == row.expected.code, str(caught.value)
        assert "'" in caught.value.message or row.positional, f"{caught.value} names nothing"
        assert bytes_of(arguments) == before
        return
    ROUTES[route](kernel, row.positional, arguments)
    wanted = row.build()
    assert bytes_of(wanted) == before, "the row does not build equal arguments every time"
    oracle(**{name: as_array(value) for name, value in wanted.items()})
    after, wanted = bytes_of(arguments), bytes_of(wanted)
    assert after.keys() == wanted.keys()
    for name in after:
        assert after[name] == wanted[name], f"array '{name}' differs from what NumPy computes"


def test_table_is_long_and_decided():
    assert all(row.expected is OK or isinstance(row.expected, Refused) for row in LISTED)
    names = [row.name for row in LISTED]
    assert len(set(names)) == len(names), [name for name in names if names.count(name) > 1]
    good = sum(row.expected is OK for row in LISTED)
    print(f"argument table: {len(LISTED)} rows, {good} computed as NumPy does, {len(LISTED) - good} refused")
    assert len(LISTED) >= 200 and good >= 100
