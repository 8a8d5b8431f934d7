"""Draws the pictures in this folder anew, by running the examples, and makes them small.

python docs/pictures/make.py        (the package, matplotlib and Pillow must be installed)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "python"
# File, width in pixels, and number of colours; None for all of them.
PICTURES = {
    "03_gray_scott": ("gray_scott.png", 480, 256),
    "05_terrain": ("terrain.png", 800, None),
    "06_mri": ("mri.png", 640, 256),
}

for example, (name, width, colours) in PICTURES.items():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(EXAMPLES / f"{example}.py"), "--output", folder], check=True)
        picture = Image.open(Path(folder, name)).convert("RGB")
    picture = picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
    if colours is not None:
        picture = picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    picture.save(HERE / name, optimize=True)
    print(f"{HERE / name}: {(HERE / name).stat().st_size / 1000:.0f} kB")
