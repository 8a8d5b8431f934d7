"""Lattice Boltzmann: a D2Q9 flow solver, derived in SymPy.

Simulates the Taylor-Green vortex, a periodic array of vortices that keeps its shape while viscosity slows it down:

    u_x = -u0 cos(k x) sin(k y) exp(-2 nu k^2 t),    u_y = u0 sin(k x) cos(k y) exp(-2 nu k^2 t)

is an exact solution of the Navier-Stokes equations (Taylor and Green 1937), and its kinetic energy falls with
exp(-4 nu k^2 t). The collision has two relaxation times (TRT; Ginzburg, Verhaeghe and d'Humieres 2008): one sets the
viscosity, nu = (tau - 1/2) / 3, the other follows from the "magic" product (tau+ - 1/2) (tau- - 1/2) = 1/4.
"""

import argparse
from pathlib import Path

import numpy as np
import sympy as sp
from matplotlib.figure import Figure

import cppstencils as ps

parser = argparse.ArgumentParser(description="Lattice Boltzmann simulation of the Taylor-Green vortex.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="a smaller lattice")
arguments = parser.parse_args()

# Everything below is in lattice units: cell size 1, time step 1, density 1.
cells = 64 if arguments.quick else 128
viscosity, u0 = 0.02, 0.03
wave_number = 2 * np.pi / cells

# The method, as in a textbook -----------------------------------------------------------------------------------------
# Nine velocities, from rest to the diagonals, and their weights.
velocities = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)]
weights = [sp.Rational(4, 9)] + [sp.Rational(1, 9)] * 4 + [sp.Rational(1, 36)] * 4
opposite = [velocities.index((-x, -y)) for x, y in velocities]

rho, ux, uy = sp.symbols("rho u_x u_y")


def equilibrium(i):
    """Maxwell's distribution to second order in the velocity, for direction i."""
    cu = velocities[i][0] * ux + velocities[i][1] * uy
    return weights[i] * rho * (1 + 3 * cu + sp.Rational(9, 2) * cu**2 - sp.Rational(3, 2) * (ux**2 + uy**2))


# f has nine values per cell. A cell pulls from its neighbours what streams towards it, then collides. The layout fixes
# the order of the loops: in "soa" (structure of arrays) the cells of one direction lie together, x fastest.
f, f_new = ps.fields("f(9), f_new(9): float64[2D]", layout="soa")
omega_plus, omega_minus = sp.symbols("omega_plus omega_minus")
pulled = [f[-x, -y](i) for i, (x, y) in enumerate(velocities)]

subexpressions = [
    ps.Assignment(rho, sum(pulled)),
    ps.Assignment(ux, sum(x * p for (x, _), p in zip(velocities, pulled)) / rho),
    ps.Assignment(uy, sum(y * p for (_, y), p in zip(velocities, pulled)) / rho),
]
main = []
for i, j in enumerate(opposite):
    even = (pulled[i] + pulled[j]) / 2 - (equilibrium(i) + equilibrium(j)) / 2
    odd = (pulled[i] - pulled[j]) / 2 - (equilibrium(i) - equilibrium(j)) / 2
    main.append(ps.Assignment(f_new(i), pulled[i] - omega_plus * even - omega_minus * odd))

collide_and_stream = ps.create_kernel(ps.AssignmentCollection(main, subexpressions), function_name="trt").compile()

# A second kernel writes density and velocity of each cell, for the picture and the check.
macroscopic = ps.fields("macroscopic(3): float64[2D]", layout="soa")
here = [f(i) for i in range(9)]
moments = ps.create_kernel(
    [
        ps.Assignment(rho, sum(here)),
        ps.Assignment(macroscopic(0), rho),
        ps.Assignment(macroscopic(1), sum(x * p for (x, _), p in zip(velocities, here)) / rho),
        ps.Assignment(macroscopic(2), sum(y * p for (_, y), p in zip(velocities, here)) / rho),
    ]
).compile()

# A third kernel sets the initial state: the equilibrium of the exact density and velocity.
exact = ps.fields("exact(3): float64[2D]", layout="soa")
fill = {rho: exact(0), ux: exact(1), uy: exact(2)}
initialize = ps.create_kernel([ps.Assignment(f(i), equilibrium(i).subs(fill)) for i in range(9)]).compile()


