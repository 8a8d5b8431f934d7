#pragma once

#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "support/cache_testing.hpp"

namespace cppstencils::testing {

/// Changes the environment while it lives.
class EnvironmentChange {
 public:
  void set(const std::string& name, const std::string& value) {
    if (!before_.contains(name)) {
      const char* const old = std::getenv(name.c_str());
      before_[name] = old == nullptr ? std::nullopt : std::optional<std::string>(old);
    }
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  EnvironmentChange() = default;
  EnvironmentChange(const EnvironmentChange&) = delete;
  EnvironmentChange& operator=(const EnvironmentChange&) = delete;
  ~EnvironmentChange() {
    for (const auto& [name, value] : before_) {
      if (value) {
        ::setenv(name.c_str(), value->c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

inline std::string standin_library(const std::string& name) {
  return fmt::format("{}/lib{}.so", CPPSTENCILS_STANDIN_FOLDER, name);
}

/// Lets the library find the stand-ins of tests/standin, as it would find the real NVRTC and driver.
class StandInTest : public ::testing::Test {
 protected:
  StandInTest() {
    environment_.set("CPPSTENCILS_NVRTC", standin_library("standin_nvrtc"));
    environment_.set("CPPSTENCILS_CUDA_DRIVER", standin_library("standin_cuda"));
    environment_.set("CPPSTENCILS_STANDIN", "");
    handle_ = ::dlopen(standin_library("standin_cuda").c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  }

  /// What the stand-ins do, such as "generation=90,launch=719"; see tests/standin/settings.hpp.
  void configure(const std::string& settings) { environment_.set("CPPSTENCILS_STANDIN", settings); }

  /// Calls one of the functions at the end of tests/standin/driver.cpp.
  template <class Result = long, class... Arguments>
  Result ask(const char* name, Arguments... arguments) {
    auto* const function = reinterpret_cast<Result (*)(Arguments...)>(::dlsym(handle_, name));
    EXPECT_NE(function, nullptr) << name;
    return function(arguments...);
  }

  EnvironmentChange environment_;

 private:
  void* handle_ = nullptr;
};

}  // namespace cppstencils::testing
