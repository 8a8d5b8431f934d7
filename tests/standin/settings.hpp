#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace cppstencils::standin {

/// The value of a key in the environment variable CPPSTENCILS_STANDIN, such as 719 in "generation=90,launch=719". Read
/// at every call, so that a test changes it at any time.
inline int setting(std::string_view key, int otherwise) {
  const char* const text = std::getenv("CPPSTENCILS_STANDIN");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    rest.remove_prefix(entry.size() < rest.size() ? entry.size() + 1 : entry.size());
    if (entry.starts_with(key) && entry.size() > key.size() && entry[key.size()] == '=') {
      return std::atoi(std::string(entry.substr(key.size() + 1)).c_str());
    }
  }
  return otherwise;
}

/// How the stand-ins write code: this line, then as many bytes of a shared object as it says.
/// "cubin 90 12345\n" or "ptx 90 12345\n".
struct CodeHeader {
  char kind[8] = {};
  int generation = 0;
  unsigned long size = 0;
};

}  // namespace cppstencils::standin
