"""From assignments to kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy.codegen.ast import Assignment as SympyAssignment

from . import _core
from .assignment import Assignment
from .config import CreateKernelConfig, Target
from .errors import ArgumentTypeError, ConfigError, ExpressionError
from .field import Field, FieldAccess
from .reduction import ReductionAssignment
from .types import ScalarType, create_type

if TYPE_CHECKING:
    from .assignment_collection import AssignmentCollection
    from .jit import JitBase
    from .launch import LaunchRule

__all__ = ["create_kernel", "KernelFunction", "Parameter"]


@dataclass(frozen=True)
class Parameter:
    """What a caller passes by name.

    Attributes:
        name: the keyword.
        dtype: type of the array's elements, or of the number.
        role: ``"field"`` for an array, ``"scalar"`` for a number, ``"reduction"`` for an array with one element.
        field: the :class:`Field`; None for others.
        access: how the kernel uses the array: ``"read"``, ``"write"`` or ``"read_write"``.
    """

    name: str
    dtype: ScalarType
    role: str
    field: Field | None
    access: str

    @property
    def is_field_parameter(self) -> bool:
        return self.role == "field"


class KernelFunction:
    """A kernel that has been created and not yet compiled. :func:`create_kernel` makes it, a JIT compiles it."""

    def __init__(self, assignments, config):
        self._assignments = tuple(assignments)
        self._config = config
        self._engine_kernel = _core.create_kernel(
            [(a.lhs, a.rhs, _operation_of(a)) for a in self._assignments], config._engine_options()
        )
        self._fields = None

    @property
    def name(self) -> str:
        """Name of the function in the source text."""
        return self._config.function_name

    @property
    def config(self) -> CreateKernelConfig:
        """A copy of the configuration."""
        return self._config.copy()

    @property
    def target(self) -> Target:
        return self._config.target

    @property
    def jit(self) -> JitBase | None:
        """The JIT that :meth:`compile` uses; None for the default of the target."""
        return self._config.jit

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """The assignments that the kernel was made of."""
        return self._assignments

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, ordered by name."""
        if self._fields is None:
            found = {}
            for assignment in self._assignments:
                for access in assignment.atoms(FieldAccess):
                    found[access.field.name] = access.field
            self._fields = tuple(found[name] for name in sorted(found))
        return self._fields

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a caller passes: fields, then scalars, then reductions, each in alphabetical order."""
        fields = {field.name: field for field in self.fields}
        return tuple(
            Parameter(name, create_type(dtype), role, fields[name] if role == "field" else None, access)
            for name, dtype, role, access in self._engine_kernel.parameters()
        )

    @property
    def ghost_layers(self) -> tuple[tuple[int, int], ...]:
        """Cells between the border and the updated ones, (lower, upper) per dimension; () for an iteration slice."""
        return tuple(tuple(sides) for sides in self._engine_kernel.ghost_layers())

    def ir(self) -> str:
        """The typed kernel as text."""
        return self._engine_kernel.ir()

    def source(self) -> str:
        """The kernel as readable C++."""
        return self._engine_kernel.source()

    def launch_configuration(self) -> LaunchRule:
        """How many blocks of how many threads a GPU is given, as expressions and as numbers.

        Raises:
            UnsupportedError (RuntimeError): the kernel is for the CPU.
        """
        from .launch import LaunchRule

        return LaunchRule(self._engine_kernel)

    def compile(self) -> Any:
        """Compiles through the configured JIT, else through the default of the target.

        Returns:
            What the JIT returns: a callable that takes the arrays and numbers by name.

        Raises:
            JitError (RuntimeError): the kernel cannot be compiled, or its JIT refuses to.
        """
        from .inspection import slow_step

        with slow_step(f"Compiling kernel '{self.name}'"):
            if self._config.jit is not None:
                return self._config.jit.compile(self)
            return _core.compile_with_default(self._engine_kernel, self)

    if not TYPE_CHECKING:  # type checkers know that a kernel is not callable; this tells everybody else what to do

        def __call__(self, *args, **kwargs):
            """Refuses: what :meth:`compile` returns is called.

            Raises:
                ArgumentTypeError (TypeError): always.
            """
            raise ArgumentTypeError(
                f"Kernel '{self.name}' has not been compiled, so it cannot be called.",
                code="argument-kind",
                hints=["Call what compile() returns: kernel = create_kernel(...).compile()."],
            )

    def get_fields(self) -> set[Field]:
        """The set of fields."""
        return set(self.fields)

    def get_c_code(self) -> str:
        """The same as :meth:`source`."""
        return self.source()

    def get_ir_code(self) -> str:
        """The same as :meth:`ir`."""
        return self.ir()

    def __reduce__(self):
        return KernelFunction, (self._assignments, self._config)

    def __repr__(self):
        return f"KernelFunction({self.name}({', '.join(parameter.name for parameter in self.parameters)}))"

    def __str__(self):
        return self.source()

    def _repr_html_(self):
        from .inspection import highlighted

        return highlighted(self.source(), "cpp")


def create_kernel(
    assignments: Assignment | Sequence | AssignmentCollection | Mapping,
    config: CreateKernelConfig | None = None,
    **options: Any,
) -> KernelFunction:
    """Turns assignments into a kernel: checks them, finds the types and the cells to update. Does not compile.

    Args:
        assignments: an :class:`Assignment`, a sequence of them, an :class:`AssignmentCollection`, or a dictionary from
            targets to values.
        config: a :class:`CreateKernelConfig`.
        options: options of ``CreateKernelConfig``, which override those of ``config``.

    Raises:
        KernelConstraintsError (ValueError): the cells cannot be updated independently, or an assignment is missing.
        TypeMismatch (TypeError): two types meet in one assignment.
        ConfigError (ValueError): an option has a value that cannot work, or does not exist.
        ExpressionError (ValueError): an expression that kernels cannot evaluate.

    >>> f, g = fields("f, g: [2D]")
    >>> kernel = create_kernel(Assignment(g[0, 0], (f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]) / 4))
    """
    if config is None:
        config = CreateKernelConfig()
    if not isinstance(config, CreateKernelConfig):
        raise ConfigError(
            f"create_kernel() was given {config!r} as its configuration.",
            code="invalid-config",
            hints=["Pass a CreateKernelConfig, or options as keywords."],
        )
    return KernelFunction(list(_flatten(assignments)), config.override(**options))


def _operation_of(assignment):
    return assignment.reduction_op.value if isinstance(assignment, ReductionAssignment) else None


def _flatten(assignments):
    from .assignment_collection import AssignmentCollection

    if isinstance(assignments, SympyAssignment):
        yield assignments
    elif isinstance(assignments, AssignmentCollection):
        yield from assignments.all_assignments
    elif isinstance(assignments, dict):
        for lhs, rhs in assignments.items():
            yield Assignment(lhs, rhs)
    elif isinstance(assignments, (list, tuple)):
        for entry in assignments:
            yield from _flatten(entry)
    else:
        raise ExpressionError(
            f"A kernel is made of assignments, but an object of type '{type(assignments).__name__}' was given.",
            code="invalid-expression",
            hints=["Pass cppstencils.Assignment(target, value), a list of them, or an AssignmentCollection."],
        )
