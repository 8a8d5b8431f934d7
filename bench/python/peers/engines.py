"""What each package makes of a kernel. An engine has `candidates(...)`: [(name, function without arguments that runs
one call and returns its seconds, or None to be timed from outside)]. The fastest candidate stands for the package."""

from __future__ import annotations

import os

import numpy as np
import sympy as sp
from kernels import SCALARS, check, inputs, user_view


class Prepared:
    """Arrays in the form of the shared vocabulary, and what checks a result."""

    def __init__(self, ps, kernel, dtype, shape):
        self.kernel, self.shape, self.dtype = kernel, shape, np.dtype(dtype)
        self.name = "double" if self.dtype == np.float64 else "float32"
        self.assignments = kernel.build(ps, self.name)
        self.arrays = inputs(kernel, shape, self.dtype)
        self.views = {name: user_view(kernel, array, shape) for name, array in self.arrays.items()}
        defined = {a.lhs for a in self.assignments}
        free = {s for a in self.assignments for s in a.rhs.atoms(sp.Symbol) if not hasattr(s, "field")}
        self.scalars = {s.name: self.dtype.type(SCALARS[s.name]) for s in free - defined}

    def check(self):
        check(self.kernel, self.assignments, self.views)
        self.arrays["z"][:] = 0


def cppstencils_candidates(kernel, dtype, shape, threads, fp_mode="strict"):
    import cppstencils as ps

    work = Prepared(ps, kernel, dtype, shape)
    config = ps.CreateKernelConfig(default_dtype=work.name)
    config.cpu.threads = threads
    config.fp_mode = fp_mode
    compiled = ps.create_kernel(work.assignments, config).compile()
    bound = compiled.bind(**work.views, **{k: float(v) for k, v in work.scalars.items()})
    return work, [("default", bound)]


def cppstencils_fast_candidates(kernel, dtype, shape, threads):
    return cppstencils_candidates(kernel, dtype, shape, threads, "fast")


def pystencils_candidates(kernel, dtype, shape, threads):
    import pystencils as ps

    work = Prepared(ps, kernel, dtype, shape)
    old = ps.__version__.startswith("1.")
    candidates, faults = [], []
    for name in ("default", "fixed", "avx512", "avx512 nt aligned"):
        try:
            config = (old_config if old else new_config)(ps, work, name, threads)
            if config is None:
                continue
            assignments = fixed(ps, work) if name == "fixed" else work.assignments
            compiled = ps.create_kernel(assignments, config=config).compile()
            arguments = {**work.views, **work.scalars}
            compiled(**arguments)
            work.check()
            candidates.append((name, lambda compiled=compiled, arguments=arguments: compiled(**arguments)))
        except Exception as fault:  # a mode that a package does not have, or gets wrong, is no candidate
            faults.append(f"{name}: {type(fault).__name__}: {str(fault)[:200]}")
    if not candidates:
        raise RuntimeError("; ".join(faults))
    work.faults = faults
    return work, candidates


def fixed(ps, work):
    """The assignments with shapes and strides as constants."""
    index = 1 if work.kernel.directions else 0
    make = ps.Field.create_from_numpy_array
    known = {name: make(name, view, index_dimensions=index) for name, view in work.views.items()}
    result = []
    for assignment in work.assignments:
        accesses = [a for a in assignment.atoms(sp.Symbol) if hasattr(a, "field")]
        new = {}
        for access in accesses:
            element = known[access.field.name][tuple(int(o) for o in access.offsets)]
            new[access] = element(*[int(i) for i in access.index]) if index else element
        result.append(ps.Assignment(assignment.lhs.xreplace(new), assignment.rhs.xreplace(new)))
    return result


def old_config(ps, work, name, threads):
    options = {"data_type": work.name, "cpu_openmp": threads if threads > 1 else False}
    if name.startswith("avx512"):
        streams = name.endswith("aligned")
        options["cpu_vectorize_info"] = {
            "instruction_set": "avx512",
            "assume_inner_stride_one": True,
            "nontemporal": streams,
            "assume_aligned": streams,
        }
    return ps.CreateKernelConfig(**options)


def new_config(ps, work, name, threads):
    if name.endswith("aligned"):
        return None  # accepted and ignored by this release
    config = ps.CreateKernelConfig(default_dtype=work.name)
    if threads > 1:
        config.cpu.openmp.enable = True
        config.cpu.openmp.num_threads = threads
    if name == "avx512":
        config.target = ps.Target.X86_AVX512
        config.cpu.vectorize.enable = True
        config.cpu.vectorize.assume_inner_stride_one = True
    return config


class Vocabulary:
    """Just enough of the shared vocabulary to build the assignments without a package that has it."""

    class Access(sp.Symbol):
        def __new__(cls, field, offsets, index=()):
            self = super().__new__(cls, f"{field.name}_{'_'.join(map(str, offsets))}__{'_'.join(map(str, index))}")
            self.field, self.offsets, self.index = field, offsets, index
            return self

        def __call__(self, *index):
            return Vocabulary.Access(self.field, self.offsets, index)

    class Field:
        def __init__(self, name, rank):
            self.name, self.spatial_dimensions = name, rank

        def __getitem__(self, offsets):
            return Vocabulary.Access(self, tuple(offsets))

    class Assignment:
        def __init__(self, lhs, rhs):
            self.lhs, self.rhs = lhs, sp.sympify(rhs)

    @classmethod
    def fields(cls, text, **_):
        names, _, size = text.partition(":")
        rank = int(size.strip()[-3])
        return [cls.Field(name.strip().split("(")[0], rank) for name in names.split(",")]


