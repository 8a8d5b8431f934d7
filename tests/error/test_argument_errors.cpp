// The full text of every error that a kernel call can give.

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
class ArgumentErrors : public ::testing::Test {
 protected:
  ArgumentErrors()
      : diffuse_(load(
            create_kernel(assign(v_(0, 0), u_(0, 0) + Symbol("rate") * (u_(1, 0) + u_(-1, 0))), named("diffuse")))) {}

  const Field u_{"u", 2};
  const Field v_{"v", 2};
  const CompiledKernel diffuse_;
  Array<double> a_{{8, 6}};
  Array<double> b_{{8, 6}};
};

TEST_F(ArgumentErrors, Missing) {
  expect_error<UnknownName>(
      ErrorCode::missing_argument,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}});
      },
      "error[missing-argument]: Argument 'rate' of kernel 'diffuse' is missing.\n"
      "  note: Given were 'u', 'v'.\n"
      "  hint: Pass a number of float64 as 'rate'.\n");
  expect_error<UnknownName>(
      ErrorCode::missing_argument, [&] { diffuse_({}); },
      "error[missing-argument]: Argument 'u' of kernel 'diffuse' is missing.\n"
      "  note: No arguments were given.\n"
      "  hint: Pass an array of float64 with 2 dimensions as 'u'.\n");
}

TEST_F(ArgumentErrors, Misspelt) {
  expect_error<UnknownName>(
      ErrorCode::missing_argument,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"raet", 0.1}});
      },
      "error[missing-argument]: Argument 'rate' of kernel 'diffuse' is missing.\n"
      "  note: Given were 'u', 'v', 'raet'.\n"
      "  hint: Did you mean 'rate' where you wrote 'raet'?\n");
}

// One letter for another is no slip, and long names are not compared.
TEST_F(ArgumentErrors, NoGuessForOtherNames) {
  expect_error<UnknownName>(
      ErrorCode::missing_argument,
      [&] {
        diffuse_({{"x", a_}, {"v", b_}, {"rate", 0.1}});
      },
      "error[missing-argument]: Argument 'u' of kernel 'diffuse' is missing.\n"
      "  note: Given were 'x', 'v', 'rate'.\n"
      "  hint: Pass an array of float64 with 2 dimensions as 'u'.\n");
  const std::string long_name(120, 'n');
  const CompiledKernel fill = load(create_kernel(assign(u_(0, 0), Symbol(long_name)), named("fill")));
  const std::string slip = long_name + "m";
  expect_error<UnknownName>(
      ErrorCode::missing_argument,
      [&] {
        fill({{"u", a_}, {slip, 0.1}});
      },
      "error[missing-argument]: Argument '" + long_name + "' of kernel 'fill' is missing.\n  note: Given were 'u', '" +
          slip + "'.\n  hint: Pass a number of float64 as '" + long_name + "'.\n");
}

TEST_F(ArgumentErrors, SlipsOfOneLetter) {
  const std::string hint = "hint: Did you mean 'rate' where you wrote '";
  for (const std::string slip : {"rat", "raate", "rte", "arte", "Rate", "rote", "ratee", "ate"}) {
    try {
      diffuse_({{"u", a_}, {"v", b_}, {slip, 0.1}});
      ADD_FAILURE() << slip;
    } catch (const UnknownName& error) {
      EXPECT_NE(std::string(error.what()).find(hint + slip + "'?"), std::string::npos) << error.what();
    }
  }
}

TEST_F(ArgumentErrors, Unknown) {
  expect_error<UnknownName>(
      ErrorCode::unknown_argument,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", 0.1}, {"viscosity", 0.1}});
      },
      "error[unknown-argument]: Kernel 'diffuse' has no parameter 'viscosity'.\n"
      "  note: Its parameters are 'u', 'v', 'rate'.\n"
      "  hint: Leave 'viscosity' out.\n");
  expect_error<UnknownName>(
      ErrorCode::unknown_argument,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", 0.1}, {"rates", 0.1}});
      },
      "error[unknown-argument]: Kernel 'diffuse' has no parameter 'rates'.\n"
      "  note: Its parameters are 'u', 'v', 'rate'.\n"
      "  hint: Did you mean 'rate'?\n");
}

TEST_F(ArgumentErrors, Duplicate) {
  expect_error<UnknownName>(
      ErrorCode::duplicate_argument,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", 0.1}, {"u", b_}});
      },
      "error[duplicate-argument]: Argument 'u' of kernel 'diffuse' is given 2 times.\n"
      "  hint: Pass every argument once.\n");
}

