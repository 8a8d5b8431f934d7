"""One fresh process of the comparison: makes one kernel with one package and prints its times as JSON."""

import importlib
import json
import sys
import time
import timeit

import numpy  # noqa: F401  (part of neither package's time)
import sympy  # noqa: F401


def main():
    package, name = sys.argv[1:]
    times = {}
    start = time.perf_counter()
    ps = importlib.import_module(package)
    times["import"] = time.perf_counter() - start
    import stencils

    assignments = stencils.KERNELS[name](ps)
    arguments = stencils.arrays_for(assignments)
    begin = time.perf_counter()
    created = ps.create_kernel(assignments)
    middle = time.perf_counter()
    kernel = created.compile()
    end = time.perf_counter()
    kernel(**arguments)
    times.update(create=middle - begin, compile=end - middle, total=end - begin)
    times["first call"] = time.perf_counter() - begin
    stencils.check(assignments, kernel)
    # As a user writes it: with keywords, not with an unpacked dictionary.
    statement = f"kernel({', '.join(f'{key}={key}' for key in arguments)})"
    repeated = timeit.repeat(statement, globals={"kernel": kernel, **arguments}, number=2000, repeat=7)
    times["call"] = min(repeated) / 2000 * 1e3  # shown in microseconds
    print(json.dumps({what: 1e3 * seconds for what, seconds in times.items()}))


main()
