// The full text of every error that creating a kernel can give.

#include <functional>

#include <gtest/gtest.h>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"

namespace cppstencils {
namespace {

using testing::expect_error;

class KernelErrors : public ::testing::Test {
 protected:
  Field u_{"u", 2};
  Field v_{"v", 2};
  Field single_{"single", 2, {.dtype = DType::float32}};
  Field counts_{"counts", 2, {.dtype = DType::int32}};
  Field mask_{"mask", 2, {.dtype = DType::boolean}};
  Symbol h_{"h"};
};

// Assignments made here have no place in a file: line numbers would make the expected texts brittle.
Assignment line(const Expr& target, const Expr& value) { return {target, value, {}}; }

TEST_F(KernelErrors, TypeMismatchNamesBothTypes) {
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch, [&] { create_kernel(line(single_(0, 0), single_(0, 0) + h_)); },
      "error[type-mismatch]: 'h' has type float64, but 'single[0,0]' has type float32.\n"
      "  in assignment  single[0,0] = single[0,0] + h\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Declare both with one type, set 'default_dtype' for symbols without a type, or convert with cast() in "
      "C++ or "
      "tcast() in Python.\n");
}

TEST_F(KernelErrors, PlaceInTheUsersFile) {
  try {
    create_kernel(assign(single_(0, 0), h_));
    FAIL() << "No error.";
  } catch (const TypeMismatch& error) {
    EXPECT_NE(error.where().find("test_kernel_errors.cpp:"), std::string::npos) << error.where();
  }
}

TEST_F(KernelErrors, RandomNumbersCountWithIntegers) {
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch,
      [&] { create_kernel(line(u_(0, 0), Philox(DType::float64, 7).uniform(Symbol("step"))[0])); },
      "error[type-mismatch]: 'step' has type float64, but 'random_float64_0(step, 7, 0)' counts with integers.\n"
      "  in assignment  u[0,0] = random_float64_0(step, 7, 0)\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Give the symbol an integer type, as in Symbol(\"step\", DType::uint32) in C++ or "
      "TypedSymbol(\"step\", \"uint32\") in Python.\n");
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch, [&] { create_kernel(line(u_(0, 0), Philox(DType::float32, 7).uniform(0)[0])); },
      "error[type-mismatch]: 'random_float32_0(0, 7, 0)' has type float32, but 'u[0,0]' has type float64.\n"
      "  in assignment  u[0,0] = random_float32_0(0, 7, 0)\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Declare both with one type, set 'default_dtype' for symbols without a type, or convert with cast() in "
      "C++ or "
      "tcast() in Python.\n");
}

TEST_F(KernelErrors, RandomNumbersHaveTheDimensionsOfTheKernel) {
  expect_error<ExpressionError>(
      ErrorCode::field_rank,
      [&] {
        create_kernel(line(u_(0, 0), Philox(DType::float64, 7, {.offsets = {0, 0, 4}}).uniform(0)[0]));
      },
      "error[field-rank]: 'random_float64_0(0, 7, 0, 0, 0, 4)' has an offset or a period in dimension 2, but the "
      "kernel "
      "has 2 dimensions.\n"
      "  in assignment  u[0,0] = random_float64_0(0, 7, 0, 0, 0, 4)\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Give offsets and periods for the dimensions of the kernel only.\n");
  const Field four("four", 4);
  expect_error<ExpressionError>(
      ErrorCode::field_rank, [&] { create_kernel(line(four(0, 0, 0, 0), Philox(DType::float64, 7).uniform(0)[0])); },
      "error[field-rank]: 'random_float64_0(0, 7, 0)' is used in a kernel with 4 dimensions.\n"
      "  in assignment  four[0,0,0,0] = random_float64_0(0, 7, 0)\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Random numbers know three coordinates: use them in kernels with 1 to 3 dimensions.\n");
}