TEST_F(ArgumentErrors, Kind) {
  expect_error<TypeMismatch>(
      ErrorCode::argument_kind,
      [&] {
        diffuse_({{"u", a_}, {"v", 1.0}, {"rate", 0.1}});
      },
      "error[argument-kind]: Argument 'v' of kernel 'diffuse' is a number, but 'v' is a field.\n"
      "  hint: Pass an array of float64 with 2 dimensions.\n");
  expect_error<TypeMismatch>(
      ErrorCode::argument_kind,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", a_}});
      },
      "error[argument-kind]: Argument 'rate' of kernel 'diffuse' is an array, but 'rate' is a scalar.\n"
      "  hint: Pass a number of float64.\n");
}

TEST_F(ArgumentErrors, ElementType) {
  const Array<float> single({8, 6});
  expect_error<TypeMismatch>(
      ErrorCode::argument_dtype,
      [&] {
        diffuse_({{"u", single}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-dtype]: Array 'u' has elements of float32, but field 'u' has float64.\n"
      "  hint: Pass an array of float64, or declare the field with float32; arrays are never converted.\n");
}

TEST_F(ArgumentErrors, ScalarType) {
  expect_error<TypeMismatch>(
      ErrorCode::argument_dtype,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", true}});
      },
      "error[argument-dtype]: Argument 'rate' of kernel 'diffuse' is a truth value, but the scalar has type float64.\n"
      "  hint: Pass a number of float64.\n");
  const Field counts("counts", 1, {.dtype = DType::int32});
  const CompiledKernel fill = load(create_kernel(assign(counts(0), Symbol("value", DType::int32)), named("fill")));
  Array<std::int32_t> array({4});
  expect_error<TypeMismatch>(
      ErrorCode::argument_dtype,
      [&] {
        fill({{"counts", array}, {"value", 3.0}});
      },
      "error[argument-dtype]: Argument 'value' of kernel 'fill' is a floating-point number, but the scalar has type "
      "int32.\n"
      "  hint: Pass an integer; nothing is rounded or truncated.\n");
  const Field mask("mask", 1, {.dtype = DType::boolean});
  const CompiledKernel set = load(create_kernel(assign(mask(0), Symbol("value", DType::boolean)), named("set")));
  Array<bool> flags({4});
  expect_error<TypeMismatch>(
      ErrorCode::argument_dtype,
      [&] {
        set({{"mask", flags}, {"value", 1}});
      },
      "error[argument-dtype]: Argument 'value' of kernel 'set' is an integer, but the scalar has type bool.\n"
      "  hint: Pass true or false.\n");
}

TEST_F(ArgumentErrors, ScalarRange) {
  const Field bytes("bytes", 1, {.dtype = DType::uint8});
  const CompiledKernel fill = load(create_kernel(assign(bytes(0), Symbol("value", DType::uint8)), named("fill")));
  Array<std::uint8_t> array({4});
  expect_error<ArgumentError>(
      ErrorCode::scalar_out_of_range,
      [&] {
        fill({{"bytes", array}, {"value", -1}});
      },
      "error[scalar-out-of-range]: Argument 'value' of kernel 'fill' is -1, which uint8 cannot hold.\n"
      "  note: uint8 holds the integers from 0 to 255.\n");
  expect_error<ArgumentError>(
      ErrorCode::scalar_out_of_range,
      [&] {
        diffuse_({{"u", a_}, {"v", b_}, {"rate", 9007199254740993}});
      },
      "error[scalar-out-of-range]: Argument 'rate' of kernel 'diffuse' is 9007199254740993, which float64 cannot "
      "hold.\n"
      "  note: The nearest float64 is 9007199254740992.\n");
  const Field single("single", 1, {.dtype = DType::float32});
  const CompiledKernel scale = load(create_kernel(assign(single(0), Symbol("value", DType::float32)), named("scale")));
  Array<float> floats({4});
  expect_error<ArgumentError>(
      ErrorCode::scalar_out_of_range,
      [&] {
        scale({{"single", floats}, {"value", 1e39}});
      },
      "error[scalar-out-of-range]: Argument 'value' of kernel 'scale' is 1e+39, which float32 cannot hold.\n"
      "  note: The largest finite float32 is 3.4028235e+38.\n");
}

TEST_F(ArgumentErrors, ByteOrderOfElements) {
  ArrayRef array = a_;
  array.byte_order = ByteOrder::swapped;
  expect_error<ArgumentError>(
      ErrorCode::argument_byte_order,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-byte-order]: The elements of array 'u' do not have the byte order of this machine.\n"
      "  hint: Pass a copy in native byte order; arrays are never converted.\n");
}

