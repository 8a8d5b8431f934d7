"""Heat: a partial differential equation, discretised by the library.

    dT/dt = div(D grad T)

on a rectangular plate whose border is kept at 0. The sine mode sin(pi m x / a) sin(pi n y / b) keeps its shape and
decays with exp(-D ((pi m / a)^2 + (pi n / b)^2) t), which is the closed form that this example compares with. It starts
with two modes, so that the shape changes, and halves the cell size to see the error fall to a quarter.
"""

import argparse
from pathlib import Path

import numpy as np
import sympy as sp
from matplotlib.figure import Figure

import cppstencils as ps

parser = argparse.ArgumentParser(description="Heat conduction in a plate against the closed form.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="larger cells")
arguments = parser.parse_args()

# The equation, as one writes it: transient(T) is dT/dt, diffusion(T, D) is div(D grad T). Discretization2ndOrder
# replaces the derivatives in space by central differences and makes an explicit Euler step of the one in time. What
# comes back is ordinary SymPy: the value of T after the step.
T, T_new = ps.fields("T, T_new: float64[2D]")
D, dx, dt = sp.symbols("D dx dt")
equation = ps.fd.transient(T) - ps.fd.diffusion(T, D)
step = ps.fd.Discretization2ndOrder(dx, dt)(equation)
print(f"T_new = {step}")
kernel = ps.create_kernel(ps.Assignment(T_new[0, 0], step), function_name="heat").compile()

# A plate of 20 cm x 10 cm of steel. The border cells carry the fixed temperature: one layer that the kernel never
# updates, because the stencil reaches one cell far.
width, height, diffusivity = 0.20, 0.10, 1.2e-5  # m, m, m^2/s
modes = [((1, 1), 60.0), ((3, 2), 40.0)]  # (m, n) and amplitude in degrees
end = 40.0  # s


def closed_form(x, y, t):
    """Temperature above that of the border."""
    total = 0.0
    for (m, n), amplitude in modes:
        rate = diffusivity * np.pi**2 * ((m / width) ** 2 + (n / height) ** 2)
        total = total + amplitude * np.sin(np.pi * m * x / width) * np.sin(np.pi * n * y / height) * np.exp(-rate * t)
    return total


def simulate(cells):
    """Returns coordinates, temperatures at the end, and the number of steps, with this number of cells along y."""
    spacing = height / cells
    x, y = np.meshgrid(np.arange(2 * cells + 1) * spacing, np.arange(cells + 1) * spacing, indexing="ij")
    steps = 2 * int(np.ceil(end / (0.2 * spacing**2 / diffusivity) / 2))  # explicit steps are stable up to 0.25
    a = closed_form(x, y, 0.0)
    a[0], a[-1], a[:, 0], a[:, -1] = 0, 0, 0, 0
    b = a.copy()
    numbers = {"D": diffusivity, "dx": spacing, "dt": end / steps}
    forth, back = kernel.bind(T=a, T_new=b, **numbers), kernel.bind(T=b, T_new=a, **numbers)
    for _ in range(steps // 2):
        forth()
        back()
    return x, y, a, steps


sizes = (16, 32, 64) if arguments.quick else (32, 64, 128)
errors = []
for cells in sizes:
    x, y, temperature, steps = simulate(cells)
    errors.append(np.max(np.abs(temperature - closed_form(x, y, end))))
    print(f"{2 * cells:4d} x {cells:3d} cells, {steps:6d} steps: largest error {errors[-1]:.5f} K")
order = np.log2(errors[-2] / errors[-1])

figure = Figure(figsize=(10.5, 5.6), layout="constrained")
panels = figure.subplots(2, 2)
extent = (0, 100 * width, 0, 100 * height)
limit = 1000 * errors[-1]
for axes, values, title, colors, limits, label in [
    (panels[0, 0], closed_form(x, y, 0.0), "Start", "inferno", None, "temperature / K"),
    (panels[0, 1], temperature, f"After {end:.0f} s", "inferno", None, "temperature / K"),
    (panels[1, 0], 1000 * (temperature - closed_form(x, y, end)), "Error", "RdBu_r", (-limit, limit), "error / mK"),
]:
    image = axes.imshow(values.T, origin="lower", extent=extent, cmap=colors, clim=limits)
    axes.set(title=title, xlabel="x / cm", ylabel="y / cm")
    figure.colorbar(image, label=label)
spacings = [1000 * height / n for n in sizes]
axes = panels[1, 1]
axes.loglog(spacings, [errors[-1] * (s / spacings[-1]) ** 2 for s in spacings], "k--", label="second order")
axes.loglog(spacings, errors, "o", color="C3", label="simulation")
axes.set_xticks(spacings, [f"{s:.2f}" for s in spacings])
axes.set_yticks(errors, [f"{e:.4f}" for e in errors])
axes.minorticks_off()
axes.set(title="Convergence", xlabel="cell size / mm", ylabel="largest error / K")
axes.legend()
axes.grid(alpha=0.3)
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "heat.png", dpi=100)

ok = errors[-1] < 0.01 and abs(order - 2) < 0.1
print(f"{'OK' if ok else 'FAILED'}: largest error {errors[-1]:.5f} K, order of convergence {order:.2f}")
raise SystemExit(not ok)
