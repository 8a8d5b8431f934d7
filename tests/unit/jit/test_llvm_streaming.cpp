// Stores past the caches: where they are in the code, and that they change no bit.

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "support/llvm_kernels.hpp"
#include "support/stencil_kernels.hpp"

namespace cppstencils::testing {
namespace {

constexpr ir::Variant cached{ir::InnerStride::unit};
constexpr ir::Variant streaming{ir::InnerStride::unit, ir::StorePolicy::streaming};

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::vector<std::string> streaming_processors() {
  std::vector<std::string> names;
  for (const std::string& name : usable_processors()) {
    if (jit::find_processor(name).vectors.streaming_access != emit::StreamingAccess::none) names.push_back(name);
  }
  return names;
}

// v and w, of one or two types, become u.
ir::Kernel copies(DType v, DType w, DType u = DType::float64) {
  ir::Kernel kernel;
  kernel.name = "copies";
  kernel.rank = 1;
  kernel.buffers = {{"v", v, ir::BufferAccess::write, 1, {}},
                    {"w", w, ir::BufferAccess::write, 1, {}},
                    {"u", u, ir::BufferAccess::read, 1, {}}};
  const ir::Expr value = ir::load({2}, u, {0}, {});
  const auto to = [&](DType type) { return type == u ? value : ir::cast(type, value); };
  return with_loops(kernel, {{ir::Store{{0}, {0}, {}, to(v)}}, {ir::Store{{1}, {0}, {}, to(w)}}});
}

TEST(LlvmStreaming, WholeLinesInMainLoopsOnly) {
  for (const std::string& processor : streaming_processors()) {
    SCOPED_TRACE(processor);
    LlvmCompiler compiler(processor);
    const int vectors_per_line = 64 / compiler.processor().vectors.vector_bytes;
    for (const ir::Kernel& kernel : {jacobi(2), jacobi(3), jacobi(2, DType::float32)}) {
      const std::string code = compiler.assembly(kernel, streaming);
      EXPECT_EQ(count(code, "vmovnt"), vectors_per_line) << code;
      EXPECT_EQ(count(code, vectors_per_line == 1 ? "%zmm" : "%ymm") > 0, true);
      EXPECT_EQ(count(code, "sfence"), 1) << code;
    }
    EXPECT_EQ(count(compiler.assembly(d3q19(), streaming), "vmovnt"), 19 * vectors_per_line);
  }
}

TEST(LlvmStreaming, OnlyInItsVariant) {
  for (const std::string& processor : usable_processors()) {
    for (const ir::Kernel& kernel : {jacobi(3), d3q19()}) {
      const std::string code = LlvmCompiler(processor).assembly(kernel, cached);
      EXPECT_EQ(count(code, "movnt"), 0) << code;
      EXPECT_EQ(count(code, "sfence"), 0) << code;
    }
  }
  // Vectors of 16 bytes.
  EXPECT_EQ(LlvmCompiler("x86-64").assembly(jacobi(3), streaming), LlvmCompiler("x86-64").assembly(jacobi(3), cached));
}

TEST(LlvmStreaming, NotWhereACellReadsWhatItWrites) {
  ir::Kernel kernel = jacobi(2);
  kernel.buffers[0].access = ir::BufferAccess::read_write;
  for (const std::string& processor : streaming_processors()) {
    LlvmCompiler compiler(processor);
    EXPECT_EQ(compiler.assembly(kernel, streaming), compiler.assembly(kernel, cached));
    // One array in place, one not.
    ir::Kernel half = copies(DType::float64, DType::float64);
    half.buffers[1].access = ir::BufferAccess::read_write;
    EXPECT_EQ(count(compiler.assembly(half, streaming), "vmovnt"), 64 / compiler.processor().vectors.vector_bytes);
  }
}

TEST(LlvmStreaming, NotWhereLinesEndAtDifferentCells) {
  for (const std::string& processor : streaming_processors()) {
    LlvmCompiler compiler(processor);
    for (const ir::Kernel& kernel : {copies(DType::float64, DType::float32), [] {
                                       ir::Kernel sequential = jacobi(2);
                                       sequential.order = ir::IterationOrder::sequential;
                                       return sequential;
                                     }()}) {
      EXPECT_EQ(compiler.assembly(kernel, streaming), compiler.assembly(kernel, cached));
    }
  }
}

// Every length of a row at every distance from a line, in two arrays and in one, for elements of each size.
void check_rows(const std::string& processor, const ir::Kernel& kernel) {
  LlvmCompiler compiler(processor);
  const auto code = compiler.compile(kernel, streaming);
  const auto plain = compiler.compile(kernel, cached);
  constexpr std::size_t bytes = 1024;
  struct alignas(64) Memory {
    unsigned char bytes[1024];
  };
  Memory source, expected[2], actual[2];
  for (std::size_t i = 0; i < bytes; ++i) source.bytes[i] = static_cast<unsigned char>(i * i + i / 7);
  const auto size = static_cast<std::int64_t>(size_of(kernel.buffers[0].dtype));
  const std::int64_t lines = 64 / size;
  for (std::int64_t begin = 1; begin <= lines; ++begin) {
    for (std::int64_t cells = 0; cells <= 4 * lines + 3; ++cells) {
      const std::int64_t end = begin + cells;
      const auto run = [&](const jit::LoadedKernel& loaded, Memory* out) {
        std::memset(out, 99, 2 * sizeof(Memory));
        void* const data[] = {out[0].bytes, out[1].bytes, source.bytes};
        const std::int64_t strides[] = {1, 1, 1};
        const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
        ASSERT_EQ(loaded.function()(&arguments, &begin, &end), 0);
      };
      run(*plain, expected);
      run(*code, actual);
      ASSERT_EQ(std::memcmp(expected, actual, sizeof(expected)), 0) << begin << " " << cells;
    }
  }
}

TEST(LlvmStreaming, RowsOfEveryLength) {
  for (const std::string& processor : streaming_processors()) {
    for (const DType dtype : {DType::float64, DType::float32, DType::int16, DType::uint8}) {
      SCOPED_TRACE(fmt::format("{}, {}", processor, to_string(dtype)));
      check_rows(processor, copies(dtype, dtype, dtype));
    }
    // Vectors of the wider type fill half a line of the narrow one, or two.
    check_rows(processor, copies(DType::float32, DType::float32, DType::float64));
    check_rows(processor, copies(DType::float64, DType::float64, DType::float32));
  }
}

}  // namespace
}  // namespace cppstencils::testing
