"""Quick start: from mathematics to a running kernel.

Relaxes an array to the solution of Laplace's equation, u_xx + u_yy = 0: every cell becomes the mean of its four
neighbours, again and again (Jacobi's method). The border is that of x^2 - y^2, whose second differences cancel exactly,
so the solution inside is known: it is x^2 - y^2, too.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import cppstencils as ps
from cppstencils.jit import InterpreterJit, JitBase, LlvmJit

parser = argparse.ArgumentParser(description="Quick start: from mathematics to a running kernel.")
parser.add_argument("--output", type=Path, default=Path("."), help="folder for the picture")
parser.add_argument("--quick", action="store_true", help="a smaller problem")
arguments = parser.parse_args()

# 1. Mathematics -------------------------------------------------------------------------------------------------------
# A field is an array without memory: a name and a number of dimensions. u[1, 0] is the neighbour one cell up the first
# dimension. An assignment says what happens in every cell.
u, u_new = ps.fields("u, u_new: float64[2D]")
jacobi = ps.Assignment(u_new[0, 0], (u[1, 0] + u[-1, 0] + u[0, 1] + u[0, -1]) / 4)

# 2. A kernel ----------------------------------------------------------------------------------------------------------
# create_kernel checks the assignment and finds the cells that can be updated: here all but one layer at each border,
# because the offsets reach one cell far. compile makes machine code of it, in milliseconds.
kernel_function = ps.create_kernel(jacobi, function_name="jacobi")
print(f"{kernel_function!r} updates all cells but {kernel_function.ghost_layers} at the borders")
kernel = kernel_function.compile()

# 3. A call ------------------------------------------------------------------------------------------------------------
# Arrays are passed under the names of the fields. They are never copied: the kernel writes into your array.
n = 17 if arguments.quick else 65
x, y = np.meshgrid(np.arange(n, dtype=float), np.arange(n, dtype=float), indexing="ij")
exact = x**2 - y**2
a = exact.copy()
a[1:-1, 1:-1] = 0.0
b = a.copy()
kernel(u=a, u_new=b)
print(f"after one step, in cell (1, 2): {b[1, 2]} = ({a[2, 2]} + {a[0, 2]} + {a[1, 3]} + {a[1, 1]}) / 4")

# 4. Many calls --------------------------------------------------------------------------------------------------------
# A call checks its arguments: types, shapes, overlap, bounds. bind checks once and keeps the arrays; the bound kernel
# is called without arguments. Two of them swap the roles of the arrays.
forth = kernel.bind(u=a, u_new=b)
back = kernel.bind(u=b, u_new=a)
steps = 4 * n * n
for _ in range(steps // 2):
    forth()
    back()
error = np.max(np.abs(a - exact)) / np.max(np.abs(exact))

# 5. A wrong call ------------------------------------------------------------------------------------------------------
# It changes nothing, and the message says what is wrong and what to do. The exceptions are those that Python users
# expect, here a TypeError.
try:
    kernel(u=a.astype(np.float32), u_new=b)
except TypeError as message:
    print(f"\n{type(message).__name__}: {message}\n")


# 6. A JIT of your own -------------------------------------------------------------------------------------------------
# A JIT turns kernels into callables. This one uses another, counts, and says what it does.
class CountingJit(JitBase):
    def __init__(self, inner):
        self.inner = inner
        self.count = 0

    def compile(self, kernel):
        self.count += 1
        names = ", ".join(f"{p.name}: {p.dtype} {p.access}" for p in kernel.parameters)
        print(f"{type(self.inner).__name__} compiles {kernel.name}({names})")
        return self.inner.compile(kernel)


my_jit = CountingJit(LlvmJit() if not LlvmJit.unavailable_reason() else InterpreterJit())
hooked_in = ps.create_kernel(jacobi, ps.CreateKernelConfig(jit=my_jit)).compile()
free_standing = my_jit.compile(ps.create_kernel(jacobi))
c, d = np.zeros_like(a), np.zeros_like(a)
hooked_in(u=exact, u_new=c)
free_standing(u=exact, u_new=d)
inside = np.s_[1:-1, 1:-1]
same = np.array_equal(c[inside], exact[inside]) and np.array_equal(d, c) and my_jit.count == 2

# 7. A picture ---------------------------------------------------------------------------------------------------------
figure = Figure(figsize=(5.2, 4.2), layout="constrained")
axes = figure.subplots()
image = axes.imshow(a.T, origin="lower", cmap="RdBu_r")
axes.contour(a.T, levels=12, colors="black", linewidths=0.5)
axes.set(xlabel="x / cells", ylabel="y / cells", title=f"Laplace's equation after {steps} Jacobi steps")
figure.colorbar(image, label="u")
arguments.output.mkdir(parents=True, exist_ok=True)
figure.savefig(arguments.output / "laplace.png", dpi=100)

ok = error < 1e-12 and same
print(
    f"{'OK' if ok else 'FAILED'}: largest difference from x^2 - y^2 is {error:.1e} of its range; the mean of the four "
    f"neighbours of x^2 - y^2 is x^2 - y^2 {'to the last bit' if same else 'NOT'} with a JIT of one's own"
)
raise SystemExit(not ok)
