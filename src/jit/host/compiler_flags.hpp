#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cppstencils::jit {

/// Flags of a GCC- or Clang-compatible compiler. Only those are accepted that are known to change speed, size or
/// debugging and nothing else: the list of harmful ones never ends.
///
/// Each function throws ConfigError (compiler-option) that names the flag and says why it is refused.
/// `origin` is where the flag was given, such as "option 'flags' of LegacyCpuJit".
void check_flag(std::string_view flag, std::string_view origin);
/// -O0, -O1, -O2, -O3, -Os, -Og, -Oz.
void check_optimization(std::string_view flag, std::string_view origin);
/// The flag that selects the processor.
std::string processor_flag(std::string_view processor);

/// The flags before and after the user's: ours come last, so that they hold.
std::vector<std::string> leading_flags();
std::vector<std::string> contract_flags();
/// What follows the source file.
std::vector<std::string> link_flags();

}  // namespace cppstencils::jit