# Arrays ---------------------------------------------------------------------------------------------------------------
def array(values):
    """Zeros with one layer of ghost cells, indexed [x, y, i] and laid out like the fields: x fastest, i slowest.

    A kernel takes any strides, so a transposed view is as good as an array."""
    return np.zeros((values, cells + 2, cells + 2)).transpose(2, 1, 0)


inside = np.s_[1:-1, 1:-1]
x, y = np.meshgrid(np.arange(cells) + 0.5, np.arange(cells) + 0.5, indexing="ij")
kx, ky = wave_number * x, wave_number * y
start, now, a, b = array(3), array(3), array(9), array(9)
start[inside][..., 0] = 1 - 3 * u0**2 / 4 * (np.cos(2 * kx) + np.cos(2 * ky))  # the pressure of the vortex
start[inside][..., 1] = -u0 * np.cos(kx) * np.sin(ky)
start[inside][..., 2] = u0 * np.sin(kx) * np.cos(ky)
start[start[..., 0] == 0, 0] = 1  # ghost cells
initialize(f=a, exact=start)

tau_plus = 3 * viscosity + 0.5
tau_minus = 0.25 / (tau_plus - 0.5) + 0.5
rates = {"omega_plus": 1 / tau_plus, "omega_minus": 1 / tau_minus}
forth = collide_and_stream.bind(f=a, f_new=b, **rates)
back = collide_and_stream.bind(f=b, f_new=a, **rates)
make_periodic = ps.slicing.get_periodic_boundary_functor(velocities)


def kinetic_energy():
    moments(f=a, macroscopic=now)
    return 0.5 * np.mean(now[inside][..., 1] ** 2 + now[inside][..., 2] ** 2)


# Time steps, until the energy has fallen to a tenth ------------------------------------------------------------------
steps = int(np.log(10) / (4 * viscosity * wave_number**2)) // 40 * 40
mass = a[inside].sum()
times, energies = [0], [kinetic_energy()]
for step in range(2, steps + 1, 2):
    make_periodic(a)
    forth()
    make_periodic(b)
    back()
    if step % (steps // 20) == 0:
        times.append(step)
        energies.append(kinetic_energy())
times, energies = np.array(times), np.array(energies)

# The slope of the logarithm of the energy measures the viscosity of the simulated fluid.
measured = -np.polyfit(times, np.log(energies), 1)[0] / (4 * wave_number**2)
deviation = abs(measured / viscosity - 1)
decay = np.exp(-2 * viscosity * wave_number**2 * steps)
velocity_error = np.max(np.abs(now[inside][..., 1:] - decay * start[inside][..., 1:])) / (decay * u0)
mass_change = abs(a[inside].sum() / mass - 1)

# Picture --------------------------------------------------------------------------------------------------------------
figure = Figure(figsize=(10, 4.2), layout="constrained")
left, right = figure.subplots(1, 2)
vx, vy = now[inside][..., 1], now[inside][..., 2]
vorticity = np.gradient(vy, axis=0) - np.gradient(vx, axis=1)
scale = np.abs(vorticity).max()
image = left.imshow(
    1e3 * vorticity.T, origin="lower", cmap="RdBu_r", vmin=-1e3 * scale, vmax=1e3 * scale, extent=(0, cells, 0, cells)
)
left.streamplot(x[:, 0], y[0], vx.T, vy.T, color="black", linewidth=0.6, density=1.1, arrowsize=0.8)
left.set(xlabel="x / cells", ylabel="y / cells", title=f"Vortices after {steps} steps")
left.set(xlim=(0, cells), ylim=(0, cells))
figure.colorbar(image, label="vorticity / (0.001 / time step)", shrink=0.85)
right.semilogy(times, energies[0] * np.exp(-4 * viscosity * wave_number**2 * times), "k-", label="closed form")
right.semilogy(times, energies, "o", color="C3", label="simulation")
right.set(xlabel="time / time steps", ylabel="mean kinetic energy / lattice units", title="Decay of the energy")
right.legend()
right.grid(which="both", alpha=0.3)
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "taylor_green.png", dpi=100)

ok = deviation < 0.01 and velocity_error < 0.02 and mass_change < 1e-10
print(
    f"{'OK' if ok else 'FAILED'}: measured viscosity {measured:.6f}, set {viscosity} ({deviation:.3%} off), largest "
    f"velocity error {velocity_error:.2%}, mass changed by {mass_change:.0e}"
)
raise SystemExit(not ok)