TEST_F(KernelErrors, SymbolWithTwoTypes) {
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch,
      [&] { create_kernel(line(u_(0, 0), v_(0, 0) * h_ + cast(DType::float64, Symbol("h", DType::int32)))); },
      "error[type-mismatch]: The symbol 'h' is used with no type and with int32.\n"
      "  in assignment  u[0,0] = v[0,0]*h + float64(h)\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Declare it once and use that symbol everywhere.\n");
}

TEST_F(KernelErrors, NumberWhereATruthValueIsNeeded) {
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch, [&] { create_kernel(line(mask_(0, 0), mask_(0, 0) && 1)); },
      "error[type-mismatch]: '1' is a number, but 'mask[0,0]' is a truth value.\n"
      "  in assignment  mask[0,0] = mask[0,0] and 1\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Compare the number, for example with 0.\n");
}

TEST_F(KernelErrors, TruthValueWhereANumberIsNeeded) {
  expect_error<TypeMismatch>(
      ErrorCode::type_mismatch, [&] { create_kernel(line(v_(0, 0), u_(0, 0) < h_)); },
      "error[type-mismatch]: 'u[0,0] < h' is a truth value, but 'v[0,0]' has type float64.\n"
      "  in assignment  v[0,0] = u[0,0] < h\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Choose between numbers, with select() in C++ or Piecewise in SymPy.\n");
}

TEST_F(KernelErrors, FunctionsNeedFloats) {
  expect_error<TypeMismatch>(
      ErrorCode::unsupported_type, [&] { create_kernel(line(counts_(0, 0), sqrt(counts_(0, 0)))); },
      "error[unsupported-type]: 'sqrt(counts[0,0])' needs floating-point numbers, but 'counts[0,0]' has type int32.\n"
      "  in assignment  counts[0,0] = sqrt(counts[0,0])\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Convert the operands, with cast() in C++ or tcast() in Python, and the result back.\n");
}

TEST_F(KernelErrors, FractionInAnIntegerKernel) {
  expect_error<TypeMismatch>(
      ErrorCode::unsupported_type, [&] { create_kernel(line(counts_(0, 0), rational(1, 3) * counts_(0, 0))); },
      "error[unsupported-type]: The fraction 1/3 does not exist in type int32, the type of 'counts[0,0]'.\n"
      "  in assignment  counts[0,0] = 1/3*counts[0,0]\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Multiply before you divide, as in x*2/3; integer division rounds towards zero.\n");
}

TEST_F(KernelErrors, ConstantOutOfRange) {
  const Field bytes("bytes", 1, {.dtype = DType::uint8});
  expect_error<ExpressionError>(
      ErrorCode::constant_out_of_range, [&] { create_kernel(line(bytes(0), bytes(0) + 256)); },
      "error[constant-out-of-range]: The constant 256 does not fit into type uint8, the type of 'bytes[0]'.\n"
      "  in assignment  bytes[0] = bytes[0] + 256\n"
      "  note: While creating kernel 'kernel'.\n");
}

TEST_F(KernelErrors, DefinedTwice) {
  expect_error<ConstraintError>(
      ErrorCode::not_single_assignment,
      [&] {
        create_kernel({line(h_, 1), line(h_, 2), line(v_(0, 0), h_)});
      },
      "error[not-single-assignment]: The symbol 'h' is defined twice.\n"
      "  in assignment  h = 2\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Use a new name for the second value.\n");
}

TEST_F(KernelErrors, ReadBeforeDefined) {
  expect_error<ConstraintError>(
      ErrorCode::not_single_assignment,
      [&] {
        create_kernel({line(v_(0, 0), h_), line(h_, 1)});
      },
      "error[not-single-assignment]: The symbol 'h' is read before it is defined.\n"
      "  in assignment  h = 1\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Move its definition before the first use.\n");
}

