"""Python threads, processes and signals: the GIL is free while the engine works, and nothing is torn."""

import os
import signal
import sys
import threading

import numpy as np
import pytest
import sympy as sp

import cppstencils as ps
from cppstencils.jit import InterpreterJit, LlvmJit

f, g = ps.fields("f, g: double[2D]")
a = sp.Symbol("a")
RELAX = ps.Assignment(g[0, 0], a * (f[1, 0] + f[-1, 0] + f[0, 1] + f[0, -1]))


def relaxed(array, factor):
    out = np.zeros_like(array)
    out[1:-1, 1:-1] = factor * (array[2:, 1:-1] + array[:-2, 1:-1] + array[1:-1, 2:] + array[1:-1, :-2])
    return out


def run_all(count, work):
    """Runs work(i) in threads that start together, and raises what one of them raised."""
    start, failures = threading.Barrier(count), []

    def run(i):
        try:
            start.wait()
            work(i)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def integers(shape, seed):
    return np.random.default_rng(seed).integers(0, 100, shape).astype(float)


def test_threads_create_compile_and_call():
    def work(i):
        for repetition in range(5):
            u = sp.Symbol(f"u {i} {repetition}")  # names that the engine has to replace
            kernel = ps.create_kernel(ps.Assignment(g[0, 0], u * f[1, 0] + i)).compile()
            array = integers((9, 8), i)
            out = np.zeros_like(array)
            for _ in range(20):
                kernel(f=array, g=out, **{u.name: 2.0})
            assert (out[1:-1, 1:-1] == 2 * array[2:, 1:-1] + i).all()
            with pytest.raises(KeyError):
                kernel(f=array, g=out)

    run_all(6, work)


@pytest.mark.parametrize("shape", [(8, 9), (300, 500)])
def test_one_kernel_in_many_threads(shape):
    kernel = ps.create_kernel(RELAX).compile()
    arrays = [integers(shape, i) for i in range(6)]
    outs = [np.zeros(shape) for _ in arrays]

    def work(i):
        bound = kernel.bind(f=arrays[i], g=outs[i], a=float(i))
        for _ in range(30):
            kernel(f=arrays[i], g=outs[i], a=float(i))
            bound()
            with pytest.raises(ValueError):
                kernel(f=arrays[i], g=arrays[i], a=1.0)

    run_all(6, work)
    for i, (array, out) in enumerate(zip(arrays, outs)):
        assert (out == relaxed(array, i)).all()


def test_one_field_in_many_threads():
    field = ps.fields("q(9): double[3D]")
    found = [None] * 6

    def work(i):
        found[i] = [field[x, y, z](k) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) for k in range(9)]
        assert sum(found[i]).free_symbols == set(found[i])

    run_all(6, work)
    assert all(one == found[0] for one in found)


class Slow:
    """A kernel whose call lasts some tenths of a second, so that another thread can look on. It writes ones."""

    def __init__(self):
        self.array = np.zeros((1200, 1200))
        self.out = np.zeros_like(self.array)
        value = 1 + sum(sp.tan(i * f[0, 0]) for i in range(1, 20))
        self.kernel = InterpreterJit().compile(ps.create_kernel(ps.Assignment(g[0, 0], value)))

    def __call__(self):
        self.kernel(f=self.array, g=self.out)


def test_the_gil_is_free_while_a_kernel_runs():
    slow, seen = Slow(), []

    def watch():
        # The first cells are written and the last one is not: the call is under way, and Python runs.
        while not seen:
            if slow.out[0, 0] == 1 and slow.out[-1, -1] == 0:
                seen.append(True)
            elif slow.out[-1, -1] == 1:
                seen.append(False)

    watcher = threading.Thread(target=watch)
    watcher.start()
    slow()
    watcher.join()
    assert seen == [True]
    assert (slow.out == 1).all()


def test_the_gil_is_free_while_a_kernel_is_compiled():
    terms = [sp.tan(f[i % 3 - 1, 0] + i) * sp.atan(f[0, i % 3 - 1] * i) for i in range(150)]
    kernel = ps.create_kernel(ps.Assignment(g[0, 0], sp.Add(*terms)))
    begin, moved = threading.Event(), []
    watcher = threading.Thread(target=lambda: moved.append(begin.wait()))
    watcher.start()
    jit = LlvmJit(cache=ps.jit.CacheOptions.off())
    interval = sys.getswitchinterval()
    try:
        sys.setswitchinterval(1000)  # the watcher runs only if this thread lets go of the GIL
        begin.set()
        jit.compile(kernel)
        assert moved == [True]
    finally:
        sys.setswitchinterval(interval)
        watcher.join()


def test_signals_are_handled_when_the_call_is_over():
    slow, handled = Slow(), []

    def interrupt():
        while slow.out[0, 0] == 0:
            pass
        os.kill(os.getpid(), signal.SIGUSR1)

    old = signal.signal(signal.SIGUSR1, lambda *_: handled.append(slow.out[-1, -1]))
    try:
        thread = threading.Thread(target=interrupt)
        thread.start()
        slow()
        thread.join()
        for _ in range(1000):
            if handled:
                break
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert handled == [1.0] and (slow.out == 1).all()


FORK = """
import os, signal
import numpy as np
import sympy as sp
import cppstencils as ps

f, g = ps.fields("f, g: double[2D]")
array = np.arange(150000.0).reshape(300, 500)
out = np.zeros_like(array)
kernel = ps.create_kernel(ps.Assignment(g[0, 0], sp.Symbol("a") * f[0, 0])).compile()
kernel(f=array, g=out, a=1.0)  # the threads of the library run now
child = os.fork()
if child == 0:
    status = 1
    try:
        signal.alarm(60)
        again = np.zeros_like(array)
        kernel(f=array, g=again, a=2.0)
        fresh = ps.create_kernel(ps.Assignment(g[0, 0], f[0, 0] * sp.Symbol("in_the_child"))).compile()
        fresh(f=array, g=out, in_the_child=3.0)
        status = 0 if (again == 2 * array).all() and (out == 3 * array).all() else 2
    finally:
        os._exit(status)
_, status = os.waitpid(child, 0)
kernel(f=array, g=out, a=4.0)
print(os.waitstatus_to_exitcode(status), (out == 4 * array).all())
"""


def test_a_forked_child_compiles_and_calls(run_python):
    # Newer releases of Python warn of a fork in a process that has threads.
    assert run_python(FORK, env={"PYTHONWARNINGS": "ignore::DeprecationWarning"}) == "0 True\n"


EXIT = """
import threading
import numpy as np
import cppstencils as ps
f, g = ps.fields("f, g: double[2D]")
kernel = ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0])).compile()
x, y = np.zeros((2, 700, 700))
kernel(f=x, g=y)
def work():
    while True:
        kernel(f=x, g=np.zeros_like(x))
threading.Thread(target=work, daemon=True).start()
bound = kernel.bind(f=x, g=y)
bound()
print("done")
"""


def test_a_process_may_end_while_threads_call(run_python):
    assert run_python(EXIT) == "done\n"


def test_environment_variable_for_threads(run_python):
    program = EXIT.replace("threading.Thread(target=work, daemon=True).start()", "")
    assert run_python(program, env={"CPPSTENCILS_THREADS": "1"}) == "done\n"
    assert "CPPSTENCILS_THREADS" in run_python(
        "import cppstencils as ps\ntry:\n"
        + "".join(f"    {line}\n" for line in program.strip().splitlines())
        + "except ps.Error as error:\n    print(error)\n",
        env={"CPPSTENCILS_THREADS": "many"},
    )