TEST_F(ArgumentErrors, ReadOnly) {
  const Array<double> constant({8, 6});
  expect_error<ArgumentError>(
      ErrorCode::argument_read_only,
      [&] {
        diffuse_({{"u", a_}, {"v", constant}, {"rate", 0.1}});
      },
      "error[argument-read-only]: Array 'v' is read-only, but kernel 'diffuse' writes it.\n"
      "  hint: Pass a writable array.\n");
}

TEST_F(ArgumentErrors, Rank) {
  Array<double> deep({8, 6, 1});
  expect_error<ArgumentError>(
      ErrorCode::argument_rank,
      [&] {
        diffuse_({{"u", deep}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-rank]: Array 'u' has 3 dimensions, but field 'u' needs 2 dimensions.\n"
      "  note: Field 'u' has 2 spatial dimensions and 0 index dimensions.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_rank,
      [&] {
        (void)ArrayView<double>(a_.data(), {8, 6}, {1});
      },
      "error[argument-rank]: An array has 2 extents and 1 stride.\n"
      "  hint: Give one stride per dimension.\n");
}

TEST_F(ArgumentErrors, Extents) {
  Array<double> other({8, 5});
  expect_error<ArgumentError>(
      ErrorCode::argument_extent,
      [&] {
        diffuse_({{"u", a_}, {"v", other}, {"rate", 0.1}});
      },
      "error[argument-extent]: Arrays 'u' and 'v' have the extents 6 and 5 in dimension 1, but all arrays of a call "
      "need the same spatial extents.\n");
  const Field populations("f", 2, {.index_shape = {9}});
  const CompiledKernel clear = load(create_kernel(assign(populations(0, 0)(3), 0), named("clear")));
  Array<double> wrong({8, 6, 7});
  expect_error<ArgumentError>(
      ErrorCode::argument_extent,
      [&] {
        clear({{"f", wrong}});
      },
      "error[argument-extent]: Array 'f' has extent 7 in dimension 2, but index dimension 0 of the field has extent "
      "9.\n"
      "  note: The array has the extents (8, 6, 7).\n");
  const Field fixed("g", 2, {.shape = std::vector<std::int64_t>{8, 7}});
  const CompiledKernel reset = load(create_kernel(assign(fixed(0, 0), 0), named("reset")));
  expect_error<ArgumentError>(
      ErrorCode::argument_extent,
      [&] {
        reset({{"g", a_}});
      },
      "error[argument-extent]: Array 'g' has extent 6 in dimension 1, but the field is declared with extent 7.\n"
      "  hint: Pass an array of that size, or declare the field without fixed extents.\n");
}

TEST_F(ArgumentErrors, Stride) {
  // The doubles of a packed structure of 12 bytes.
  ArrayRef array = a_;
  array.byte_strides = {72, 12};
  expect_error<ArgumentError>(
      ErrorCode::argument_stride,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-stride]: Array 'u' has a stride of 12 bytes in dimension 1, which is not a multiple of the 8 "
      "bytes of float64.\n"
      "  hint: Pass a copy of the elements; a member of a packed structure cannot be passed.\n");
}

TEST_F(ArgumentErrors, Alignment) {
  ArrayRef array = a_;
  array.data = reinterpret_cast<std::byte*>(a_.data()) + 4;
  expect_error<ArgumentError>(
      ErrorCode::argument_alignment,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-alignment]: Array 'u' of float64 begins 4 bytes past a multiple of 8 bytes.\n"
      "  hint: Pass an array whose elements are aligned, or a copy.\n");
}

TEST_F(ArgumentErrors, Null) {
  ArrayRef array = a_;
  array.data = nullptr;
  expect_error<ArgumentError>(
      ErrorCode::argument_null,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-null]: Array 'u' has elements, but its pointer is null.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_null,
      [] {
        (void)ArrayView<double>(nullptr, {2, 3});
      },
      "error[argument-null]: An array with the extents (2, 3) has a null pointer.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_null, [&] { (void)CompiledKernel(diffuse_.kernel(), std::shared_ptr<Executable>()); },
      "error[argument-null]: A compiled kernel needs an executable, but the pointer is null.\n"
      "  hint: Let the JIT return an executable, or throw CompileError.\n");
}

