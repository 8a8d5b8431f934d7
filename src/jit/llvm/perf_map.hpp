#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cppstencils::jit {

/// The bytes of a function in a relocatable object; 0 when it is not there.
std::uint64_t function_size(std::span<const std::byte> object, const std::string& function);

/// Appends a line to /tmp/perf-<process>.map, where profilers look for code that is in no file. Whatever fails, the
/// kernel works; it only has no name. Any number of threads and processes may call this.
void list_for_perf(const void* address, std::uint64_t size, const std::string& title);

}  // namespace cppstencils::jit
