#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emit/ir_to_device.hpp"

namespace cppstencils::jit {

/// Compiled code for a GPU and what a launcher must know about it.
struct GpuCode {
  std::string function;
  std::vector<emit::DeviceParameter> parameters;
  /// As in `emit::DeviceText`.
  std::string combine_function;
  std::vector<emit::DeviceParameter> combine_parameters;
  /// Machine code or PTX.
  std::vector<std::byte> code;
};

/// As the cache keeps it: a few lines of text, then the code.
std::vector<std::byte> to_bytes(const GpuCode& code);
/// Absent where the bytes are none that `to_bytes` writes.
std::optional<GpuCode> gpu_code_of(std::span<const std::byte> bytes);

}  // namespace cppstencils::jit
