"""The kernels of the suite, in the vocabulary that cppstencils and pystencils share, with arrays and a NumPy oracle."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import sympy as sp


@dataclass(frozen=True)
class Kernel:
    """How a kernel is built: `build(ps, dtype)`, its rank, its reach along every axis, and its directions per cell."""

    build: object
    rank: int
    reach: int = 1
    directions: int = 0
    arrays: int = 2


SCALARS = {"h": 0.25, "s": 0.05, "kappa": 0.5, "step": 0.1, "omega": 1.6, "omega_odd": 1.2}


def unit(rank, axis, distance):
    return tuple(distance if d == axis else 0 for d in range(rank))


def around(u, rank, distance):
    return sp.Add(*[u[unit(rank, axis, sign * distance)] for axis in range(rank) for sign in (-1, 1)])


def ring(u, squared_length):
    offsets = itertools.product((-1, 0, 1), repeat=3)
    return sp.Add(*[u[o] for o in offsets if sum(x * x for x in o) == squared_length])


def fields(ps, names, dtype, rank, **options):
    return ps.fields(f"{names}: {dtype}[{rank}D]", **options)


def stencil_2d_5(ps, dtype):
    a, z = fields(ps, "a, z", dtype, 2)
    return [ps.Assignment(z[0, 0], around(a, 2, 1) / 4 + sp.Symbol("h"))]


def stencil_3d_7(ps, dtype):
    a, z = fields(ps, "a, z", dtype, 3)
    return [ps.Assignment(z[0, 0, 0], sp.Rational(1, 6) * around(a, 3, 1))]


def stencil_3d_27(ps, dtype):
    a, z = fields(ps, "a, z", dtype, 3)
    weights = [sp.Rational(1, 2), sp.Rational(1, 25), sp.Rational(3, 200), sp.Rational(1, 100)]
    return [ps.Assignment(z[0, 0, 0], sp.Add(*[w * ring(a, length) for length, w in enumerate(weights)]))]


def star_3d_25(ps, dtype):
    a, z = fields(ps, "a, z", dtype, 3)
    weights = [sp.Rational(8, 5), sp.Rational(-1, 5), sp.Rational(8, 315), sp.Rational(-1, 560)]
    bend = sp.Rational(-205, 24) * a[0, 0, 0] + sp.Add(*[w * around(a, 3, r + 1) for r, w in enumerate(weights)])
    return [ps.Assignment(z[0, 0, 0], a[0, 0, 0] + sp.Symbol("s") * bend)]


def variable_3d(ps, dtype):
    a, b, z = fields(ps, "a, b, z", dtype, 3)
    offsets = [unit(3, axis, sign) for axis in range(3) for sign in (-1, 1)]
    change = sp.Add(*[(a[o] + a[0, 0, 0]) * (b[o] - b[0, 0, 0]) for o in offsets])
    return [ps.Assignment(z[0, 0, 0], b[0, 0, 0] + sp.Symbol("s") * change)]


def wave_3d(ps, dtype):
    a, b, z = fields(ps, "a, b, z", dtype, 3)
    bend = around(b, 3, 1) - 6 * b[0, 0, 0]
    return [ps.Assignment(z[0, 0, 0], 2 * b[0, 0, 0] - a[0, 0, 0] + sp.Symbol("s") * bend)]


def phase_field_3d(ps, dtype):
    a, z = fields(ps, "a, z", dtype, 3)
    u = a[0, 0, 0]
    bend = around(a, 3, 1) - 6 * u
    well = 2 * u * (1 - u) * (1 - 2 * u)
    return [ps.Assignment(z[0, 0, 0], u + sp.Symbol("step") * (sp.Symbol("kappa") * bend - well))]


# Weights by squared length of the velocity (Y. Qian, D. d'Humieres, P. Lallemand, Europhys. Lett. 17, 479, 1992).
LATTICES = {
    9: (2, {0: sp.Rational(4, 9), 1: sp.Rational(1, 9), 2: sp.Rational(1, 36)}),
    19: (3, {0: sp.Rational(1, 3), 1: sp.Rational(1, 18), 2: sp.Rational(1, 36)}),
    27: (3, {0: sp.Rational(8, 27), 1: sp.Rational(2, 27), 2: sp.Rational(1, 54), 3: sp.Rational(1, 216)}),
}


def lattice_boltzmann(directions, collision):
    rank, weights = LATTICES[directions]
    velocities = [c for c in itertools.product((0, 1, -1), repeat=rank) if sum(map(abs, c)) in weights]

    def build(ps, dtype):
        a, z = fields(ps, f"a({directions}), z({directions})", dtype, rank, layout="fzyx")
        populations = sp.symbols(f"f_:{directions}")
        lines = [ps.Assignment(p, a[tuple(-x for x in c)](i)) for i, (p, c) in enumerate(zip(populations, velocities))]
        rho, square, *u = sp.symbols("rho u_square u_x u_y u_z")[: 2 + rank]
        lines.append(ps.Assignment(rho, sp.Add(*populations)))
        for axis in range(rank):
            momentum = sp.Add(*[c[axis] * p for c, p in zip(velocities, populations)])
            lines.append(ps.Assignment(u[axis], momentum / rho))
        lines.append(ps.Assignment(square, 1 - sp.Rational(3, 2) * sp.Add(*[x**2 for x in u])))
        omega, omega_odd = sp.symbols("omega omega_odd")
        for i, c in enumerate(velocities):
            other = velocities.index(tuple(-x for x in c))
            along = sp.Add(*[x * y for x, y in zip(c, u)])
            weight = weights[sum(map(abs, c))]
            even = weight * rho * (square + sp.Rational(9, 2) * along**2)
            odd = 3 * weight * rho * along
            p, q = populations[i], populations[other]
            if collision == "bgk":
                value = p + omega * (even + odd - p)
            else:
                value = p + omega * (even - (p + q) / 2) + omega_odd * (odd - (p - q) / 2)
            lines.append(ps.Assignment(z[(0,) * rank](i), value))
        return lines

    return Kernel(build, rank, directions=directions)


KERNELS = {
    "2D 5-point": Kernel(stencil_2d_5, 2),
    "3D 7-point": Kernel(stencil_3d_7, 3),
    "3D 27-point": Kernel(stencil_3d_27, 3),
    "3D 25-point star": Kernel(star_3d_25, 3, reach=4),
    "3D variable coefficients": Kernel(variable_3d, 3, arrays=3),
    "3D wave": Kernel(wave_3d, 3, arrays=3),
    "3D phase field": Kernel(phase_field_3d, 3),
    "D2Q9 BGK": lattice_boltzmann(9, "bgk"),
    "D3Q19 BGK": lattice_boltzmann(19, "bgk"),
    "D3Q19 TRT": lattice_boltzmann(19, "trt"),
    "D3Q27 BGK": lattice_boltzmann(27, "bgk"),
}


def shape_for(kernel, dtype, size):
    """Inner cells, the fastest axis last, so that all arrays take about `size` bytes."""
    cells = size / np.dtype(dtype).itemsize / (kernel.arrays * max(kernel.directions, 1))
    side = cells ** (1 / kernel.rank)
    row = max(8, int(max(side, 32 if kernel.directions else 64)) // 8 * 8)
    rest = max(1.0, cells / row)
    if kernel.rank == 2:
        return (max(1, int(rest)), row)
    return (max(1, int(rest**0.5)),) * 2 + (row,)


def padded(kernel, shape, dtype):
    """A C-ordered array, [direction,] slow axes, fast axis, as large as `shape` with `reach` cells around it. Its rows
    are a multiple of 64 bytes and the first inner cell of each begins a cache line."""
    per_line = 64 // np.dtype(dtype).itemsize
    extents = [n + 2 * kernel.reach for n in shape]
    pitch = -(-(extents[-1] + per_line) // per_line) * per_line
    whole = ([kernel.directions] if kernel.directions else []) + extents[:-1] + [pitch]
    memory = np.zeros(int(np.prod(whole)) + 2 * per_line, dtype)
    start = (-memory.ctypes.data // memory.itemsize) % per_line + per_line - kernel.reach
    return memory[start : start + int(np.prod(whole))].reshape(whole)


def inputs(kernel, shape, dtype):
    """The arrays of a kernel by name as `padded` makes them, the result `z` zero and the others smooth."""
    names = ["a", "b", "z"] if kernel.arrays == 3 else ["a", "z"]
    arrays = {}
    scale = 1 / kernel.directions if kernel.directions else 0.7
    wave = scale * (1 + 0.01 * np.sin(0.37 * np.arange(10007)))
    for name in names:
        array = padded(kernel, shape, dtype)
        if name != "z":
            array.reshape(-1)[:] = np.resize(wave, array.size)
        arrays[name] = array
    return arrays


def user_view(kernel, array, shape):
    """The array as cppstencils and pystencils take it: spatial axes, then the direction."""
    row = shape[-1] + 2 * kernel.reach
    if kernel.directions == 0:
        return array[..., :row]
    # Declared with layout "fzyx": x is the fastest axis.
    return array[..., :row].transpose()


def oracle(assignments, arrays, scalars):
    """The values that the kernel stores, by index, on spatial axes first; computed with NumPy on shifted views."""
    values, results = {}, {}
    rank = next(iter(assignments[-1].lhs.atoms(sp.Symbol))).field.spatial_dimensions
    for assignment in assignments:
        operands = sorted(assignment.rhs.atoms(sp.Symbol), key=str)
        numbers = []
        for atom in operands:
            if hasattr(atom, "field"):
                array, window = arrays[atom.field.name], []
                for offset, extent in zip(atom.offsets, array.shape[:rank]):
                    reach = arrays["reach"]
                    window.append(slice(reach + int(offset), extent - reach + int(offset)))
                numbers.append(array[tuple(window) + tuple(int(i) for i in atom.index)].astype(np.float64))
            else:
                numbers.append(values[atom] if atom in values else scalars[atom.name])
        names = sp.symbols(f"x:{len(operands)}")
        value = sp.lambdify(names, assignment.rhs.xreplace(dict(zip(operands, names))), "numpy")(*numbers)
        if hasattr(assignment.lhs, "field"):
            results[tuple(int(i) for i in assignment.lhs.index)] = value
        else:
            values[assignment.lhs] = value
    return results


def check(kernel, assignments, views):
    """Raises AssertionError unless `z` holds what NumPy computes, on a part of the arrays that is not too large."""
    reach = kernel.reach
    spatial = views["z"].shape[: kernel.rank]
    part = tuple(slice(0, min(extent, 20 + 2 * reach)) for extent in spatial)
    corner = {name: array[part] for name, array in views.items()}
    corner["reach"] = reach
    inner = tuple(slice(reach, part[d].stop - reach) for d in range(kernel.rank))
    tolerance = 1e-12 if views["z"].dtype == np.float64 else 3e-5
    for index, expected in oracle(assignments, corner, SCALARS).items():
        found = corner["z"][inner + index]
        # Not only near, but computed: z was zero.
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
