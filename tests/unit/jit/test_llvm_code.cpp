// What LLVM's code looks like, and the machinery below LlvmJit.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "jit/llvm/library_functions.hpp"
#include "support/expect_error.hpp"
#include "support/kernel_run.hpp"
#include "support/llvm_kernels.hpp"
#include "support/random.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

constexpr ir::Variant unit{ir::InnerStride::unit};
constexpr ir::Variant any{ir::InnerStride::any};

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool is_usable(const std::string& processor) {
  const std::vector<std::string> names = usable_processors();
  return std::find(names.begin(), names.end(), processor) != names.end();
}

std::string assembly(const std::string& processor, const ir::Kernel& kernel, ir::Variant variant) {
  return LlvmCompiler(processor).assembly(kernel, variant);
}

TEST(LlvmCode, StencilsUseTheWidestVectors) {
  for (const ir::Kernel& kernel : {jacobi(2), jacobi(3), jacobi(2, DType::float32), box27(), d3q19()}) {
    SCOPED_TRACE(kernel.name);
    const std::string sum = kernel.buffers[0].dtype == DType::float32 ? "addps" : "addpd";
    EXPECT_GT(count(assembly("x86-64", kernel, unit), sum), 0);
    if (is_usable("x86-64-v3")) {
      const std::string code = assembly("x86-64-v3", kernel, unit);
      EXPECT_GT(count(code, "%ymm"), 0) << code;
      EXPECT_GT(count(code, "vmaskmov"), 0) << code;
    }
    if (is_usable("x86-64-v4")) {
      const std::string code = assembly("x86-64-v4", kernel, unit);
      EXPECT_GT(count(code, "%zmm"), 0) << code;
      EXPECT_GT(count(code, "{%k"), 0) << code;
    }
  }
}

TEST(LlvmCode, JacobiLoadsEachNeighbourInOneInstruction) {
  if (!is_usable("x86-64-v4")) GTEST_SKIP() << "This machine has no AVX-512.";
  // Main loop: one load and five additions with a memory operand, one product, one store; and the same with masks.
  const std::string code = assembly("x86-64-v4", jacobi(3), unit);
  EXPECT_EQ(count(code, "vaddpd"), 10) << code;
  EXPECT_EQ(count(code, "vmulpd"), 2) << code;
}

TEST(LlvmCode, CellsThatAreNotNeighboursAreGathered) {
  if (!is_usable("x86-64-v4")) GTEST_SKIP() << "This machine has no AVX-512.";
  const std::string code = assembly("x86-64-v4", d3q19(), any);
  EXPECT_EQ(count(code, "vgatherqpd"), 2 * 19) << code;
  EXPECT_EQ(count(code, "vscatterqpd"), 2 * 19) << code;
  // Without scatter stores there is nothing to gain.
  EXPECT_EQ(count(assembly("x86-64-v3", d3q19(), any), "vaddpd"), 0);
}

TEST(LlvmCode, SequentialCellsAreNotVectors) {
  ir::Kernel kernel = jacobi(2);
  kernel.order = ir::IterationOrder::sequential;
  const std::string code = assembly("native", kernel, unit);
  EXPECT_EQ(count(code, "addpd"), 0) << code;
  EXPECT_GT(count(code, "addsd"), 0) << code;
}

TEST(LlvmCode, NothingIsFusedInStrictKernels) {
  ir::Kernel kernel = jacobi(2);
  ir::Expr value = ir::load({1}, DType::float64, {0, 0}, {});
  value = value * ir::load({1}, DType::float64, {0, 1}, {}) + ir::load({1}, DType::float64, {1, 0}, {});
  kernel = with_loops(kernel, {{ir::Store{{0}, {0, 0}, {}, value}}});
  EXPECT_EQ(count(assembly("native", kernel, unit), "fmadd"), 0);
  kernel.fp_mode = ir::FpMode::contract;
  if (is_usable("x86-64-v3")) {
    EXPECT_GT(count(assembly("x86-64-v3", kernel, unit), "fmadd"), 0);
  }
}

