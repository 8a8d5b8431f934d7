"""cppstencils: stencil kernels from mathematics to machine code, in process, in milliseconds.

>>> import cppstencils as ps
>>> f, g = ps.fields("f, g: [2D]")
>>> kernel = ps.create_kernel(ps.Assignment(g[0, 0], (f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]) / 4)).compile()
>>> kernel(f=f_array, g=g_array)  # doctest: +SKIP
"""

from . import _core, errors, fd, jit, random, simp, slicing, stencil, sympyextensions, types
from .arrays import create_array
from .assignment import (
    AddAugmentedAssignment,
    Assignment,
    DivAugmentedAssignment,
    MulAugmentedAssignment,
    SubAugmentedAssignment,
    assignment_from_stencil,
)
from .assignment_collection import AssignmentCollection
from .config import AUTO, CpuOptions, CreateKernelConfig, GpuOptions, Target
from .defaults import DEFAULTS, index_t, numeric_t
from .errors import Error, KernelConstraintsError
from .field import Field
from .field_description import fields
from .inspection import get_code_str, inspect, show_code
from .jit import no_jit
from .kernel_decorator import kernel, kernel_config
from .kernelcreation import KernelFunction, Parameter, create_kernel
from .reduction import (
    AddReductionAssignment,
    MaxReductionAssignment,
    MinReductionAssignment,
    MulReductionAssignment,
    ReductionAssignment,
    ReductionOp,
    SubReductionAssignment,
    reduction_assignment,
)
from .slicing import make_slice
from .spatial_coordinates import x_, x_vector, y_, z_
from .sympyextensions import DynamicType, SymbolCreator, TypedSymbol, tcast
from .sympyextensions.symbol_creation import symbols, typed_symbols
from .types import create_numeric_type, create_type

__version__ = _core.version
machine_figures = _core.machine_figures
