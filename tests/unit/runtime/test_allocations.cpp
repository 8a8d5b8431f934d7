// The call path allocates nothing.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>

#include "cppstencils/cppstencils.hpp"

namespace {
std::atomic<std::int64_t> allocations = 0;
}  // namespace

// Not inlined: GCC would take the mix of new and free for a mistake.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace cppstencils {
namespace {

class Nothing final : public Executable {
 public:
  EntryPoint entry_point(Variant) override {
    return {[](const CppstencilsKernelArguments*, const std::int64_t*, const std::int64_t*) { return 0; }, nullptr};
  }
};

std::int64_t allocations_of(const std::function<void()>& action) {
  const std::int64_t before = allocations.load();
  action();
  return allocations.load() - before;
}

TEST(Allocations, TheCounterCounts) {
  EXPECT_EQ(allocations_of([] { ::operator delete(::operator new(8)); }), 1);
}

TEST(Allocations, CallsHaveNone) {
  const auto [u, v, f] = fields<3>("u, v, f(3): double[3D]");
  AssignmentList assignments{assign(v(0, 0, 0), u(1, 0, 0) * Symbol("h") + u(0, 0, -1) * Symbol("k"))};
  for (int i = 0; i < 3; ++i) assignments.add(assign(f(0, 0, 0)(i), Symbol("g") * f(0, 0, 0)(i)));
  const CompiledKernel kernel(create_kernel(assignments), std::make_shared<Nothing>());
  Array<double> a({6, 6, 6});
  Array<double> b({6, 6, 6});
  Array<double> c({6, 6, 6, 3});
  Array<double> d({6, 6, 6}, Layout::f());
  const auto call = [&] { kernel({{"u", a}, {"v", b}, {"f", c}, {"h", 0.5}, {"k", 1}, {"g", 2.0}}); };
  EXPECT_EQ(allocations_of(call), 0);
  // Another variant, and arrays whose byte ranges cross: none either.
  const auto strided = [&] { kernel({{"u", d}, {"v", b}, {"f", c}, {"h", 0.5}, {"k", 1}, {"g", 2.0}}); };
  EXPECT_EQ(allocations_of(strided), 0);
  Array<double> pairs({6, 6, 12});
  const ArrayView<double> even(pairs.data(), {6, 6, 6}, {72, 12, 2});
  const ArrayView<double> odd(pairs.data() + 1, {6, 6, 6}, {72, 12, 2});
  const auto interleaved = [&] { kernel({{"u", even}, {"v", odd}, {"f", c}, {"h", 0.5}, {"k", 1}, {"g", 2.0}}); };
  EXPECT_EQ(allocations_of(interleaved), 0);
  const BoundKernel bound = kernel.bind({{"u", a}, {"v", b}, {"f", c}, {"h", 0.5}, {"k", 1}, {"g", 2.0}});
  EXPECT_EQ(allocations_of([&] { bound(); }), 0);
  const CellRange part[] = {{1, 3}, {1, 5}, {2, 4}};
  EXPECT_EQ(allocations_of([&] { bound.run(part); }), 0);
}

}  // namespace
}  // namespace cppstencils