ir::Kernel kernel_with(ir::MathFunction function, DType type = DType::float64) {
  const ir::Expr argument = ir::load({1}, type, {0}, {});
  return with_loops(jacobi(1, type), {{ir::Store{{0}, {0}, {}, ir::call(function, {argument})}}});
}

TEST(LlvmCode, MathFunctionsThatAreNotArithmeticAreCalled) {
  EXPECT_GT(count(assembly("native", kernel_with(ir::MathFunction::tan), unit), "tan@PLT"), 0);
}

TEST(LlvmCode, MathFunctionsRunInVectors) {
  for (const auto function : {ir::MathFunction::exp, ir::MathFunction::sin}) {
    const ir::Kernel kernel = kernel_with(function);
    EXPECT_EQ(count(assembly("native", kernel, unit), "@PLT"), 0);
    if (!is_usable("x86-64-v3")) continue;
    const std::string code = assembly("x86-64-v3", kernel, unit);
    EXPECT_GT(count(code, "vfmadd") + count(code, "vfnmadd"), 20);
    EXPECT_GT(count(code, "%ymm"), 40);
    EXPECT_EQ(count(code, "@PLT"), 0);
  }
}

TEST(LlvmCode, FloatsBecomeIntegersInVectors) {
  if (!is_usable("x86-64-v3")) GTEST_SKIP() << "This processor has no AVX2.";
  const ir::Expr integer = ir::cast(DType::int32, ir::load({1}, DType::float64, {0}, {}));
  const ir::Kernel kernel = with_loops(jacobi(1), {{ir::Store{{0}, {0}, {}, ir::cast(DType::float64, integer)}}});
  const std::string code = assembly("x86-64-v3", kernel, unit);
  EXPECT_GT(count(code, "vcvttpd2dq"), 0);
  EXPECT_EQ(count(code, "vcvttsd2si"), 0);
}

// The sine of large numbers takes more than a hundred operations, which stand behind a branch.
TEST(LlvmCode, RareValuesAreBranchedAround) {
  ir::Kernel kernel = kernel_with(ir::MathFunction::sin);
  const auto branches = [&](const ir::Kernel& k) {
    const std::string code = assembly("native", k, unit);
    return count(code, "\tje\t") + count(code, "\tjne\t");
  };
  EXPECT_GT(branches(kernel), branches(kernel_with(ir::MathFunction::exp)));
}

// The cosine of large float32 numbers takes float64, which does not halve the vectors of the others.
TEST(LlvmCode, RareValuesMayBeWiderThanVectors) {
  if (!is_usable("x86-64-v3")) GTEST_SKIP() << "This processor has no AVX2.";
  const std::string code = assembly("x86-64-v3", kernel_with(ir::MathFunction::cos, DType::float32), unit);
  EXPECT_NE(code.find("vcvtps2pd"), std::string::npos);
  EXPECT_NE(code.find("vmaskmovps\t%ymm"), std::string::npos) << code;
}

TEST(LlvmCode, IsTheSameEveryTime) {
  LlvmCompiler one;
  LlvmCompiler other;
  for (const ir::Kernel& kernel : {jacobi(2), d3q19()}) {
    for (const ir::Variant variant : {unit, any}) {
      const std::string code = one.assembly(kernel, variant);
      EXPECT_EQ(code, one.assembly(kernel, variant));
      EXPECT_EQ(code, other.assembly(kernel, variant));
    }
  }
}

