"""MRI: smoothing that keeps edges.

    dI/dt = div(g(|grad I|) grad I),    g(s) = 1 / (1 + (s / K)^2)

diffuses an image I inside regions and hardly across edges, where the gradient is large against K: P. Perona and
J. Malik, "Scale-space and edge detection using anisotropic diffusion", IEEE Transactions on Pattern Analysis and
Machine Intelligence 12 (1990) 629-639. Their scheme, with the four differences to the neighbours, each with its own g:

    I <- I + lambda * (g(|dN|) dN + g(|dS|) dS + g(|dE|) dE + g(|dW|) dW),    0 <= lambda <= 1/4

The image is a slice of a head that comes with matplotlib. It has hardly any noise, so that it can serve as the truth:
noise of known strength is added, and the example measures how much of it goes, and what happens to the edges.
"""

import argparse
from pathlib import Path

import numpy as np
import sympy as sp
from matplotlib.cbook import get_sample_data
from matplotlib.figure import Figure

import cppstencils as ps

parser = argparse.ArgumentParser(description="Perona-Malik smoothing of an MRI slice.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="accepted as in the other examples; this one is quick anyway")
arguments = parser.parse_args()

# 256 x 256 pixels, 16-bit integers with the most significant byte first (">u2"). Kernels want the byte order of the
# machine and convert nothing on their own, so the image is converted here, once.
with get_sample_data("s1045.ima.gz") as file:
    truth = np.frombuffer(file.read(), ">u2").reshape(256, 256).astype(np.float64)
sigma = 12.0
noisy = truth + sigma * np.random.default_rng(1990).standard_normal(truth.shape)

# The kernel. Each flux has a name, so it is computed in exactly this way; names also keep the final sum short.
image, smoothed = ps.fields("image, smoothed: float64[2D]")
K, rate = sp.symbols("K rate")
differences = sp.symbols("d_n d_s d_e d_w")
fluxes = sp.symbols("flux_n flux_s flux_e flux_w")
neighbours = [image[-1, 0], image[1, 0], image[0, 1], image[0, -1]]

lines = [ps.Assignment(d, neighbour - image[0, 0]) for d, neighbour in zip(differences, neighbours)]
lines += [ps.Assignment(flux, d / (1 + d**2 / K**2)) for flux, d in zip(fluxes, differences)]
lines += [ps.Assignment(smoothed[0, 0], image[0, 0] + rate * sum(fluxes))]
perona_malik = ps.create_kernel(lines, function_name="perona_malik").compile()

# The same kernel without g is plain diffusion, the blur that Perona and Malik compare with.
blur = ps.create_kernel(
    ps.Assignment(smoothed[0, 0], image[0, 0] + rate * sum(n - image[0, 0] for n in neighbours)), function_name="blur"
).compile()


def mirror(padded):
    """No flux through the border: the ghost cells repeat the outermost pixels."""
    padded[0], padded[-1] = padded[1], padded[-2]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]


inside = np.s_[1:-1, 1:-1]


def run(kernel, picture, steps, **numbers):
    """The picture after some steps, on two arrays that take turns."""
    a = np.pad(picture, 1, mode="edge")
    b = a.copy()
    for _ in range(steps):
        mirror(a)
        kernel(image=a, smoothed=b, **numbers)
        a, b = b, a
    return a[inside]


def numpy_perona_malik(picture, steps, K, rate):
    """The same scheme in NumPy, operation by operation."""
    picture = picture.copy()
    for _ in range(steps):
        padded = np.pad(picture, 1, mode="edge")
        shifted = {"n": padded[:-2, 1:-1], "s": padded[2:, 1:-1], "e": padded[1:-1, 2:], "w": padded[1:-1, :-2]}
        d = {name: neighbour - picture for name, neighbour in shifted.items()}
        flux = {name: value / (1.0 + value * value / (K * K)) for name, value in d.items()}
        picture = picture + rate * (flux["e"] + flux["n"] + flux["s"] + flux["w"])  # SymPy sorts names in a sum
    return picture


steps, edge_scale = 5, 12.0
kept = run(perona_malik, noisy, steps, K=edge_scale, rate=0.2)
same_bits = np.array_equal(kept, numpy_perona_malik(noisy, steps, edge_scale, 0.2))
constant = np.full_like(truth, 7.0)
conserved = np.array_equal(run(perona_malik, constant, 3, K=edge_scale, rate=0.2), constant)

# What is left of the noise in smooth parts of the head, and of the gradient at its edges (the steepest twentieth).
gradient = np.hypot(*np.gradient(truth))
head = truth > 30
edges = gradient > np.quantile(gradient[head], 0.95)
smooth = head & (gradient < np.quantile(gradient[head], 0.5))


def noise(picture):
    return np.sqrt(np.mean((picture - truth)[smooth] ** 2))


def sharpness(picture):
    """Mean slope at the edges, in the direction of the true gradient."""
    return np.mean(sum(p * t for p, t in zip(np.gradient(picture), np.gradient(truth)))[edges] / gradient[edges])


# The blur after as many steps as leave the least noise; more of them, and it harms the smooth parts, too.
blurred = min((run(blur, noisy, n, rate=0.2) for n in range(1, 6)), key=noise)
slope_kept, slope_blurred = sharpness(kept) / sharpness(truth), sharpness(blurred) / sharpness(truth)

# Picture --------------------------------------------------------------------------------------------------------------
figure = Figure(figsize=(9.4, 8.4), layout="constrained")
panels = [
    (noisy, f"Before: noise {noise(noisy):.1f}", "gray", (0, truth.max()), "intensity"),
    (
        kept,
        f"Perona-Malik: noise {noise(kept):.1f}, slope of edges {slope_kept:.0%}",
        "gray",
        (0, truth.max()),
        "intensity",
    ),
    (noisy - kept, "What Perona-Malik removed", "RdBu_r", (-40, 40), "intensity"),
    (
        blurred,
        f"Blur: noise {noise(blurred):.1f}, slope of edges {slope_blurred:.0%}",
        "gray",
        (0, truth.max()),
        "intensity",
    ),
]
view = np.s_[20:240, 15:210]
for axes, (values, title, colors, limits, label) in zip(figure.subplots(2, 2).flat, panels):
    image = axes.imshow(values[view], cmap=colors, clim=limits, extent=(15, 210, 240, 20), interpolation="nearest")
    axes.set(title=title, xlabel="column / pixels", ylabel="row / pixels")
    figure.colorbar(image, label=label)
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "mri.png", dpi=100)

ok = same_bits and conserved and noise(kept) < 0.5 * noise(noisy) and slope_kept > 0.9 > slope_blurred
print(
    f"{'OK' if ok else 'FAILED'}: bits {'equal to' if same_bits else 'DIFFERENT from'} NumPy's; "
    f"noise {noise(noisy):.1f} -> {noise(kept):.1f}, edges keep {slope_kept:.0%} of their slope "
    f"(blur: noise {noise(blurred):.1f}, {slope_blurred:.0%})"
)
raise SystemExit(not ok)
