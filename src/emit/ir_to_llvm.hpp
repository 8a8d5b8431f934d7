#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/variant.hpp"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace cppstencils::emit {

/// Which element sizes the processor can load and store lane by lane without touching the other lanes.
enum class MaskedAccess : std::uint8_t {
  none,
  /// 4 and 8 bytes.
  words,
  /// All sizes.
  every_size,
};

/// How cells whose elements are not neighbours in memory are computed.
enum class StridedAccess : std::uint8_t {
  cell_by_cell,
  /// In vectors that are gathered and scattered, for elements of 4 and 8 bytes.
  gather_scatter,
};

/// How to store past the caches.
enum class StreamingAccess : std::uint8_t {
  none,
  /// Vectors that fill lines of 64 bytes, and the fence of x86.
  x86_lines,
};

/// What the code may use. Nothing here changes a bit of a result.
struct LlvmOptions {
  /// Size of the vectors that rows of cells are computed in; 0 is one cell at a time.
  int vector_bytes = 16;
  MaskedAccess masked_access = MaskedAccess::none;
  StridedAccess strided_access = StridedAccess::cell_by_cell;
  /// Vectors per iteration of the main loop.
  int unroll = 1;
  StreamingAccess streaming_access = StreamingAccess::none;
};

/// A module with one function, `llvm_function_name(kernel.name)`, of the kernel ABI. Takes optimised kernels.
///
/// Vectors are explicit, so that no later pass has to find them: when the kernel's cells are independent and neighbours
/// of all buffers are neighbours in memory (or can be gathered), a row is computed in whole vectors and one masked rest
/// (or single cells where the processor has no masks). Any other kernel runs cell by cell in loop order. In both, a
/// cell loads everything before it stores anything, and nothing is assumed about which buffers overlap.
/// With `StorePolicy::streaming`, whole lines go past the caches in rows whose stores all have one element size and
/// whose ends can be masked; the function then ends with a fence. All other rows are as with cached stores.
/// `text_file` is the path of a file with `ir::to_string(kernel)`, whose lines debuggers show; empty for code without
/// debug information. The code is the same.
/// Needs no optimisation pass; the only open symbols are math functions of the C library, and on old processors fma,
/// floor and ceil.
std::unique_ptr<llvm::Module> ir_to_llvm(const ir::Kernel& kernel, llvm::LLVMContext& context,
                                         const LlvmOptions& options = {},
                                         ir::StorePolicy stores = ir::StorePolicy::cached,
                                         const std::string& text_file = {});

/// How rows of a kernel are computed, for people.
struct RowPlan {
  /// Cells at once.
  int lanes = 1;
  /// Why, in one sentence.
  std::string reason;
};

/// The plan that `ir_to_llvm` follows.
RowPlan llvm_row_plan(const ir::Kernel& kernel, const LlvmOptions& options, ir::StorePolicy stores);

/// Name of the function for a kernel of this name.
std::string llvm_function_name(const std::string& kernel_name);

/// Name of the C library's function.
std::string llvm_math_symbol(ir::MathFunction function, DType type);

}  // namespace cppstencils::emit
