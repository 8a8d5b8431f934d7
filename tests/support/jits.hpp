#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"

namespace cppstencils::testing {

struct NamedJit {
  std::string name;
  std::shared_ptr<JitBase> jit;
};

/// Every JIT that this build has, without disk caches: each test compiles for itself.
inline std::vector<NamedJit> all_jits() {
  std::vector<NamedJit> jits;
  jits.push_back({"InterpreterJit", std::make_shared<InterpreterJit>()});
  if (LlvmJit::unavailable_reason().empty()) {
    jits.push_back({"LlvmJit", std::make_shared<LlvmJit>(LlvmJitOptions{.cache = CacheOptions::off()})});
  }
  LegacyCpuJitOptions options;
  options.cache = CacheOptions::off();
  jits.push_back({"LegacyCpuJit", std::make_shared<LegacyCpuJit>(options)});
  return jits;
}

}  // namespace cppstencils::testing
