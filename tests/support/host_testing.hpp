#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "support/cache_testing.hpp"

namespace cppstencils::testing {

/// Sets, or with nullopt unsets, an environment variable until the end of the scope.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::optional<std::string>& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    set(value);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { set(before_); }

 private:
  void set(const std::optional<std::string>& value) {
    if (value) {
      ::setenv(name_.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }

  std::string name_;
  std::optional<std::string> before_;
};

/// A program made of a shell script, such as a compiler that misbehaves. Returns its path.
inline std::string write_script(const std::filesystem::path& folder, const std::string& name, const std::string& body) {
  const std::filesystem::path path = folder / name;
  {
    std::ofstream file(path);
    file << "#!/bin/sh\n" << body << "\n";
  }
  ::chmod(path.c_str(), 0755);
  return path.string();
}

/// A compiler that answers -v, and otherwise does `body`.
inline std::string write_compiler(const std::filesystem::path& folder, const std::string& name,
                                  const std::string& body) {
  return write_script(folder, name, "if [ \"$1\" = -v ]; then echo \"fake compiler 1.0\"; exit 0; fi\n" + body);
}

}  // namespace cppstencils::testing
