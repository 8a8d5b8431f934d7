#pragma once

#include <nanobind/nanobind.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cppstencils/jit/launch_choice.hpp"
#include "cppstencils/jit/stream.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
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
  /// of this process or of a GPU with elements of a known type.
  /// The keywords `stream`, `launch_grid` and `block_size` are those of the call, unless the kernel has a parameter of
  /// this name.
  KeywordArguments(nanobind::handle keywords, const RenamedSymbols& renamed, const KernelFunction& kernel);

  Arguments get() const { return arguments_; }
  /// Absent where none was given.
  const std::optional<Stream>& stream() const { return stream_; }
  const LaunchChoice& choice() const { return choice_; }

 private:
  /// Whether the keyword says how the call is launched.
  bool take_launch_keyword(std::string_view keyword, const KernelFunction& kernel, nanobind::handle value);
  /// `written` is the user's word for `name`, for messages.
  void add(std::string_view name, std::string_view written, nanobind::handle value);

  std::vector<Argument> arguments_;
  std::optional<Stream> stream_;
  LaunchChoice choice_;
  std::vector<std::shared_ptr<const void>> exports_;
};

/// Makes the C interface of NumPy ready. Call once while the module is imported.
void import_numpy();

}  // namespace cppstencils::python
