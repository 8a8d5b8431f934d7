#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cppstencils/field/assignment.hpp"
#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/kernel/kernel_function.hpp"
#include "cppstencils/kernel/launch_configuration.hpp"

namespace cppstencils {

class Executor;
class JitBase;

using ir::FpMode;

/// Where a kernel runs.
enum class Target : std::uint8_t {
  cpu,
  /// GPUs of NVIDIA.
  cuda,
  /// GPUs of AMD: source text only.
  hip,
};
CPPSTENCILS_EXPORT std::string_view to_string(Target target);
constexpr bool is_gpu(Target target) { return target != Target::cpu; }

/// Cells at the border of the arrays that a kernel reads but does not update.
class CPPSTENCILS_EXPORT GhostLayers {
 public:
  /// As many on every side as the largest offset of any access asks for.
  GhostLayers() = default;
  static GhostLayers automatic() { return {}; }
  /// The same number on every side.
  template <std::integral T>
  GhostLayers(T layers) : uniform_(static_cast<std::int64_t>(layers)) {}  // NOLINT(google-explicit-constructor)
  /// {lower, upper} per spatial dimension.
  GhostLayers(std::vector<std::array<std::int64_t, 2>> sides)  // NOLINT(google-explicit-constructor)
      : sides_(std::move(sides)) {}

  const std::optional<std::int64_t>& uniform() const { return uniform_; }
  const std::optional<std::vector<std::array<std::int64_t, 2>>>& sides() const { return sides_; }

