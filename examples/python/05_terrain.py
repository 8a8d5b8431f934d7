"""Terrain: slope and hill shading of a digital elevation model.

The model shows the Jacksboro fault in Tennessee and comes with matplotlib: 344 x 403 heights in metres, rows from north
to south, columns from west to east, 3 arc seconds apart. Slopes follow B. K. P. Horn, "Hill shading and the reflectance
map", Proceedings of the IEEE 69 (1981) 14-47: a central difference in one direction, smoothed with the weights 1, 2, 1
in the other. The brightness of a dull surface is the cosine of the angle between its normal and the direction of light.
"""

import argparse
from pathlib import Path

import numpy as np
import sympy as sp
from matplotlib import colormaps
from matplotlib.cbook import get_sample_data
from matplotlib.colors import LightSource, ListedColormap
from matplotlib.figure import Figure

import cppstencils as ps

parser = argparse.ArgumentParser(description="Slope and hill shading of a digital elevation model.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="accepted as in the other examples; this one is quick anyway")
arguments = parser.parse_args()

with get_sample_data("jacksboro_fault_dem.npz") as model:
    elevation = model["elevation"]
    # The file has the cell sizes in degrees. A degree of latitude is about 111.2 km long, one of longitude shrinks with
    # the cosine of the latitude.
    latitude = np.radians((float(model["ymin"]) + float(model["ymax"])) / 2)
    size_y = 111200.0 * float(model["dy"])
    size_x = 111200.0 * float(model["dx"]) * np.cos(latitude)

# The kernel reads the heights as they are, 16-bit integers. Types are never mixed silently, so each height is converted
# by name, with tcast. Offsets are those of the array: [south, east].
z = ps.fields("z: int16[2D]")
slope, shade = ps.fields("slope, shade: float64[2D]")
dx, dy = sp.symbols("dx dy")
light = sp.symbols("light_east light_north light_up")


def height(south, east):
    return ps.tcast(z[south, east], "float64")


def terrain_kernel(weights):
    """Slope in degrees, and brightness, with these weights of a central difference in three neighbouring rows."""
    total = 2 * sum(weights)
    east, north, length = sp.symbols("east north length")
    rise_east = sum(w * (height(i, 1) - height(i, -1)) for i, w in zip((-1, 0, 1), weights))
    rise_north = sum(w * (height(-1, i) - height(1, i)) for i, w in zip((-1, 0, 1), weights))
    return ps.create_kernel(
        [
            ps.Assignment(east, rise_east / (total * dx)),
            ps.Assignment(north, rise_north / (total * dy)),
            # The normal of the surface is (-east, -north, 1) / length.
            ps.Assignment(length, sp.sqrt(east**2 + north**2 + 1)),
            ps.Assignment(slope[0, 0], sp.atan(sp.sqrt(east**2 + north**2)) * 180 / sp.pi),
            ps.Assignment(shade[0, 0], (light[2] - light[0] * east - light[1] * north) / length),
        ],
        function_name="terrain",
    ).compile()


# Light from the north-west, 45 degrees high, as maps are drawn.
azimuth, altitude = 315.0, 45.0
numbers = {
    "dx": size_x,
    "dy": size_y,
    "light_east": np.sin(np.radians(azimuth)) * np.cos(np.radians(altitude)),
    "light_north": np.cos(np.radians(azimuth)) * np.cos(np.radians(altitude)),
    "light_up": np.sin(np.radians(altitude)),
}


def run(weights):
    result = np.full((2, *elevation.shape), np.nan)  # the outermost cells have no neighbours and stay undefined
    terrain_kernel(weights)(z=elevation, slope=result[0], shade=result[1], **numbers)
    return result


inside = np.s_[1:-1, 1:-1]
horn_slope, horn_shade = run((1, 2, 1))

# Check 1: Horn's slope in NumPy, as the smoothed gradient.
by_south, by_east = np.gradient(elevation.astype(float), size_y, size_x)
by_east = (by_east[:-2] + 2 * by_east[1:-1] + by_east[2:])[:, 1:-1] / 4
by_south = (by_south[:, :-2] + 2 * by_south[:, 1:-1] + by_south[:, 2:])[1:-1] / 4
slope_error = np.max(np.abs(horn_slope[inside] - np.degrees(np.arctan(np.hypot(by_east, by_south)))))

# Check 2: matplotlib shades with plain central differences, which are the weights 0, 1, 0. It then stretches the
# brightness to 0 ... 1, so a straight line is fitted first; every cell must lie on it.
_, plain_shade = run((0, 1, 0))
reference = LightSource(azimuth, altitude).hillshade(elevation.astype(float), dx=size_x, dy=size_y)[inside].ravel()
ours = plain_shade[inside].ravel()
kept = (reference > 0) & (reference < 1)  # where matplotlib does not clip
line = np.polyfit(ours[kept], reference[kept], 1)
shade_error = np.max(np.abs(np.polyval(line, ours[kept]) - reference[kept]))

# Picture --------------------------------------------------------------------------------------------------------------
land = ListedColormap(colormaps["gist_earth"](np.linspace(0.35, 1, 256)))  # without the blue of the sea
rows, columns = elevation.shape
extent = (0, columns * size_x / 1000, 0, rows * size_y / 1000)
figure = Figure(figsize=(12, 5.6), layout="constrained")
panels = [
    (elevation, "Elevation", land, None, "elevation / m"),
    (horn_slope, "Slope (Horn 1981)", "viridis", None, "slope / degrees"),
    (horn_shade, "Hill shade, light from the north-west", "gray", (0, 1), "cosine of the angle to the light"),
]
for axes, (values, title, colors, limits, label) in zip(figure.subplots(1, 3, sharey=True), panels):
    image = axes.imshow(values, cmap=colors, extent=extent, clim=limits, interpolation="nearest")
    axes.set(title=title, xlabel="east / km")
    figure.colorbar(image, label=label, orientation="horizontal", pad=0.02)
figure.axes[0].set_ylabel("north / km")
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "terrain.png", dpi=100)

ok = slope_error < 1e-10 and shade_error < 1e-10 and kept.mean() > 0.99
print(
    f"{'OK' if ok else 'FAILED'}: {rows} x {columns} heights, steepest slope {np.nanmax(horn_slope):.1f} degrees; "
    f"largest difference from NumPy {slope_error:.0e} degrees, from matplotlib's hill shade {shade_error:.0e}"
)
raise SystemExit(not ok)