TEST_F(ArgumentErrors, Size) {
  ArrayRef array = a_;
  array.byte_strides[0] = std::int64_t{1} << 61;
  expect_error<ArgumentError>(
      ErrorCode::argument_size,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-size]: Array 'u' is larger than the address space.\n"
      "  note: It has the extents (8, 6) and strides of (2305843009213693952, 8) bytes.\n");
  array = a_;
  array.extents[1] = -6;
  expect_error<ArgumentError>(
      ErrorCode::argument_size,
      [&] {
        diffuse_({{"u", array}, {"v", b_}, {"rate", 0.1}});
      },
      "error[argument-size]: Array 'u' has the negative extent -6 in dimension 1.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_size,
      [] {
        (void)Array<double>({std::int64_t{1} << 40, std::int64_t{1} << 40});
      },
      "error[argument-size]: An array with the extents (1099511627776, 1099511627776) is larger than the address "
      "space.\n");
  expect_error<ArgumentError>(
      ErrorCode::argument_size,
      [] {
        (void)Array<double>({4, -1});
      },
      "error[argument-size]: An array has the negative extent -1 in dimension 1.\n");
}

TEST_F(ArgumentErrors, OutOfBounds) {
  const CompiledKernel careless =
      load(create_kernel(assign(v_(0, 0), u_(0, 2)), {.function_name = "careless", .ghost_layers = GhostLayers(1)}));
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds,
      [&] {
        careless({{"u", a_}, {"v", b_}});
      },
      "error[out-of-bounds]: Kernel 'careless' would read array 'u' 1 cell past the end of dimension 1.\n"
      "  note: It updates the cells 1 to 4, accesses 'u' at offset +2, and the array has extent 6.\n"
      "  hint: Leave more cells out at the border, with 'ghost_layers' or 'iteration_slice'.\n");
  const CompiledKernel scatter =
      load(create_kernel(assign(v_(-3, 0), u_(0, 0)), {.function_name = "scatter", .iteration_slice = slices("1, :")}));
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds,
      [&] {
        scatter({{"u", a_}, {"v", b_}});
      },
      "error[out-of-bounds]: Kernel 'scatter' would write array 'v' 2 cells before the start of dimension 0.\n"
      "  note: It updates cell 1, accesses 'v' at offset -3, and the array has extent 8.\n"
      "  hint: Leave more cells out at the border, with 'ghost_layers' or 'iteration_slice'.\n");
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds, [&] { (void)a_.at(8, 0); },
      "error[out-of-bounds]: The element (8, 0) is outside an array with the extents (8, 6).\n");
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds, [&] { (void)a_.at(1); },
      "error[out-of-bounds]: The element (1) has 1 coordinate, but the array has 2 dimensions.\n");
}

TEST_F(ArgumentErrors, BoxOutOfBounds) {
  const BoundKernel bound = diffuse_.bind({{"u", a_}, {"v", b_}, {"rate", 0.1}});
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds,
      [&] {
        bound.run(std::vector<CellRange>{{1, 8}, {1, 5}});
      },
      "error[out-of-bounds]: The box given to the bound kernel 'diffuse' is [1, 8) in dimension 0, which is not inside "
      "its cells [1, 7).\n");
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds,
      [&] {
        bound.run(std::vector<CellRange>{{1, 7}});
      },
      "error[out-of-bounds]: The box given to the bound kernel 'diffuse' has 1 range, but the kernel has 2 "
      "dimensions.\n");
  const CompiledKernel sparse =
      load(create_kernel(assign(v_(0, 0), 0), {.function_name = "sparse", .iteration_slice = slices("1::3, :")}));
  const BoundKernel every_third = sparse.bind({{"v", b_}});
  expect_error<ArgumentError>(
      ErrorCode::out_of_bounds,
      [&] {
        every_third.run(std::vector<CellRange>{{3, 7}, {0, 6}});
      },
      "error[out-of-bounds]: The box given to the bound kernel 'sparse' begins at 3 in dimension 0, but the cells "
      "there are 1, 4 and so on.\n");
}

TEST_F(ArgumentErrors, Launch) {
  const auto executable = std::make_shared<RecordingExecutable>(diffuse_.kernel().kernel_ir());
  executable->status = 3;
  const CompiledKernel failing(diffuse_.kernel(), executable);
  expect_error<LaunchError>(
      ErrorCode::launch_failed,
      [&] {
        failing({{"u", a_}, {"v", b_}, {"rate", 0.1}});
      },
      "error[launch-failed]: Kernel 'diffuse' reported fault 3 while it ran.\n"
      "  note: The arrays may have been written in part.\n");
}

}  // namespace
}  // namespace cppstencils
