// The full text of every error about arrays that share memory.

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"
#include "support/recording_executable.hpp"

namespace cppstencils {
namespace {

using testing::expect_error;
using testing::RecordingExecutable;

CompiledKernel load(const KernelFunction& kernel) {
  return CompiledKernel(kernel, std::make_shared<RecordingExecutable>(kernel.kernel_ir()));
}

CreateKernelConfig named(std::string name) { return {.function_name = std::move(name)}; }

// diffuse: v = u + rate*(u[1,0] + u[-1,0])
class OverlapErrors : public ::testing::Test {
 protected:
  OverlapErrors()
      : diffuse_(load(
            create_kernel(assign(v_(0, 0), u_(0, 0) + Symbol("rate") * (u_(1, 0) + u_(-1, 0))), named("diffuse")))) {}

  const Field u_{"u", 2};
  const Field v_{"v", 2};
  const CompiledKernel diffuse_;
  Array<double> a_{{8, 6}};
  Array<double> b_{{8, 6}};
};

TEST_F(OverlapErrors, Overlap) {
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        diffuse_({{"u", a_}, {"v", a_}, {"rate", 0.1}});
      },
      "error[argument-overlap]: Arrays 'v' and 'u' share memory, but kernel 'diffuse' writes 'v'.\n"
      "  note: One array for both works only if every access is to the updated cell; 'u' is accessed at offset -1 to "
      "+1 "
      "in dimension 0.\n"
      "  hint: Pass a second array as 'v' and swap the two after the call.\n");
  const CompiledKernel along = load(create_kernel(assign(v_(0, 0), u_(0, 1)), named("along")));
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        along({{"u", a_}, {"v", a_}});
      },
      "error[argument-overlap]: Arrays 'v' and 'u' share memory, but kernel 'along' writes 'v'.\n"
      "  note: One array for both works only if every access is to the updated cell; 'u' is accessed at offset +1 in "
      "dimension 1.\n"
      "  hint: Pass a second array as 'v' and swap the two after the call.\n");
  Array<double> wide({8, 10});
  const ArrayView<double> left(wide.data(), {8, 6}, {10, 1});
  const ArrayView<double> right(wide.data() + 4, {8, 6}, {10, 1});
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        diffuse_({{"u", left}, {"v", right}, {"rate", 0.1}});
      },
      "error[argument-overlap]: Arrays 'v' and 'u' share memory, but kernel 'diffuse' writes 'v'.\n"
      "  hint: Pass an array of its own as 'v'.\n");
  const CompiledKernel both = load(create_kernel({assign(u_(0, 0), 1), assign(v_(0, 0), 2)}, named("both")));
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        both({{"u", a_}, {"v", a_}});
      },
      "error[argument-overlap]: Arrays 'u' and 'v' share memory, but kernel 'both' writes both.\n"
      "  hint: Pass different arrays to fields that are written.\n");
}

TEST_F(OverlapErrors, OverlapWithItself) {
  const ArrayView<double> repeated(b_.data(), {8, 6}, {0, 1});
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        diffuse_({{"u", a_}, {"v", repeated}, {"rate", 0.1}});
      },
      "error[argument-overlap]: Array 'v' is written by kernel 'diffuse', but its stride in dimension 0 is 0: its 8 "
      "elements there share memory.\n"
      "  hint: Pass an array whose elements are distinct.\n");
  const ArrayView<double> crossed(b_.data(), {8, 6}, {3, 1});
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        diffuse_({{"u", a_}, {"v", crossed}, {"rate", 0.1}});
      },
      "error[argument-overlap]: Array 'v' is written by kernel 'diffuse', but two of its elements share memory.\n"
      "  hint: Pass an array whose elements are distinct.\n");
}

// Strides that no search sorts out in reasonable time count as overlapping. The memory is never accessed.
TEST_F(OverlapErrors, OverlapThatIsHardToTell) {
  const auto array = [](std::uintptr_t address, std::vector<std::int64_t> strides) {
    ArrayRef made{.data = reinterpret_cast<void*>(address), .rank = static_cast<int>(strides.size())};
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      made.extents[axis] = 10;
      made.byte_strides[axis] = 8 * strides[axis];
    }
    return made;
  };
  const Field f("f", 1, {.index_shape = {10, 10, 10}});
  const Field g("g", 1, {.index_shape = {10, 10, 10}});
  const CompiledKernel copy = load(create_kernel(assign(g(0)(0, 0, 0), f(0)(0, 0, 0)), named("copy")));
  const std::uintptr_t place = std::uintptr_t{1} << 30;
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        copy({{"f", array(place + 2765431208, {1732050807, 2236067977, 2645751311, 3605551275})},
              {"g", array(place, {3000000019, 2718281829, 3141592653, 1414213562})}});
      },
      "error[argument-overlap]: Arrays 'g' and 'f' lie in the same memory with strides too entangled to tell whether "
      "they share an element, but kernel 'copy' writes 'g'.\n"
      "  hint: Pass an array of its own as 'g'.\n");
  const Field deep("deep", 1, {.index_shape = {10, 10, 10, 10, 10}});
  const CompiledKernel clear = load(create_kernel(assign(deep(0)(0, 0, 0, 0, 0), 0), named("clear")));
  expect_error<ArgumentError>(
      ErrorCode::argument_overlap,
      [&] {
        clear({{"deep", array(place, {3000000019, 2718281829, 3141592653, 1414213562, 1732050807, 2236067977})}});
      },
      "error[argument-overlap]: Array 'deep' is written by kernel 'clear', but its strides are too entangled to tell "
      "whether two of its elements share memory.\n"
      "  hint: Pass an array whose elements are distinct.\n");
}
}  // namespace
}  // namespace cppstencils
