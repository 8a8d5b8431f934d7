#include "jit/cuda/nvrtc_search.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

/// Newest first. Since 11.3 the name keeps its number for all versions of a major one.
constexpr std::array file_names = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"};

[[noreturn]] void fail_search(std::string message, std::vector<std::string> notes, std::string hint) {
  throw CompileError({.code = ErrorCode::compiler_not_found,
                      .message = std::move(message),
                      .notes = std::move(notes),
                      .hints = {std::move(hint)}});
}

/// NVRTC opens its builtins by name, which fails for a library outside of the loader's search. A library of that name
/// that is in the process already is found.
void open_builtins_beside(const std::filesystem::path& library) {
  std::error_code ignored;
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(library.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libnvrtc-builtins.so") && name.find(".alt") == std::string::npos) {
      found.push_back(entry.path().string());
    }
  }
  std::ranges::sort(found);
  std::string failure;
  for (const std::string& path : found) (void)DynamicLibrary::open(path, failure);
}

DynamicLibrary open_file(const std::filesystem::path& path, std::string& failure) {
  open_builtins_beside(path);
  return DynamicLibrary::open(path.string(), failure);
}

std::vector<std::filesystem::path> toolkit_directories() {
  std::vector<std::filesystem::path> directories;
  for (const char* const variable : {"CUDA_PATH", "CUDA_HOME"}) {
    const std::string root = environment(variable);
    if (root.empty()) continue;
    directories.emplace_back(root + "/lib64");
    directories.emplace_back(root + "/lib");
  }
  directories.emplace_back("/usr/local/cuda/lib64");
  return directories;
}

}  // namespace

DynamicLibrary find_nvrtc(const std::vector<std::filesystem::path>& directories) {
  const std::string chosen = environment("CPPSTENCILS_NVRTC");
  std::string failure;
  if (!chosen.empty()) {
    if (DynamicLibrary library = open_file(chosen, failure)) return library;
    fail_search(fmt::format("The environment variable CPPSTENCILS_NVRTC names '{}', which cannot be opened.", chosen),
                {failure}, "Set it to the path of a libnvrtc.so, or unset it.");
  }
  for (const char* const name : file_names) {
    if (DynamicLibrary library = DynamicLibrary::find_loaded(name)) return library;
  }
  for (const char* const name : file_names) {
    if (DynamicLibrary library = DynamicLibrary::open(name, failure)) return library;
  }
  std::vector<std::filesystem::path> places = toolkit_directories();
  places.insert(places.end(), directories.begin(), directories.end());
  std::vector<std::string> looked_at = {"the loader's search path"};
  std::vector<std::string> notes;
  for (const std::filesystem::path& place : places) {
    looked_at.push_back(fmt::format("'{}'", place.string()));
    for (const char* const name : file_names) {
      std::error_code ignored;
      if (!std::filesystem::exists(place / name, ignored)) continue;
      if (DynamicLibrary library = open_file(place / name, failure)) return library;
      notes.push_back(failure);
    }
  }
  notes.insert(notes.begin(), fmt::format("Looked at {}.", fmt::join(looked_at, ", ")));
  fail_search("NVRTC, the compiler for GPU kernels, was not found.", std::move(notes),
              "Install the CUDA toolkit or the Python package 'nvidia-cuda-nvrtc', or set the environment variable "
              "CPPSTENCILS_NVRTC to the path of libnvrtc.so.");
}

}  // namespace cppstencils::jit
