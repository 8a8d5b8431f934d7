"""Settings of all tests: a cache of their own, and the means to run a program in a process of its own."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

# Before anything compiles: no test may read or fill the user's cache.
_cache = tempfile.mkdtemp(prefix="cppstencils-tests-")
os.environ["CPPSTENCILS_CACHE_DIR"] = _cache

_tests = pathlib.Path(__file__).parent


def pytest_unconfigure():
    shutil.rmtree(_cache, ignore_errors=True)


@pytest.fixture
def run_python(tmp_path):
    """Runs the text of a program in a new interpreter and returns what it prints. Fails the test if it fails."""

    def run(program, *arguments, env=None, interpreter=sys.executable, expect=0):
        environment = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
        path = [str(pathlib.Path(sys.modules["cppstencils"].__file__).parents[1]), str(_tests)]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        for name, value in (env or {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = str(value)
        done = subprocess.run(
            [interpreter, "-X", "faulthandler", "-c", program, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        assert done.returncode == expect, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    import cppstencils  # noqa: F401

    return run


@pytest.fixture
def host_compiler():
    """A JIT with the host's compiler. The machines that run the tests have one."""
    import cppstencils as ps

    return ps.jit.LegacyCpuJit()
