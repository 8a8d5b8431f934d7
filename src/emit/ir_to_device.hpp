#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppstencils/ir/kernel.hpp"
#include "cppstencils/ir/thread_mapping.hpp"
#include "cppstencils/ir/variant.hpp"
#include "emit/spelling.hpp"

namespace cppstencils::emit {

/// The numbers in which device code computes the places of elements.
enum class IndexWidth : std::uint8_t {
  bits64,
  /// With the promise of `fits_narrow_index`. Saves registers.
  bits32,
};

/// Whether arrays of a call may be the same one.
enum class ArraySharing : std::uint8_t {
  /// As `CppstencilsKernelArguments::data` allows it.
  possible,
  /// With the promise that no array that is written is passed twice. Loads may then take the path of constant data.
  none,
};

/// What a text is for. The numbers are never different, only how fast they come.
struct DeviceTextOptions {
  /// cuda or hip.
  Dialect dialect = Dialect::cuda;
  ir::ThreadMapping mapping = {};
  /// `unit`: every array has stride 1 along the innermost loop.
  ir::InnerStride inner_stride = ir::InnerStride::any;
  IndexWidth index_width = IndexWidth::bits64;
  ArraySharing sharing = ArraySharing::possible;
  bool operator==(const DeviceTextOptions&) const = default;
};

/// One parameter of the function of a text.
struct DeviceParameter {
  enum class Kind : std::uint8_t {
    /// Pointer to the element of buffer `id` with all coordinates zero. 8 bytes.
    data,
    /// Distance of neighbours of buffer `id` along `axis`, in elements. int64.
    stride,
    /// Scalar `id`, as a value of `dtype`; a truth value as one byte.
    scalar,
    /// The box: first cell, and one past the last cell, of loop dimension `id`. int64.
    begin,
    end,
    /// The tiles of a kernel with reductions: how far their begins are apart along dimension `id`, and how many there
    /// are. int64.
    tile_extent,
    tile_count,
    /// Pointer to the numbers of the tiles of reduction `id`, one each. 8 bytes.
    numbers,
    /// Pointer to the number of reduction `id` that the caller has passed. 8 bytes.
    result,
    /// How many tiles there are in all. int64.
    tiles,
  };
  Kind kind = Kind::data;
  std::uint32_t id = 0;
  int axis = 0;
  /// Of the elements for `data`, else of the value.
  DType dtype = DType::int64;
  /// In the text.
  std::string name = {};
  bool operator==(const DeviceParameter&) const = default;
};

/// Size of the value that is passed.
std::size_t size_of(const DeviceParameter& parameter);

/// Self-contained device code with one `extern "C"` function.
struct DeviceText {
  std::string text;
  std::string function_name;
  /// In order: data of buffers, strides, scalars, then begin and end of each loop dimension. What the code does not use
  /// is left out.
  std::vector<DeviceParameter> parameters;
  /// Of all parameters in a row, each aligned to its size. Drivers take 4096; newer ones 32764.
  std::size_t parameter_bytes = 0;
  /// The second function of a kernel with reductions, to be launched behind the first one; else empty. It has a block
  /// of `combine_threads` threads per reduction, along x, and combines the numbers of the tiles and that of the caller.
  std::string combine_name = {};
  std::vector<DeviceParameter> combine_parameters = {};
};
inline constexpr int combine_threads = 256;

/// The code of a kernel as created, which it takes through the passes. Launched as `LaunchRule` says, it updates every
/// cell of a box that is not empty, with the bits of the interpreter where no math function of a library is called.
/// With reductions, the grid of `LaunchRule` is that of the first function, and the second one completes the work.
/// The text includes nothing; the same input gives the same bytes. It means what the IR means if it is compiled with
/// `device_compiler_options`. Throws UnsupportedError where the cells of the kernel must run one by one.
DeviceText ir_to_device(const ir::Kernel& kernel, const DeviceTextOptions& options);

/// The shape of an array of a call, spatial axes first; strides in elements.
struct ArrayShape {
  std::span<const std::int64_t> extents;
  std::span<const std::int64_t> strides;
};
/// Whether `IndexWidth::bits32` works for a call with these arrays, all that the kernel has, where the grid is that of
/// `LaunchRule`. With grids of the caller's it never does.
bool fits_narrow_index(const ir::Kernel& kernel, const ir::ThreadMapping& mapping, std::span<const ArrayShape> arrays);

/// The options that the meaning of a text rests on, for NVRTC or HIPRTC.
std::vector<std::string_view> device_compiler_options(Dialect dialect);

/// Throws UnsupportedError if the cells of the kernel must run one by one, which no GPU kernel does.
void check_device_kernel(const ir::Kernel& kernel, std::string_view target);

}  // namespace cppstencils::emit
