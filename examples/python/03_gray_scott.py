"""Gray-Scott: two substances that diffuse and react, and form patterns.

    du/dt = Du laplace(u) - u v^2 + F (1 - u)
    dv/dt = Dv laplace(v) + u v^2 - (F + k) v

u is eaten by v, fed at the rate F; v decays at the rate F + k. Equations, diffusion coefficients, mesh, time step and
initial state are those of J. E. Pearson, "Complex patterns in a simple system", Science 261 (1993) 189-192: a square of
side 2.5 with 256 x 256 cells, periodic, explicit Euler steps of length 1.
"""

import argparse
from pathlib import Path

import numpy as np
import sympy as sp
from matplotlib.figure import Figure

import cppstencils as ps

parser = argparse.ArgumentParser(description="Gray-Scott reaction and diffusion.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="fewer steps")
arguments = parser.parse_args()

cells, side, dt = 256, 2.5, 1.0
dx = side / cells
steps = 3000 if arguments.quick else 40000

# The update rule. Symbols without a value are parameters of the kernel: numbers that are passed with each call. So one
# kernel serves every pattern.
u, v, u_new, v_new = ps.fields("u, v, u_new, v_new: float64[2D]")
feed, kill, du, dv = sp.symbols("feed kill du dv")


def laplace(f):
    """Five-point Laplacian of a field, times dx^2."""
    return f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1] - 4 * f[0, 0]


reaction = sp.Symbol("reaction")
rule = ps.AssignmentCollection(
    [
        ps.Assignment(u_new[0, 0], u[0, 0] + du * laplace(u) - reaction + dt * feed * (1 - u[0, 0])),
        ps.Assignment(v_new[0, 0], v[0, 0] + dv * laplace(v) + reaction - dt * (feed + kill) * v[0, 0]),
    ],
    # Computed once per cell, used twice.
    subexpressions=[ps.Assignment(reaction, dt * u[0, 0] * v[0, 0] ** 2)],
)
kernel = ps.create_kernel(rule, function_name="gray_scott").compile()
numbers = {"du": 2e-5 * dt / dx**2, "dv": 1e-5 * dt / dx**2, "feed": 0.037, "kill": 0.06}

# The arrays have one layer of ghost cells around. This function copies the opposite borders there, which makes the
# square periodic.
fill_ghosts = ps.slicing.get_periodic_boundary_functor([(1, 0), (-1, 0), (0, 1), (0, -1)])
inside = np.s_[1:-1, 1:-1]

# u = 1 and v = 0, but u = 1/2 and v = 1/4 in a square of 20 x 20 cells in the middle, and 1 % of noise.
random = np.random.default_rng(1993)
u0, v0 = np.ones((cells + 2, cells + 2)), np.zeros((cells + 2, cells + 2))
middle = slice(cells // 2 - 9, cells // 2 + 11)
u0[middle, middle], v0[middle, middle] = 0.5, 0.25
for array in (u0, v0):
    array *= 1 + 0.01 * random.uniform(-1, 1, array.shape)
np.minimum(u0, 1, out=u0)
u1, v1 = np.zeros_like(u0), np.zeros_like(v0)


def numpy_step(a, b):
    """The same step in NumPy, with np.roll on the square without ghost cells."""

    def neighbours(f):
        return sum(np.roll(f, shift, axis) for axis in (0, 1) for shift in (1, -1))

    reaction = dt * a * b * b
    a_new = a + numbers["du"] * (neighbours(a) - 4 * a) - reaction + dt * numbers["feed"] * (1 - a)
    b_new = b + numbers["dv"] * (neighbours(b) - 4 * b) + reaction - dt * (numbers["feed"] + numbers["kill"]) * b
    return a_new, b_new


# Both directions are bound once; a call then costs no checks.
forth = kernel.bind(u=u0, v=v0, u_new=u1, v_new=v1, **numbers)
back = kernel.bind(u=u1, v=v1, u_new=u0, v_new=v0, **numbers)
in_bounds = True
for step in range(0, steps, 2):
    fill_ghosts(u0)
    fill_ghosts(v0)
    forth()
    fill_ghosts(u1)
    fill_ghosts(v1)
    back()
    if step % 500 == 0:
        in_bounds &= all(f[inside].min() >= 0 and f[inside].max() <= 1 for f in (u0, v0))

# One more step, checked against NumPy. The two add in different orders, so they agree to rounding.
fill_ghosts(u0)
fill_ghosts(v0)
expected = numpy_step(u0[inside], v0[inside])
forth()
error = max(np.max(np.abs(new[inside] - reference)) for new, reference in zip((u1, v1), expected))
in_bounds &= all(f[inside].min() >= 0 and f[inside].max() <= 1 for f in (u1, v1))
covered = np.mean(v1[inside] > 0.1)

figure = Figure(figsize=(6.4, 5.4), layout="constrained")
axes = figure.subplots()
image = axes.imshow(v1[inside].T, origin="lower", cmap="magma", extent=(0, side, 0, side))
axes.set(xlabel="x / length unit of Pearson", ylabel="y / length unit of Pearson")
axes.set_title(f"Gray-Scott, F = {numbers['feed']}, k = {numbers['kill']}, t = {steps * dt:.0f}")
figure.colorbar(image, label="concentration v")
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "gray_scott.png", dpi=100)

ok = in_bounds and error < 1e-14 and covered > 0.01
print(
    f"{'OK' if ok else 'FAILED'}: {steps} steps, largest difference of a step from NumPy {error:.1e}, "
    f"0 <= u, v <= 1: {in_bounds}, pattern on {covered:.0%} of the square"
)
raise SystemExit(not ok)