def loop_program(work):
    """The kernel as Python loops over C-ordered arrays, as an experienced user of Numba writes them."""
    rank, reach = work.kernel.rank, work.kernel.reach
    # Axes of the arrays from slow to fast; those of fields with directions are declared with x as the fastest.
    axes = list(reversed(range(rank))) if work.kernel.directions else list(range(rank))

    def element(access):
        place = [str(int(i)) for i in access.index] + [f"i{d} + {int(access.offsets[d])}" for d in axes]
        return f"{access.field.name}[{', '.join(place)}]"

    def text(expr):
        accesses = {
            a: sp.Symbol(f"@{i}") for i, a in enumerate(e for e in expr.atoms(sp.Symbol) if hasattr(e, "field"))
        }
        code = sp.pycode(expr.xreplace(accesses).evalf(17), fully_qualified_modules=False)
        for access, placeholder in sorted(accesses.items(), key=lambda item: -len(item[1].name)):
            code = code.replace(placeholder.name, element(access))
        return code

    names = sorted(work.arrays) + sorted(work.scalars)
    lines = [f"def kernel({', '.join(names)}):"]
    for depth, (d, cells) in enumerate(zip(axes, work.shape)):
        loop = "prange" if depth == 0 else "range"
        lines.append(f"{'    ' * (depth + 1)}for i{d} in {loop}({reach}, {cells + reach}):")
    indent = "    " * (rank + 1)
    for assignment in work.assignments:
        is_store = hasattr(assignment.lhs, "field")
        target = element(assignment.lhs) if is_store else assignment.lhs.name
        lines.append(f"{indent}{target} = {text(assignment.rhs)}")
    return "\n".join(lines) + "\n"


def numba_candidates(kernel, dtype, shape, threads):
    os.environ["NUMBA_NUM_THREADS"] = str(max(2, threads))
    import numba

    work = Prepared(Vocabulary, kernel, dtype, shape)
    numba.set_num_threads(threads)
    arguments = [work.arrays[name] for name in sorted(work.arrays)] + [work.scalars[n] for n in sorted(work.scalars)]
    candidates = []
    for name, parallel in (("prange", True), ("serial", False)):
        if threads > 1 and not parallel:
            continue
        scope = {"prange": numba.prange}
        exec(loop_program(work), scope)  # the loops above, one program per kernel
        compiled = numba.njit(parallel=parallel, fastmath=True)(scope["kernel"])
        compiled(*arguments)
        work.check()
        candidates.append((name, lambda compiled=compiled: compiled(*arguments)))
    return work, candidates


def devito_candidates(kernel, dtype, shape, threads):
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("DEVITO_LOGGING", "ERROR")
    import devito

    devito.configuration["language"] = "openmp" if threads > 1 else "C"
    work = Prepared(Vocabulary, kernel, dtype, shape)
    rank = kernel.rank
    # Devito's last dimension is the fastest.
    axes = list(reversed(range(rank))) if kernel.directions else list(range(rank))
    grid = devito.Grid(shape=tuple(shape), dtype=work.dtype.type)
    row = shape[-1] + 2 * kernel.reach
    functions = {}

    def function(name, index):
        key = (name, index)
        if key not in functions:
            label = f"field_{name}" + "".join(f"_{i}" for i in index)
            made = devito.Function(name=label, grid=grid, space_order=(0, kernel.reach, kernel.reach))
            made.data_with_halo[:] = work.arrays[name][tuple(index)][..., :row]
            functions[key] = made
        return functions[key]

    def replaced(expr):
        new = {}
        for atom in expr.atoms(sp.Symbol):
            if hasattr(atom, "field"):
                made = function(atom.field.name, tuple(int(i) for i in atom.index))
                new[atom] = made[tuple(grid.dimensions[k] + int(atom.offsets[d]) for k, d in enumerate(axes))]
            elif atom.name in work.scalars:
                new[atom] = sp.Float(float(work.scalars[atom.name]))
        return expr.xreplace(new)

    # Named sub-expressions are put in; Devito finds what is common again.
    known, equations = {}, []
    for assignment in work.assignments:
        value = assignment.rhs.xreplace(known)
        if hasattr(assignment.lhs, "field"):
            equations.append(devito.Eq(replaced(assignment.lhs), replaced(value)))
        else:
            known[assignment.lhs] = value
    operator = devito.Operator(equations, opt=("advanced", {"openmp": threads > 1}))

    def call():
        summary = operator.apply(**({"nthreads": threads} if threads > 1 else {}))
        return sum(entry.time for entry in summary.values())

    call()
    for (name, index), made in functions.items():
        if name == "z":
            work.arrays["z"][tuple(index)][..., :row] = made.data_with_halo
    work.check()
    return work, [("advanced", call)]


ENGINES = {
    "cppstencils": cppstencils_candidates,
    "cppstencils_fast": cppstencils_fast_candidates,
    "pystencils": pystencils_candidates,
    "numba": numba_candidates,
    "devito": devito_candidates,
}
