#include "jit/host/shared_object.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "jit/host/host_compiler.hpp"
#include "jit/host/temporary_directory.hpp"
#include "support/host_testing.hpp"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace cppstencils::testing {
namespace {

using jit::SharedObject;
using Route = SharedObject::Route;

std::vector<std::byte> compile(const std::string& source) {
  jit::HostCompiler compiler({.compiler = "",
                              .flags = {},
                              .optimization = "-O1",
                              .time_limit = std::chrono::seconds(60),
                              .work_folders = jit::temporary_parents({})});
  return compiler.compile(source, "native");
}

/// An object whose function `answer` returns the number.
std::vector<std::byte> object_with_answer(int number) {
  return compile(
      fmt::format("extern \"C\" __attribute__((visibility(\"default\"))) int answer() {{ return {}; }}", number));
}

int answer(const SharedObject& object) { return reinterpret_cast<int (*)()>(object.symbol("answer"))(); }

class Routes : public ::testing::TestWithParam<Route> {
 protected:
  std::vector<Route> routes{GetParam()};
  std::vector<std::filesystem::path> parents = jit::temporary_parents({});
};

TEST_P(Routes, ObjectsLiveSideBySide) {
  const std::vector<std::byte> seven = object_with_answer(7);
  const std::vector<std::byte> eight = object_with_answer(8);
  // The descriptor of the first memory file has its number again in the second one.
  const SharedObject a(seven, parents, routes);
  const SharedObject b(eight, parents, routes);
  const SharedObject c(seven, parents, routes);
  EXPECT_EQ(answer(a), 7);
  EXPECT_EQ(answer(b), 8);
  EXPECT_EQ(answer(c), 7);
  EXPECT_NE(a.symbol("answer"), c.symbol("answer"));
  EXPECT_EQ(a.route(), GetParam());
}

TEST_P(Routes, ObjectsComeAndGo) {
  const std::vector<std::byte> bytes[] = {object_with_answer(1), object_with_answer(2), object_with_answer(3)};
  std::vector<std::unique_ptr<SharedObject>> living;
  const std::size_t descriptors = open_descriptors();
  for (int i = 0; i < 300; ++i) {
    auto object = std::make_unique<SharedObject>(bytes[i % 3], parents, routes);
    ASSERT_EQ(answer(*object), i % 3 + 1);
    if (i % 2 == 0) living.push_back(std::move(object));
    if (living.size() > 20) living.erase(living.begin());
  }
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_P(Routes, UnloadingGivesTheMemoryBack) {
  const std::vector<std::byte> bytes = object_with_answer(1);
  // Executable ones only: allocators of sanitizers map memory of their own.
  const auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    std::size_t executable = 0;
    for (std::string line; std::getline(maps, line);) executable += line.find("r-xp") != std::string::npos ? 1 : 0;
    return executable;
  };
  { const SharedObject warm_up(bytes, parents, routes); }
  const auto before = mappings();
  for (int i = 0; i < 20; ++i) {
    const SharedObject object(bytes, parents, routes);
    EXPECT_GT(mappings(), before);
  }
  EXPECT_EQ(mappings(), before);
}

TEST_P(Routes, DamagedBytesAreAnError) {
  std::vector<std::byte> bytes = object_with_answer(1);
  EXPECT_THROW(SharedObject({}, parents, routes), CompileError);
  EXPECT_THROW(SharedObject(std::span(bytes).first(100), parents, routes), CompileError);
  bytes[0] = std::byte{0};
  EXPECT_THROW(SharedObject(bytes, parents, routes), CompileError);
}

INSTANTIATE_TEST_SUITE_P(All, Routes, ::testing::Values(Route::memory, Route::file),
                         [](const auto& test) { return std::string(test.param == Route::memory ? "Memory" : "File"); });

TEST(SharedObjects, FilesAreTheWayOutWhereMemoryCannotBeLoaded) {
  // As on a machine where the loader refuses anonymous files: the first route gets nothing it can load.
  const TemporaryFolder folder;
  const SharedObject object(object_with_answer(5), {"/proc/nonexistent", folder.path()}, {Route::file});
  EXPECT_EQ(object.route(), Route::file);
  EXPECT_EQ(answer(object), 5);
  EXPECT_TRUE(file_names(folder.path()).empty());
}

TEST(SharedObjects, EveryFailedRouteIsNamed) {
  try {
    SharedObject(std::vector<std::byte>(10), {"/proc/nonexistent"});
    FAIL();
  } catch (const CompileError& error) {
    ASSERT_EQ(error.notes().size(), 2U);
    EXPECT_TRUE(error.notes()[0].starts_with("From memory: ")) << error.what();
    EXPECT_TRUE(error.notes()[1].starts_with("From a file: ")) << error.what();
  }
}

TEST(SharedObjects, UnknownSymbolsAreNull) {
  const SharedObject object(object_with_answer(5), {});
  EXPECT_EQ(object.symbol("question"), nullptr);
}

TEST(SharedObjects, SymbolsStayLocal) {
  const SharedObject object(object_with_answer(5), {});
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "answer"), nullptr);
}

TEST(SharedObjects, NeedOnlyTheCLibrary) {
  const std::vector<std::byte> plain = object_with_answer(5);
  const std::vector<std::byte> math = compile(
      "extern \"C\" double sin(double);"
      "extern \"C\" __attribute__((visibility(\"default\"))) double f(double x) { return sin(x); }");
  const auto contains = [](const std::vector<std::byte>& bytes, std::string_view text) {
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return all.find(text) != std::string_view::npos;
  };
  EXPECT_FALSE(contains(plain, "libstdc++"));
  EXPECT_FALSE(contains(plain, "libm.so"));
  EXPECT_FALSE(contains(math, "libstdc++"));
  EXPECT_TRUE(contains(math, "libm.so"));
}

#if defined(__x86_64__)
TEST(SharedObjects, LoadingLeavesTheFloatingPointModeAlone) {
  const unsigned before = _mm_getcsr();
  const SharedObject object(object_with_answer(5), {});
  EXPECT_EQ(_mm_getcsr(), before);
  volatile double tiny = 5e-324;
  EXPECT_GT(tiny * 1.0, 0.0);
}
#endif

}  // namespace
}  // namespace cppstencils::testing