TEST_F(KernelErrors, ElementWrittenTwice) {
  expect_error<ConstraintError>(
      ErrorCode::double_write,
      [&] {
        create_kernel({line(v_(0, 0), 1), line(v_(0, 0), 2)});
      },
      "error[double-write]: 'v[0,0]' is written twice.\n"
      "  in assignment  v[0,0] = 2\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Combine the writes into one, or set 'allow_double_writes' if the last one shall win.\n");
}

TEST_F(KernelErrors, TwoCellsWriteOneElement) {
  expect_error<ConstraintError>(
      ErrorCode::double_write,
      [&] {
        create_kernel({line(v_(0, 0), 1), line(v_(1, 0), 2)});
      },
      "error[double-write]: 'v[0,0]' and 'v[1,0]' are written, so two cells write the same element.\n"
      "  in assignment  v[1,0] = 2\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Combine the writes into one, or set 'allow_double_writes' if the last one shall win.\n");
}

// The case that reads first and writes afterwards is as wrong as the other one.
TEST_F(KernelErrors, ReadThenWriteAtAnotherOffset) {
  expect_error<ConstraintError>(
      ErrorCode::dependent_iterations, [&] { create_kernel(line(u_(0, 0), u_(1, 0))); },
      "error[dependent-iterations]: 'u[1,0]' is read and 'u[0,0]' is written, so a cell reads what another cell "
      "writes.\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Write to another field and swap the arrays between calls, or set 'skip_independence_check' to run the "
      "cells one by one.\n");
}

TEST_F(KernelErrors, WriteThenReadAtAnotherOffset) {
  EXPECT_THROW(create_kernel({line(u_(0, 0), h_), line(v_(0, 0), u_(0, 1))}), ConstraintError);
  EXPECT_NO_THROW(create_kernel({line(u_(0, 0), h_), line(v_(0, 0), u_(0, 0))}));
}

TEST_F(KernelErrors, NothingWritten) {
  expect_error<ConstraintError>(
      ErrorCode::empty_kernel, [&] { create_kernel(AssignmentList{}); },
      "error[empty-kernel]: The kernel writes no field.\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Assign to at least one field access, or reduce a value.\n");
  EXPECT_THROW(create_kernel(line(h_, 1)), ConstraintError);
}

TEST_F(KernelErrors, FieldsOfDifferentRank) {
  const Field line_field("w", 1);
  expect_error<ConstraintError>(
      ErrorCode::inconsistent_fields,
      [&] {
        create_kernel({line(v_(0, 0), u_(0, 0)), line(line_field(0), h_)});
      },
      "error[inconsistent-fields]: The fields 'u' and 'w' do not fit into one kernel: they have 2 and 1 spatial "
      "dimensions.\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: All fields of a kernel have the same number of spatial dimensions.\n");
}

TEST_F(KernelErrors, FieldsThatDoNotFit) {
  const Field other_layout("w", 2, {.layout = "f"});
  const Field fixed("w", 2, {.shape = {{20, 30}}});
  const Field fixed_other("x", 2, {.shape = {{20, 31}}});
  const Field same_name("v", 2, {.dtype = DType::float32});
  for (const AssignmentList& assignments :
       {AssignmentList{line(v_(0, 0), 1), line(other_layout(0, 0), 1)},
        AssignmentList{line(v_(0, 0), 1), line(fixed(0, 0), 1)},
        AssignmentList{line(fixed(0, 0), 1), line(fixed_other(0, 0), 1)},
        AssignmentList{line(v_(0, 0), 1), line(same_name(0, 0), 1)}, AssignmentList{line(v_(0, 0), Symbol("v"))}}) {
    SCOPED_TRACE(to_string(assignments));
    try {
      create_kernel(assignments);
      ADD_FAILURE() << "No error.";
    } catch (const ConstraintError& error) {
      EXPECT_EQ(error.code(), ErrorCode::inconsistent_fields);
    }
  }
}

