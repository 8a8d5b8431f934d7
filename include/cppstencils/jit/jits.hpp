#pragma once

#include "cppstencils/jit/device_executable.hpp"
#include "cppstencils/jit/gpu_device.hpp"
#include "cppstencils/jit/interpreter_jit.hpp"
#include "cppstencils/jit/jit_base.hpp"
#include "cppstencils/jit/legacy_cpu_jit.hpp"
#include "cppstencils/jit/legacy_gpu_jit.hpp"
#include "cppstencils/jit/llvm_jit.hpp"
#include "cppstencils/jit/no_jit.hpp"