 private:
  std::optional<std::int64_t> uniform_;
  std::optional<std::vector<std::array<std::int64_t, 2>>> sides_;
};

/// The cells start, start + step, ... before stop of one dimension. Negative bounds count from the end, as in Python;
/// an absent bound is the border of the array. Bounds outside the array are moved to it.
struct Slice {
  std::optional<std::int64_t> start = {};
  std::optional<std::int64_t> stop = {};
  std::int64_t step = 1;
  /// The single layer `position`; negative counts from the end.
  static Slice at(std::int64_t position) {
    return {position, position == -1 ? std::nullopt : std::optional<std::int64_t>(position + 1), 1};
  }
  bool operator==(const Slice&) const = default;
};

/// Reads slices as Python writes them: "1:-1, ::2, 0". Throws ConfigError (iteration-space).
CPPSTENCILS_EXPORT std::vector<Slice> slices(std::string_view text);

/// Whether results are stored past the caches, in whole cache lines: that saves a third or more of the memory traffic
/// of arrays that do not fit into the caches, and costs much where they do. No result depends on it.
enum class StreamingStores : std::uint8_t {
  /// In calls that touch more memory than the caches keep until the next call.
  automatic,
  /// In every call where it can be done: with vector code of LlvmJit, for arrays that the kernel does not read, that
  /// have unit stride along the innermost loop, and that all reach the border of a cache line at the same cells.
  where_possible,
  /// For callers that come back to the same cells soon, such as tiles over several time steps.
  never,
};

/// Which floating-point results a call may leave in its arrays.
enum class ResultCheck : std::uint8_t {
  /// All.
  none,
  not_nan,
  /// Neither NaN nor an infinity.
  finite,
};
enum class WriteCheck : std::uint8_t {
  none,
  /// Nothing has changed but the elements that the cells of the call write. Copies all arrays before each call.
  verified,
};

/// What calls check when the code has run, for debugging: code of every JIT, and of your own ones. The code is the same
/// with and without checks. A fault is a LaunchError that names field, element and cell; it is the first one in the
/// order of the loops, for any number of threads. The call has run to its end by then.
struct Checks {
  /// Error code not-finite. For calls and for `BoundKernel::run`.
  ResultCheck results = ResultCheck::none;
  /// Error code stray-write. For calls; not for `BoundKernel::run`, which may run beside other parts of the arrays.
  WriteCheck writes = WriteCheck::none;
};

/// Whether calls use what `BoundKernel::tune` has found.
enum class Tuning : std::uint8_t {
  off,
  /// Where a choice is kept, beside the compiled kernels, for the kernel, the processor, the number of threads and the
  /// size of the call. It is looked for once per size; what is damaged, or for another compiler, is not used.
  saved,
};

/// Options of CPU code.
struct CpuOptions {
  /// The processor to generate code for: "native" is the one the process runs on; else a name that the compiler
  /// knows, such as "x86-64-v3".
  std::string processor = "native";
  /// How many threads a call may use, at least 1. Absent: as many as there are processors for the calling thread.
  /// Calls with little work use fewer, small ones only the calling thread. The environment variable CPPSTENCILS_THREADS
  /// sets an upper limit to this; it is read when a kernel is compiled. No result depends on the number of threads.
  std::optional<int> threads = {};
  /// Runs the parts of calls that use several threads; empty for the library's own threads. See `Executor`.
  std::shared_ptr<Executor> executor = {};
  StreamingStores streaming_stores = StreamingStores::automatic;
  /// Calls in three and more dimensions run in blocks of so many rows across the second fastest loop, so that the
  /// layers that a stencil reaches stay in the cache; 0 for the whole box at once. Absent: where that pays.
  /// `BoundKernel::run` never does it. No result depends on it.
  std::optional<std::int64_t> block_rows = {};
  /// Size of the vectors that rows of cells are computed in, in code of LlvmJit: 16, 32 or 64, at most what the
  /// processor has, else compiling throws ConfigError; 0 for one cell at a time. Absent: the widest. A kernel that
  /// cannot be computed in vectors runs one cell at a time all the same. No result depends on it.
  std::optional<int> vector_bytes = {};
  /// How many such vectors are computed together, in code of LlvmJit: 1, 2, 4 or 8. Absent: what suits the kernel. No
  /// result depends on it.
  std::optional<int> unroll = {};
  /// Choices that are set here stay as they are.
  Tuning tuning = Tuning::off;
  Checks checks = {};
};

/// Who says how many blocks a launch has.
enum class LaunchGrid : std::uint8_t {
  /// The library, from the cells to update; a caller may.
  automatic,
  /// The caller, with each call: see `LaunchChoice`. A call without a grid is an error.
  manual,
};

/// Options of GPU code. No result depends on them; so kernels with reductions, whose order of combining values is that
/// of their blocks, take none of them.
struct GpuOptions {
  IndexingScheme indexing_scheme = IndexingScheme::linear3d;
  /// Threads of a block along x, y, z; at most 1024 together. Absent: from a table, by scheme and number of loops.
  std::optional<std::array<int, 3>> block_size = {};
  /// Absent: so many that a thread has enough loads under way, by what a cell reads.
  std::optional<CellsPerThread> cells_per_thread = {};
  LaunchGrid launch_grid = LaunchGrid::automatic;
};

/// How `create_kernel` turns assignments into a kernel. Every member has a default.
struct CreateKernelConfig {
  /// An identifier; names the function in the source text.
  std::string function_name = "kernel";
  /// The compiler that `KernelFunction::compile` uses; empty for the default of the target.
  std::shared_ptr<JitBase> jit = {};
  Target target = Target::cpu;
  /// Type of symbols that have none.
  DType default_dtype = DType::float64;
  /// Type of cell coordinates in expressions.
  DType index_dtype = DType::int64;
  /// May not be set together with `iteration_slice`.
  std::optional<GhostLayers> ghost_layers = {};
  /// One slice per spatial dimension, of the whole array.
  std::optional<std::vector<Slice>> iteration_slice = {};
  FpMode fp_mode = FpMode::strict;
  /// Accept that a cell writes an element twice, or that two cells write one element.
  bool allow_double_writes = false;
  /// Accept that a cell reads what another one writes; the cells then run one by one in loop order.
  bool skip_independence_check = false;
  /// Only for `Target::cpu`.
  CpuOptions cpu = {};
  /// Only for the other targets.
  GpuOptions gpu = {};
};

/// Turns assignments into a kernel: checks them, finds the types and the cells to update, builds the IR.
/// Does not compile. Throws ConstraintError, TypeMismatch, ConfigError, ExpressionError; UnsupportedError where the
/// cells must run one by one, but the target is a GPU.
CPPSTENCILS_EXPORT KernelFunction create_kernel(const AssignmentList& assignments,
                                                const CreateKernelConfig& config = {});

}  // namespace cppstencils
