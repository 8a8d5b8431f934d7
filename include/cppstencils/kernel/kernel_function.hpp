#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cppstencils/field/field.hpp"
#include "cppstencils/ir/kernel.hpp"

namespace cppstencils {

class CompiledKernel;
class LaunchRule;
struct CpuOptions;
struct CreateKernelConfig;
struct KernelExplanation;

/// What a caller passes by name: an array, a scalar, or an array with one element for a reduction.
struct Parameter {
  enum class Role : std::uint8_t { field, scalar, reduction };
  std::string name;
  DType dtype = DType::float64;
  Role role = Role::field;
  /// The field's description; null for others.
  std::shared_ptr<const sym::FieldInfo> field = {};
  /// How the kernel uses the array; `read` for a scalar, `read_write` for a reduction.
  ir::BufferAccess access = ir::BufferAccess::read;
};

/// The cells that a kernel updates, in one dimension of arrays of any extent.
struct IterationRange {
  /// First cell; negative counts from the end.
  std::int64_t start = 0;
  /// One past the last cell; negative counts from the end; absent is the end.
  std::optional<std::int64_t> stop = {};
  std::int64_t step = 1;
  bool operator==(const IterationRange&) const = default;
};

/// A box of cells: begin, begin + step, ... below end, per dimension. Empty where end <= begin.
struct CellRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// The cells of `range` in an array with `extent` cells along this dimension.
CPPSTENCILS_EXPORT CellRange resolve(const IterationRange& range, std::int64_t extent);

/// A kernel that has been created and not yet compiled: name, parameters, IR and source. An immutable value, cheap to
/// copy and safe to share between threads. This is what a JIT compiles.
class CPPSTENCILS_EXPORT KernelFunction {
 public:
  struct Data;
  explicit KernelFunction(std::shared_ptr<const Data> data);

  const std::string& name() const;
  /// Fields, then scalars, then reductions, each in alphabetical order.
  const std::vector<Parameter>& parameters() const;
  const CreateKernelConfig& config() const;
  /// One range per spatial dimension.
  const std::vector<IterationRange>& iteration_ranges() const;
  /// Cells between the border of the array and the iterated ones, {lower, upper} per dimension, where the iteration
  /// space came from ghost layers; empty where it came from a slice.
  const std::vector<std::array<std::int64_t, 2>>& ghost_layers() const;
  /// The assignments as text, one per line. Values of more than 10,000 characters are cut and end in " ...".
  std::string assignments() const;
  /// The typed IR before optimisation. `kernel_ir().buffers`, `scalars` and `reductions` are in the order of
  /// `parameters()`.
  const ir::Kernel& kernel_ir() const;
  /// The typed IR as text.
  std::string ir() const;
  /// The kernel as text after optimisation: C++ that LegacyCpuJit compiles, or CUDA or HIP C++ for a GPU, for arrays
  /// with unit stride along the innermost loop.
  std::string source() const;
  /// How many blocks of how many threads a GPU is given. Throws UnsupportedError for `Target::cpu`. Needs
  /// kernel/launch_configuration.hpp.
  LaunchRule launch_configuration() const;
  /// What a cell costs: bytes, operations, intensity. Needs explain/explanation.hpp.
  KernelExplanation explain() const;

  /// The same kernel with other options of CPU code. Throws ConfigError for options that no kernel can have.
  KernelFunction with_cpu_options(const CpuOptions& options) const;
  /// Compiles through the configured JIT, else through the default of the target.
  CompiledKernel compile() const;

 private:
  std::shared_ptr<const Data> data_;  // never null
};

}  // namespace cppstencils