TEST_F(KernelErrors, BadFunctionName) {
  expect_error<ConfigError>(
      ErrorCode::invalid_name,
      [&] { create_kernel(line(v_(0, 0), 1), {.function_name = "k(...){__builtin_printf(\"x\");} void z"}); },
      "error[invalid-name]: The function name 'k(...){__builtin_printf(\"x\");} void z' is not an identifier.\n"
      "  note: While creating kernel 'k(...){__builtin_printf(\"x\");} void z'.\n"
      "  hint: Use letters, digits and '_', and no digit first.\n");
}

TEST_F(KernelErrors, BadOptions) {
  const std::vector<std::array<std::int64_t, 2>> one_side{{1, 1}};
  const std::vector<std::array<std::int64_t, 2>> negative{{1, 1}, {0, -1}};
  const struct {
    CreateKernelConfig config;
    ErrorCode code;
    const char* part;
  } cases[] = {
      {{.default_dtype = DType::boolean}, ErrorCode::invalid_config, "'default_dtype' is bool"},
      {{.index_dtype = DType::float64}, ErrorCode::invalid_config, "'index_dtype' is float64"},
      {{.ghost_layers = -1}, ErrorCode::iteration_space, "'ghost_layers' of dimension 0 is -1"},
      {{.ghost_layers = one_side}, ErrorCode::iteration_space, "'ghost_layers' has 1 pairs"},
      {{.ghost_layers = negative}, ErrorCode::iteration_space, "'ghost_layers' of dimension 1 is -1"},
      {{.ghost_layers = 1, .iteration_slice = slices("1:-1, 1:-1")}, ErrorCode::iteration_space, "are both set"},
      {{.iteration_slice = slices("1:-1")}, ErrorCode::iteration_space, "has 1 slices, but the fields have 2"},
      {{.iteration_slice = slices("1:-1, ::0")}, ErrorCode::iteration_space, "dimension 1 has step 0"},
      {{.iteration_slice = slices("1:-1, ::-1")}, ErrorCode::iteration_space, "dimension 1 has step -1"},
      {{.cpu = {.processor = "native; rm"}}, ErrorCode::invalid_config, "'cpu.processor' is 'native; rm'"},
      {{.cpu = {.processor = "-o"}}, ErrorCode::invalid_config, "'cpu.processor' is '-o'"},
      {{.cpu = {.threads = 0}}, ErrorCode::invalid_config, "'cpu.threads' is 0, but"},
      {{.cpu = {.block_rows = -1}}, ErrorCode::invalid_config, "'cpu.block_rows' is -1, which"},
      {{.cpu = {.vector_bytes = 24}}, ErrorCode::invalid_config, "'cpu.vector_bytes' is 24, which"},
      {{.cpu = {.vector_bytes = -16}}, ErrorCode::invalid_config, "'cpu.vector_bytes' is -16, which"},
      {{.cpu = {.unroll = 0}}, ErrorCode::invalid_config, "'cpu.unroll' is 0, but"},
      {{.cpu = {.unroll = 3}}, ErrorCode::invalid_config, "'cpu.unroll' is 3, but"},
      {{.cpu = {.threads = -4}}, ErrorCode::invalid_config, "'cpu.threads' is -4, but"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.part);
    try {
      create_kernel(line(v_(0, 0), u_(0, 0)), test.config);
      ADD_FAILURE() << "No error.";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.code(), test.code);
      EXPECT_NE(error.message().find(test.part), std::string::npos) << error.message();
    }
  }
}

