"""Calls that check what they have done."""

import numpy as np
import pytest

import cppstencils as ps

u, v = ps.fields("u, v: double[2D]")
QUOTIENT = ps.Assignment(v[0, 0], u[0, 0] / u[0, 1])
COMPILERS = [None, ps.jit.LegacyCpuJit(), ps.jit.InterpreterJit()]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_first_result_that_is_not_finite(compiler):
    a, b = np.ones((6, 70)), np.zeros((6, 70))
    a[3, 5] = 0  # cell (3, 4) is 1/0, cell (3, 5) is 0/1
    a[4, 7:9] = 0  # cell (4, 6) is 1/0, cell (4, 7) is 0/0

    def message(checks):
        kernel = ps.create_kernel(QUOTIENT, jit=compiler, cpu={"checks": checks}).compile()
        texts = []
        for run in (lambda: kernel(u=a, v=b), kernel.bind(u=a, v=b)):
            try:
                run()
                texts.append(None)
            except ps.errors.LaunchError as error:
                texts.append((error.code, error.message))
        assert texts[0] == texts[1]
        return texts[0]

    infinite = ("not-finite", "Cell (3, 4) of kernel 'kernel' stored infinity in element (3, 4) of 'v'.")
    not_a_number = ("not-finite", "Cell (4, 7) of kernel 'kernel' stored NaN in element (4, 7) of 'v'.")
    assert message("finite") == infinite
    assert message(("writes", "finite")) == infinite
    assert message("nan") == not_a_number
    assert message("writes") is None
    assert message(None) is None
    assert message(()) is None


def test_the_option():
    assert ps.CreateKernelConfig().cpu.checks == ()
    assert ps.CreateKernelConfig(cpu={"checks": "nan"}).cpu.checks == ("nan",)
    config = ps.CreateKernelConfig()
    config.cpu.checks = ["writes", "finite"]
    assert config.cpu.checks == ("finite", "writes")
    for wrong in ("bounds", 5, ["nan", 3]):
        with pytest.raises(ps.errors.ConfigError) as caught:
            ps.CreateKernelConfig(cpu={"checks": wrong})
        assert caught.value.code == "invalid-config"