// More cells than a vector of bytes has, with every length of the rest. Rows of few loads begin with a part that aligns
// their stores, others do not.
void check_long_rows_of_bytes(int loads, const std::string& processor) {
  ir::Kernel kernel = jacobi(1);
  for (ir::Buffer& buffer : kernel.buffers) buffer.dtype = DType::uint8;
  const auto load = [](std::int64_t offset) { return ir::load({1}, DType::uint8, {offset}, {}); };
  ir::Expr sum = load(-1) + load(1);
  if (loads == 3) sum = sum + load(0);
  kernel = with_loops(kernel, {{ir::Store{{0}, {0}, {}, sum}}});
  const auto code = LlvmCompiler(processor).compile(kernel, unit);
  for (std::int64_t cells = 0; cells <= 200; ++cells) {
    std::vector<std::uint8_t> src(256);
    std::vector<std::uint8_t> dst(256, 99);
    for (std::size_t i = 0; i < src.size(); ++i) src[i] = static_cast<std::uint8_t>(i * i + 3);
    const std::int64_t begin = 3;
    const std::int64_t end = begin + cells;
    void* const data[] = {dst.data(), src.data()};
    const std::int64_t strides[] = {1, 1};
    const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
    ASSERT_EQ(code->function()(&arguments, &begin, &end), 0);
    for (std::int64_t i = 0; i < 256; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const bool is_cell = i >= begin && i < end;
      const int expected = is_cell ? src[at - 1] + src[at + 1] + (loads == 3 ? src[at] : 0) : 99;
      ASSERT_EQ(dst[at], static_cast<std::uint8_t>(expected)) << cells << " " << i;
    }
  }
}

TEST(LlvmCode, LongRowsOfBytes) {
  for (const std::string& processor : usable_processors()) {
    for (const int loads : {2, 3}) {
      SCOPED_TRACE(fmt::format("{} loads, processor {}", loads, processor));
      check_long_rows_of_bytes(loads, processor);
    }
  }
}

TEST(LlvmCode, EmptyAndExtremeBoxesDoNothing) {
  const auto kernel = jacobi(2);
  LlvmCompiler compiler;
  constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::vector<std::int64_t>> boxes{
      {0, 0, 0, 5}, {0, 0, 5, 0}, {3, 0, 2, 5}, {largest, 0, smallest, 5}, {0, largest, 5, smallest}, {0, 1, 5, 1}};
  for (const ir::Variant variant : {unit, any}) {
    const auto code = compiler.compile(kernel, variant);
    for (const auto& box : boxes) {
      // Any access would fault.
      void* const data[] = {nullptr, nullptr};
      const std::int64_t strides[] = {5, 1, 5, 1};
      const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
      EXPECT_EQ(code->function()(&arguments, box.data(), box.data() + 2), 0);
    }
  }
}

TEST(LlvmCode, StepsNearTheLargestIndexDoNotOverflow) {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t step : {std::int64_t{3}, largest}) {
    ir::Kernel kernel = jacobi(2);
    kernel.order = ir::IterationOrder::sequential;
    for (ir::Buffer& buffer : kernel.buffers) buffer.dtype = DType::int64;
    ir::Block cell{{ir::Store{{0}, {0, 0}, {}, ir::loop_index(0) + ir::loop_index(1)}}};
    kernel.body = {{ir::Loop{0, step, {{ir::Loop{1, step, cell}}}}}};
    const auto code = LlvmCompiler().compile(kernel, any);
    // Strides of zero: every cell is the same element.
    std::int64_t element = 0;
    void* const data[] = {&element, &element};
    const std::int64_t strides[] = {0, 0, 0, 0};
    const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
    const std::int64_t begin[] = {largest - 4, 5};
    const std::int64_t end[] = {largest, 9};
    ASSERT_EQ(code->function()(&arguments, begin, end), 0);
    const std::int64_t last = step == 3 ? 3 : 0;
    EXPECT_EQ(static_cast<std::uint64_t>(element),
              static_cast<std::uint64_t>(largest - 4 + last) + static_cast<std::uint64_t>(5 + last));
  }
}

TEST(LlvmProcessors, AreNamedOrRefused) {
  const jit::Processor native = jit::find_processor("native");
  EXPECT_FALSE(native.name.empty());
  // In alphabetical order, whatever the order in LLVM's table.
  std::vector<std::string> features;
  std::istringstream text(native.features);
  for (std::string feature; std::getline(text, feature, ',');) features.push_back(feature.substr(1));
  EXPECT_GT(features.size(), 20U);
  EXPECT_TRUE(std::is_sorted(features.begin(), features.end())) << native.features;
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [] { jit::find_processor("z80"); },
      "error[invalid-config]: Processor 'z80' is not known.\n"
      "  hint: Set 'cpu.processor' to \"native\", or to a processor with no more than this one "
      "has, such as \"x86-64-v2\".\n");
  // Has instructions that no other processor has.
  try {
    jit::find_processor("bdver4");
    ADD_FAILURE() << "bdver4 was accepted.";
  } catch (const ConfigError& error) {
    EXPECT_NE(error.message().find("lacks"), std::string::npos) << error.what();
    EXPECT_NE(error.message().find("'fma4'"), std::string::npos) << error.what();
  }
}

