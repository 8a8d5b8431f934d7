#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cppstencils/ir/variant.hpp"
#include "cppstencils/support/export.hpp"

namespace cppstencils {

class Executable;
class KernelFunction;

extern "C" {

/// What a kernel gets besides its box. All arrays belong to the caller and live for the duration of the call.
struct CppstencilsKernelArguments {
  /// Base pointer of each buffer: the element with all coordinates zero, aligned to its type.
  /// A buffer that is written shares no element with another one, with one exception: it may be the same array as
  /// buffers that are only read, if the kernel accesses all of them at the updated cell only. So `restrict` would be
  /// wrong; that a cell reads everything before it writes is enough.
  /// Behind the buffers, the accumulators of each reduction: `ir::reduction_lanes` numbers of its type, aligned to 64
  /// bytes. The value of cell k of a row, counted from begin, is combined into accumulator k modulo that number, as
  /// accumulator op value, in the order of the loops.
  void* const* data;
  /// Strides in elements, for each buffer its spatial axes, then its index axes.
  const std::int64_t* strides;
  /// Pointer to the value of each scalar, of the scalar's own type.
  const void* const* scalars;
  /// Passed through from EntryPoint; compiled code ignores it.
  const void* context;
};

/// The one ABI of every CPU kernel. Updates the cells begin[d], begin[d] + step[d], ... below end[d] of each dimension
/// d. A caller that splits a box keeps begin on the kernel's grid of steps. Returns 0; other values are reserved for
/// checked builds. Throws nothing, keeps no state, and may run in several threads on disjoint boxes.
typedef std::int32_t (*CppstencilsKernelFunction)(const CppstencilsKernelArguments* arguments,
                                                  const std::int64_t* begin, const std::int64_t* end);
}

using ir::InnerStride;
using ir::StorePolicy;
using ir::Variant;

struct EntryPoint {
  CppstencilsKernelFunction function = nullptr;
  const void* context = nullptr;
};

/// What a compiler made of a kernel, for people.
struct CodeDescription {
  /// Such as "LLVM 19.1.7"; may be empty.
  std::string compiler;
  /// How many cells are computed at once; 0 where only the compiler knows.
  int lanes = 0;
  /// Why, in one sentence; may be empty.
  std::string reason;
};

/// What `BoundKernel::tune` asks of the JIT behind some code. Safe to use from several threads.
class CPPSTENCILS_EXPORT TuningSupport {
 public:
  TuningSupport() = default;
  TuningSupport(const TuningSupport&) = delete;
  TuningSupport& operator=(const TuningSupport&) = delete;
  virtual ~TuningSupport();

  /// Sizes that `CpuOptions::vector_bytes` may have, the widest first.
  virtual std::vector<int> vector_sizes() const = 0;
  /// The code of the same kernel with other options.
  virtual std::shared_ptr<Executable> build(const KernelFunction& kernel) = 0;
  /// All that the speed of the code depends on, readable: compiler, processor, options, kernel.
  virtual std::string identity() const = 0;
  /// What was saved under exactly this key. The first line of a key is a title.
  virtual std::optional<std::string> load(const std::string& key) = 0;
  /// Whether it was saved.
  virtual bool save(const std::string& key, const std::string& text) = 0;
};

/// Compiled code and everything it needs to stay alive. Implementations are safe to use from several threads.
class CPPSTENCILS_EXPORT Executable {
 public:
  Executable() = default;
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;
  virtual ~Executable();

  /// The entry point for arrays of this kind; valid while the object lives. May compile on first use.
  /// `StorePolicy::streaming` is advice: code for cached stores is as right. What code stores past the caches, other
  /// threads must see when it has returned.
  virtual EntryPoint entry_point(Variant variant) = 0;

  /// What the code for arrays of this kind is like. Empty by default.
  virtual CodeDescription describe(Variant variant) const;
  /// That code as text of an assembler. By default throws UnsupportedError.
  virtual std::string assembly(Variant variant) const;
  /// For tuning; lives as long as the object. By default null: then only what the caller of the code decides is tuned,
  /// and nothing is saved.
  virtual TuningSupport* tuning_support();
};

}  // namespace cppstencils
