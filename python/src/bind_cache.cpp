#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "cppstencils/support/cache_directory.hpp"
#include "gil_release.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

CacheOptions options_of(const std::optional<std::string>& directory) {
  CacheOptions options;
  if (directory) options.directory = *directory;
  return options;
}

}  // namespace

void bind_cache(nb::module_& module) {
  module.def("default_cache_directory", [] { return default_cache_directory().string(); });
  module.def(
      "clear_cache", [](const std::optional<std::string>& directory) { return clear_cache(options_of(directory)); },
      nb::arg("directory").none(), nb::call_guard<GilRelease>());
  module.def(
      "inspect_cache",
      [](const std::optional<std::string>& directory) {
        const CacheReport report = inspect_cache(options_of(directory));
        nb::dict result;
        result["directory"] = report.directory.string();
        result["entries"] = report.entries.size();
        result["bytes"] = report.bytes;
        result["max_bytes"] = report.max_bytes;
        return result;
      },
      nb::arg("directory").none());
}

}  // namespace cppstencils::python