TEST(LlvmEngine, RefusesWhatIsNotAnObject) {
  const auto engine = jit::Engine::create();
  const auto load = [&](const std::vector<std::byte>& object, const std::string& function) {
    try {
      engine->load(object, function);
      return false;
    } catch (const CompileError& error) {
      return error.code() == ErrorCode::compile_failed && !error.notes().empty();
    }
  };
  EXPECT_TRUE(load({}, "f"));
  EXPECT_TRUE(load(std::vector<std::byte>(1000, std::byte{'x'}), "f"));
  jit::CodeGenerator generator(jit::find_processor("native"));
  std::vector<std::byte> object = generator.generate(passes::optimize(jacobi(2), unit));
  EXPECT_TRUE(load(object, "another_function"));
  object.resize(object.size() / 2);
  EXPECT_TRUE(load(object, emit::llvm_function_name("jacobi")));
  // It is still good for something.
  object = generator.generate(passes::optimize(jacobi(2), unit));
  EXPECT_NE(engine->load(object, emit::llvm_function_name("jacobi"))->function(), nullptr);
}

TEST(LlvmEngine, FunctionsAreThoseOfTheProcess) {
  std::set<std::string> names;
  for (const jit::LibraryFunction& function : jit::library_functions()) {
    EXPECT_TRUE(names.insert(function.name).second) << function.name;
    EXPECT_NE(function.address, nullptr);
  }
  EXPECT_EQ(names.size(), 2 * 13 + 6);
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  return lines;
}

TEST(LlvmEngine, GivesMemoryBack) {
  const auto engine = jit::Engine::create();
  jit::CodeGenerator generator(jit::find_processor("native"));
  const std::vector<std::byte> object = generator.generate(passes::optimize(jacobi(2), unit));
  const auto cycle = [&] { engine->load(object, emit::llvm_function_name("jacobi")); };
  for (int i = 0; i < 20; ++i) cycle();
  const std::size_t before = mappings();
  for (int i = 0; i < 500; ++i) cycle();
  EXPECT_LE(mappings(), before + 64);  // a leak would be one a cycle; allocators of sanitizers map memory of their own
}

TEST(LlvmEngine, ManyKernelsNeedFewMappings) {
  const auto engine = jit::Engine::create();
  jit::CodeGenerator generator(jit::find_processor("native"));
  // Kernels of different size, so that what one leaves does not fit every other.
  std::vector<ir::Kernel> kernels{jacobi(1), d3q19(), box27()};
  std::vector<std::vector<std::byte>> objects;
  for (const ir::Kernel& kernel : kernels) objects.push_back(generator.generate(passes::optimize(kernel, unit)));
  Random random(1);
  std::vector<std::shared_ptr<jit::LoadedKernel>> alive(1500);
  const std::size_t before = mappings();
  for (int i = 0; i < 4500; ++i) {
    const std::size_t which = random.below(kernels.size());
    std::shared_ptr<jit::LoadedKernel>& slot = alive[random.below(alive.size())];
    slot = engine->load(objects[which], emit::llvm_function_name(kernels[which].name));
    // Whatever was there before, the code is that of the kernel.
    const std::int64_t nothing[] = {0, 0, 0};
    const CppstencilsKernelArguments arguments{nullptr, nullptr, nullptr, nullptr};
    ASSERT_EQ(slot->function()(&arguments, nothing, nothing), 0);
  }
  EXPECT_LE(mappings(), before + 600);  // pages of released kernels are holes
  for (auto& kernel : alive) kernel = engine->load(objects[0], emit::llvm_function_name(kernels[0].name));
  EXPECT_LE(mappings(), before + 100);
  alive.clear();
  EXPECT_LE(mappings(), before + 64);  // allocators of sanitizers map memory of their own
}

}  // namespace
}  // namespace cppstencils::testing
