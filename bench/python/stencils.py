"""The kernels of the comparison, in the vocabulary that cppstencils and pystencils share, and a NumPy oracle."""

from __future__ import annotations

import itertools

import numpy as np
import sympy as sp


def jacobi_2d(ps):
    u, v = ps.fields("u, v: double[2D]")
    return [ps.Assignment(v[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4)]


def jacobi_3d(ps):
    u, v = ps.fields("u, v: double[3D]")
    total = u[1, 0, 0] + u[-1, 0, 0] + u[0, 1, 0] + u[0, -1, 0] + u[0, 0, 1] + u[0, 0, -1] + u[0, 0, 0]
    return [ps.Assignment(v[0, 0, 0], total / 7)]


def d3q19(ps):
    """Lattice Boltzmann, D3Q19, BGK collision with pulled populations (weights: Qian, d'Humieres, Lallemand 1992)."""
    directions = [c for c in itertools.product((0, 1, -1), repeat=3) if sum(map(abs, c)) <= 2]
    weight = {0: sp.Rational(1, 3), 1: sp.Rational(1, 18), 2: sp.Rational(1, 36)}
    f, g = ps.fields("f(19), g(19): double[3D]", layout="fzyx")
    omega = sp.Symbol("omega")
    pulled = [f[tuple(-x for x in c)](i) for i, c in enumerate(directions)]
    rho, *velocity = sp.symbols("rho u_x u_y u_z")
    lines = [ps.Assignment(rho, sp.Add(*pulled))]
    for axis, u in enumerate(velocity):
        lines.append(ps.Assignment(u, sp.Add(*[c[axis] * p for c, p in zip(directions, pulled)]) / rho))
    square = sp.Symbol("u_square")
    lines.append(ps.Assignment(square, sp.Add(*[u**2 for u in velocity])))
    for i, c in enumerate(directions):
        cu = sum(a * u for a, u in zip(c, velocity))
        w = weight[sum(map(abs, c))]
        equilibrium = w * rho * (1 + 3 * cu + sp.Rational(9, 2) * cu**2 - sp.Rational(3, 2) * square)
        lines.append(ps.Assignment(g[0, 0, 0](i), pulled[i] + omega * (equilibrium - pulled[i])))
    return lines


def phase_field(ps):
    """Chemical potential of a Cahn-Hilliard model with a nine-point Laplacian."""
    c, mu = ps.fields("c, mu: double[2D]")
    kappa, a = sp.symbols("kappa a")
    near = c[1, 0] + c[-1, 0] + c[0, 1] + c[0, -1]
    far = c[1, 1] + c[-1, 1] + c[1, -1] + c[-1, -1]
    laplacian = (4 * near + far - 20 * c[0, 0]) / 6
    centre = c[0, 0]
    return [ps.Assignment(mu[0, 0], a * (2 * centre - 6 * centre**2 + 4 * centre**3) - kappa * laplacian)]


KERNELS = {
    "2D 5-point": jacobi_2d,
    "3D 7-point": jacobi_3d,
    "D3Q19 BGK": d3q19,
    "phase field": phase_field,
}


def arrays_for(assignments, extent=8):
    """Random inputs and zero outputs for the fields of the assignments, and numbers for the parameters."""
    random = np.random.default_rng(1)
    fields, defined, symbols = {}, set(), set()
    for assignment in assignments:
        for atom in assignment.atoms(sp.Symbol):
            if hasattr(atom, "field"):
                fields[atom.field.name] = atom.field
            else:
                symbols.add(atom)
        if not hasattr(assignment.lhs, "field"):
            defined.add(assignment.lhs)
    written = {a.lhs.field.name for a in assignments if hasattr(a.lhs, "field")}
    arguments = {}
    for name in sorted(fields):
        shape = (extent,) * fields[name].spatial_dimensions + tuple(int(n) for n in fields[name].index_shape)
        values = np.zeros(shape) if name in written else 1 + 0.1 * random.random(shape)
        # The only fields with index dimensions are declared with layout "fzyx": x is the fastest dimension.
        arguments[name] = np.asarray(values, order="F" if len(fields[name].index_shape) else "C")
    for symbol in sorted(symbols - defined, key=str):
        arguments[symbol.name] = 0.5
    return arguments


def oracle(assignments, arguments):
    """What the kernel should write, computed by NumPy on shifted views with one ghost layer."""
    values, results = {}, {}
    for assignment in assignments:
        operands = sorted(assignment.rhs.atoms(sp.Symbol), key=str)
        inputs = []
        for atom in operands:
            if hasattr(atom, "field"):
                array = arguments[atom.field.name]
                window = tuple(slice(1 + int(o), n - 1 + int(o)) for o, n in zip(atom.offsets, array.shape))
                inputs.append(array[window + tuple(int(i) for i in atom.index)])
            else:
                inputs.append(values.get(atom, arguments.get(atom.name)))
        names = sp.symbols(f"x:{len(operands)}")
        value = sp.lambdify(names, assignment.rhs.xreplace(dict(zip(operands, names))), "numpy")(*inputs)
        if hasattr(assignment.lhs, "field"):
            results[assignment.lhs.field.name, tuple(int(i) for i in assignment.lhs.index)] = value
        else:
            values[assignment.lhs] = value
    return results


def check(assignments, kernel):
    """Raises AssertionError unless the compiled kernel agrees with the oracle."""
    arguments = arrays_for(assignments)
    kernel(**arguments)
    for (name, index), expected in oracle(assignments, arguments).items():
        array = arguments[name]
        inner = (slice(1, -1),) * (array.ndim - len(index))
        np.testing.assert_allclose(array[inner + index], expected, rtol=1e-12, atol=1e-12)
