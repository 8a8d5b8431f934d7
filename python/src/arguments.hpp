#pragma once

#include <nanobind/nanobind.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/runtime/arguments.hpp"

namespace cppstencils::python {

/// Names that the user wrote and the identifiers that stand for them in the kernel, where the two differ.
using RenamedSymbols = std::map<std::string, std::string, std::less<>>;

/// The keyword arguments of a kernel call as the engine sees them. Nothing is copied or converted: an array is its
/// pointer, dtype, extents and strides. Keeps what other packages hand out for that (DLPack, buffers) while it lives;
/// the caller keeps the arguments themselves.
class KeywordArguments {
 public:
  /// Throws TypeMismatch (argument-kind, argument-dtype) for objects that are neither a number nor an array in memory
  /// of this process with elements of a known type.
  KeywordArguments(nanobind::handle keywords, const RenamedSymbols& renamed);

  Arguments get() const { return arguments_; }

 private:
  /// `written` is the user's word for `name`, for messages.
  void add(std::string_view name, std::string_view written, nanobind::handle value);

  std::vector<Argument> arguments_;
  std::vector<std::shared_ptr<const void>> exports_;
};

/// Makes the C interface of NumPy ready. Call once while the module is imported.
void import_numpy();

}  // namespace cppstencils::python
