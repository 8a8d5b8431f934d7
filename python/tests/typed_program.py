"""A user's program that a type checker reads; test_stubs.py says what it must find. Never run."""

import numpy as np

import cppstencils as ps
from cppstencils.jit import JitBase, LegacyCpuJit, LlvmJit

f, g = ps.fields("f, g: [2D]")


class MyJit(JitBase):
    def compile(self, kernel: ps.KernelFunction):
        return LlvmJit().compile(kernel)


config = ps.CreateKernelConfig(jit=MyJit(), ghost_layers=1)
config.cpu.threads = 2
kernel = ps.create_kernel(ps.Assignment(g[0, 0], f[1, 0]), config)
reveal_type(kernel.parameters)
reveal_type(LlvmJit().compile(kernel).bind(f=np.zeros((3, 3))))
reveal_type(LegacyCpuJit().compiler)
reveal_type(ps.create_type("double"))
config.cpu.threads = "two"
LlvmJit().compile("kernel")
kernel.compiel()
