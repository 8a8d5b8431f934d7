"""Mistakes that newcomers make, and what they are told."""

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.jit import CacheOptions, InterpreterJit, LegacyCpuJit, LlvmJit

u, v = ps.fields("u, v: float64[2D]")
RULE = ps.Assignment(v[0, 0], u[1, 0] + u[-1, 0])
ARRAY = np.ones((5, 5))


def call_without_compile():
    ps.create_kernel(RULE, function_name="shift")(u=ARRAY, v=ARRAY.copy())


MISTAKES = {
    "call without compile": (
        call_without_compile,
        TypeError,
        "error[argument-kind]: Kernel 'shift' has not been compiled, so it cannot be called.\n"
        "  hint: Call what compile() returns: kernel = create_kernel(...).compile().",
    ),
    "a class instead of a JIT": (
        lambda: ps.create_kernel(RULE, jit=LlvmJit),
        ValueError,
        "error[invalid-config]: Option jit is <class 'cppstencils.jit.LlvmJit'>, but an object and no class, for "
        "example LlvmJit(), is expected.\n  hint: help(cppstencils.CreateKernelConfig) lists the options.",
    ),
    "compile an assignment": (
        lambda: InterpreterJit().compile(RULE),
        TypeError,
        "error[argument-kind]: A JIT compiles kernels, but an object of type 'Assignment' was given.\n"
        "  hint: Pass what cppstencils.create_kernel() returns.",
    ),
    "compile twice": (
        lambda: InterpreterJit().compile(InterpreterJit().compile(ps.create_kernel(RULE))),
        TypeError,
        "error[argument-kind]: A JIT compiles kernels, but an object of type 'CompiledKernel' was given.\n"
        "  hint: Pass what cppstencils.create_kernel() returns.",
    ),
    "a text as cache": (
        lambda: LegacyCpuJit(cache="off"),
        ValueError,
        "error[invalid-config]: Option cache is 'off', but CacheOptions are expected.\n"
        "  hint: Write cache=CacheOptions(mode=..., directory=...), or cache=CacheOptions.off().",
    ),
    "an option of pystencils": (
        lambda: ps.CreateKernelConfig(cpu_openmp=True),
        AttributeError,
        "error[invalid-config]: There is no option 'cpu_openmp'.\n"
        "  hint: Use cpu.threads; None, the default, uses all processors for large calls.\n"
        "  hint: The options are: function_name, target, jit, default_dtype, index_dtype, ghost_layers, "
        "iteration_slice, fp_mode, allow_double_writes, skip_independence_check, cpu, gpu.",
    ),
    "a nested option of pystencils": (
        lambda: ps.create_kernel(RULE, cpu={"vectorize": True}),
        AttributeError,
        "error[invalid-config]: There is no option 'cpu.vectorize'.\n"
        "  hint: It is not needed: the variant that suits the processor and the arrays is chosen in each call.\n"
        "  hint: The options are: processor, threads, streaming_stores, block_rows, vector_bytes, unroll, tuning, "
        "checks, openmp.",
    ),
    "a derivative that is not discretised": (
        lambda: ps.create_kernel(ps.Assignment(v[0, 0], ps.fd.diff(u, 0))),
        ValueError,
        "error[invalid-expression]: A kernel cannot evaluate 'Diff(u[0,0], 0)', an object of type 'Diff'.\n"
        "  hint: Replace derivatives by differences first, for example with cppstencils.fd.discretize_spatial.",
    ),
    "a comparison as a value": (
        lambda: ps.create_kernel(ps.Assignment(v[0, 0], u[0, 0] > 0)),
        TypeError,
        "error[type-mismatch]: 'u[0,0] > 0' is a truth value, but 'v[0,0]' has type float64.\n"
        "  in assignment  v[0,0] = u[0,0] > 0\n"
        "  note: While creating kernel 'kernel'.\n"
        "  hint: Choose between numbers, with select() in C++ or Piecewise in SymPy.",
    ),
    "a coordinate as a float": (
        lambda: ps.create_kernel(ps.Assignment(v[0, 0], ps.x_ * u[0, 0])),
        TypeError,
        "error[type-mismatch]: 'coordinate(0)' has type int64, but 'v[0,0]' has type float64.\n"
        "  in assignment  v[0,0] = u[0,0]*coordinate(0)\n"
        "  note: While creating kernel 'kernel'.\n"
        "  hint: Declare both with one type, set 'default_dtype' for symbols without a type, or convert with cast() in "
        "C++ or tcast() in Python.",
    ),
    "nothing is stored": (
        lambda: ps.create_kernel(ps.Assignment(sp.Symbol("x"), u[0, 0])),
        ValueError,
        "error[empty-kernel]: The kernel writes no field.\n"
        "  note: While creating kernel 'kernel'.\n"
        "  hint: Assign to at least one field access, or reduce a value.",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake(mistake):
    action, builtin, text = MISTAKES[mistake]
    with pytest.raises(builtin) as caught:
        action()
    assert isinstance(caught.value, ps.Error)
    assert str(caught.value) == text


def test_what_is_meant_works():
    assert ps.create_kernel(RULE, jit=InterpreterJit()).compile() is not None
    assert LegacyCpuJit(cache=CacheOptions.off()).cache.mode == "off"
