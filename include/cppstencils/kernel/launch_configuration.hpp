#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/thread_mapping.hpp"
#include "cppstencils/kernel/kernel_function.hpp"

namespace cppstencils {

using ir::CellsPerThread;
using ir::IndexingScheme;
using ir::ThreadMapping;

/// Blocks of the grid and threads of a block, along x, y and z.
struct LaunchConfiguration {
  std::array<std::int64_t, 3> grid{1, 1, 1};
  std::array<std::int64_t, 3> block{1, 1, 1};
  bool operator==(const LaunchConfiguration&) const = default;
};

/// What a device can launch. The defaults hold for every GPU of CUDA and HIP.
struct DeviceLimits {
  std::int64_t threads_per_block = 1024;
  std::array<std::int64_t, 3> block{1024, 1024, 64};
  std::array<std::int64_t, 3> grid{2'147'483'647, 65'535, 65'535};
  /// How many blocks a grid-strided kernel is started with at most, such as those that the device runs at a time.
  /// Absent: as many as there is work for.
  std::optional<std::int64_t> gridstrided_blocks = {};
};

/// One launch, of a box of cells, which is not empty.
struct Launch {
  /// Per loop dimension.
  std::vector<CellRange> box;
  LaunchConfiguration configuration;
};

/// How the launches of a kernel follow from the cells to update. An immutable value. That of a kernel with reductions
/// is for its first launch, with a block per tile; each is followed by a small one that combines the numbers of the
/// tiles.
class CPPSTENCILS_EXPORT LaunchRule {
 public:
  struct Data;
  /// The kernel before or after lowering; its loops alone count.
  LaunchRule(const ir::Kernel& kernel, const ThreadMapping& mapping);

  const ThreadMapping& mapping() const;

  /// For the cells of a box, one range per loop dimension, none of them empty. Throws LaunchError (launch-failed)
  /// where one launch cannot update them within the limits.
  LaunchConfiguration configuration(std::span<const CellRange> box, const DeviceLimits& limits = {}) const;
  /// The launches that update the cells of a box: none where it is empty, nearly always one, and several where one
  /// would exceed the limits. They may run in any order. With reductions it is one; throws LaunchError (launch-failed)
  /// where that exceeds the limits.
  std::vector<Launch> launches(std::span<const CellRange> box, const DeviceLimits& limits = {}) const;
  /// The configuration with a grid of the caller's. Throws ArgumentError (argument-size) where it exceeds the limits
  /// or leaves cells of the box out, and for kernels with reductions.
  LaunchConfiguration with_grid(std::span<const CellRange> box, const std::array<std::int64_t, 3>& grid,
                                const DeviceLimits& limits = {}) const;

  /// Cells per loop dimension as an expression in begin_0, end_0 and so on, such as "ceil((end_0 - begin_0) / 2)".
  std::vector<std::string> work_items() const;
  /// Such as {"ceil((end_1 - begin_1) / 256)", "end_0 - begin_0", "1"}. With reductions, x has the number of tiles, for
  /// two loops "ceil(columns / 16384) * ceil(rows / min(256, max(1, floor(16384 / columns))))".
  std::array<std::string, 3> grid() const;
  std::array<std::string, 3> block() const;

 private:
  std::shared_ptr<const Data> data_;  // never null
};

}  // namespace cppstencils