TEST_F(KernelErrors, BadGpuOptions) {
  const struct {
    GpuOptions options;
    const char* part;
  } cases[] = {
      {{.block_size = {{0, 1, 1}}}, "'gpu.block_size' is 0 x 1 x 1, but a block has 1 to 1024 threads along x."},
      {{.block_size = {{32, 1, 65}}}, "'gpu.block_size' is 32 x 1 x 65, but a block has 1 to 64 threads along z."},
      {{.block_size = {{64, 32, 1}}}, "'gpu.block_size' is 64 x 32 x 1, which are 2048 threads"},
      {{.block_size = {{32, 4, 2}}}, "'gpu.block_size' is 32 x 4 x 2, but linear3d has no loop along z here."},
      {{.indexing_scheme = IndexingScheme::linear1d, .block_size = {{32, 4, 1}}}, "linear1d has no loop along y here."},
      {{.cells_per_thread = {{.inner = 0}}}, "'gpu.cells_per_thread.inner' is 0, but 1 to 16 are possible."},
      {{.cells_per_thread = {{.outer = 17}}}, "'gpu.cells_per_thread.outer' is 17, but 1 to 16 are possible."},
      {{.cells_per_thread = {{.inner = 8, .outer = 4}}}, "'gpu.cells_per_thread' is 8 x 4, but"},
      {{.indexing_scheme = IndexingScheme::blockwise4d, .cells_per_thread = {{.inner = 2}}},
       "'gpu.cells_per_thread.inner' is 2, but blockwise4d has no axis"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.part);
    try {
      create_kernel(line(v_(0, 0), u_(0, 0)), {.target = Target::cuda, .gpu = test.options});
      ADD_FAILURE() << "No error.";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_config);
      EXPECT_NE(error.message().find(test.part), std::string::npos) << error.message();
    }
  }
  const Field a("a", 1);
  const Field b("b", 1);
  EXPECT_THROW(create_kernel(line(a(0), b(0)), {.target = Target::cuda, .gpu = {.cells_per_thread = {{.outer = 2}}}}),
               ConfigError);
  // What does not fit the loops counts for GPUs alone.
  EXPECT_NO_THROW(create_kernel(line(v_(0, 0), u_(0, 0)), {.gpu = {.block_size = {{32, 4, 2}}}}));
}

TEST_F(KernelErrors, SequentialCellsOnAGpu) {
  expect_error<UnsupportedError>(
      ErrorCode::unsupported,
      [&] { create_kernel(line(u_(0, 0), u_(-1, 0)), {.target = Target::cuda, .skip_independence_check = true}); },
      "error[unsupported]: The cells of kernel 'kernel' must run one by one, because one writes what another one reads "
      "or writes, but on the target 'cuda' they run at the same time.\n"
      "  note: While creating kernel 'kernel'.\n"
      "  hint: Write to another field and swap the arrays between calls, or use the target 'cpu'.\n");
}

TEST_F(KernelErrors, TargetsAndJitsThatDoNotFit) {
  const KernelFunction gpu_kernel = create_kernel(line(v_(0, 0), u_(0, 0)), {.target = Target::hip});
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { InterpreterJit().compile(gpu_kernel); },
      "error[unsupported]: Kernel 'kernel' is for the target 'hip', but this JIT makes code for the target 'cpu'.\n"
      "  hint: Create the kernel for the target 'cpu', or compile it with a JIT for GPUs.\n");
  expect_error<UnsupportedError>(
      ErrorCode::unsupported, [&] { create_kernel(line(v_(0, 0), u_(0, 0))).launch_configuration(); },
      "error[unsupported]: Kernel 'kernel' is for the target 'cpu', which has no launches.\n"
      "  hint: Set 'target' to cuda or hip when you create the kernel.\n");
}

TEST_F(KernelErrors, BadSliceText) {
  expect_error<ConfigError>(
      ErrorCode::iteration_space, [&] { slices("1:-1, a:b"); },
      "error[iteration-space]: The slice 'a:b' in '1:-1, a:b' cannot be read.\n"
      "  hint: Write 'start:stop', 'start:stop:step' or one position per dimension, such as "
      "'1:-1, ::2, 0'.\n");
}

TEST_F(KernelErrors, CoordinateOutsideTheRank) {
  EXPECT_THROW(create_kernel(line(v_(0, 0), cast(DType::float64, coordinate(2)))), ExpressionError);
}

}  // namespace
}  // namespace cppstencils
