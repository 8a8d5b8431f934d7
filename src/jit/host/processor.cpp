#include "jit/host/processor.hpp"

#include <fmt/format.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#else
#include <algorithm>
#include <fstream>
#endif

namespace cppstencils::jit {

#if defined(__x86_64__) || defined(__i386__)

namespace {

struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);  // zeros for an unknown leaf
  return r;
}

/// The register sets that the operating system saves.
unsigned saved_registers() {
  constexpr unsigned has_xgetbv = 1U << 27;
  if ((cpuid(1, 0).c & has_xgetbv) == 0) return 0;
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

std::string processor_identity() {
  const Registers vendor = cpuid(0, 0);
  const Registers model = cpuid(1, 0);  // its register b differs from core to core
  const Registers features = cpuid(7, 0);
  const Registers more_features = cpuid(7, 1);
  const Registers extended = cpuid(0x80000001U, 0);
  return fmt::format("x86 {:08x}{:08x}{:08x} {:08x} {:08x}{:08x} {:08x}{:08x}{:08x} {:08x}{:08x} {:08x}{:08x} {:x}",
                     vendor.b, vendor.d, vendor.c, model.a, model.c, model.d, features.b, features.c, features.d,
                     more_features.a, more_features.d, extended.c, extended.d, saved_registers());
}

#else

std::string processor_identity() {
  // What the kernel tells about the first processor, less what changes from moment to moment.
  constexpr std::string_view fields[] = {
      "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features", "isa", "uarch", "cpu",
      "model",           "platform"};
  std::string identity = "processor";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line) && !line.empty();) {
    const auto is_field = [&](std::string_view field) { return line.starts_with(field); };
    if (std::any_of(std::begin(fields), std::end(fields), is_field)) identity += fmt::format("; {}", line);
  }
  return identity;
}

#endif

}  // namespace cppstencils::jit
