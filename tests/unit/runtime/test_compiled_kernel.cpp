#include "cppstencils/runtime/compiled_kernel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <limits>
#include <optional>
#include <thread>

#include "cppstencils/cppstencils.hpp"
#include "support/access_kernel.hpp"
#include "support/recording_executable.hpp"

namespace cppstencils {
namespace {

using testing::RecordingExecutable;
using Numbers = std::vector<std::int64_t>;

struct Loaded {
  explicit Loaded(const KernelFunction& kernel)
      : executable(std::make_shared<RecordingExecutable>(kernel.kernel_ir())), call(kernel, executable) {}
  std::shared_ptr<RecordingExecutable> executable;
  CompiledKernel call;
  const RecordingExecutable::Call& last() const { return executable->calls.back(); }
};

KernelFunction smooth(const CreateKernelConfig& config = {}) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), Symbol("h") * (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1))), config);
}

TEST(CompiledKernel, PassesArgumentsInTheOrderOfTheKernel) {
  const Loaded kernel(smooth());
  Array<double> a({8, 6});
  Array<double> b({8, 6}, Layout::f());
  kernel.call({{"h", 0.25}, {"v", b}, {"u", a}});
  ASSERT_EQ(kernel.executable->calls.size(), 1u);
  EXPECT_EQ(kernel.last().data, (std::vector<void*>{a.data(), b.data()}));
  EXPECT_EQ(kernel.last().strides, (Numbers{6, 1, 1, 8}));
  EXPECT_EQ(std::bit_cast<double>(kernel.last().scalars.at(0)), 0.25);
  EXPECT_EQ(kernel.last().begin, (Numbers{1, 1}));
  EXPECT_EQ(kernel.last().end, (Numbers{7, 5}));
  EXPECT_EQ(kernel.call.kernel().name(), "kernel");
}

TEST(CompiledKernel, ChoosesTheVariantByTheInnermostStride) {
  const Loaded kernel(smooth());
  Array<double> a({8, 6});
  Array<double> b({8, 6});
  const auto variant_of = [&](const ArrayRef& u, const ArrayRef& v) {
    kernel.call({{"u", u}, {"v", v}, {"h", 1.0}});
    return kernel.last().variant.inner_stride;
  };
  EXPECT_EQ(variant_of(a, b), InnerStride::unit);
  Array<double> transposed({8, 6}, Layout::f());
  EXPECT_EQ(variant_of(transposed, b), InnerStride::any);
  EXPECT_EQ(variant_of(a, transposed), InnerStride::any);
  Array<double> wide({8, 12});
  const ArrayView<double> gaps(wide.data(), {8, 6}, {12, 1});
  EXPECT_EQ(variant_of(gaps, b), InnerStride::unit);
  const ArrayView<double> every_second(wide.data(), {8, 6}, {12, 2});
  EXPECT_EQ(variant_of(every_second, b), InnerStride::any);
  const ArrayView<double> backwards(a.data() + 5, {8, 6}, {6, -1});
  EXPECT_EQ(variant_of(backwards, b), InnerStride::any);
  const ArrayView<double> repeated(a.data(), {8, 6}, {6, 0});
  EXPECT_EQ(variant_of(repeated, b), InnerStride::any);
  // Asked for once per variant.
  EXPECT_EQ(kernel.executable->entry_points_asked, 2);
}

TEST(CompiledKernel, InnermostStrideOfAnotherLayout) {
  const auto list = fields("u, v: double[2D]", Layout::f());
  const Loaded kernel(create_kernel(assign(list[1](0, 0), list[0](0, 0))));
  Array<double> a({8, 6}, Layout::f());
  Array<double> b({8, 6}, Layout::f());
  kernel.call({{"u", a}, {"v", b}});
  EXPECT_EQ(kernel.last().variant.inner_stride, InnerStride::unit);
  Array<double> c_order({8, 6});
  kernel.call({{"u", a}, {"v", c_order}});
  EXPECT_EQ(kernel.last().variant.inner_stride, InnerStride::any);
}

TEST(CompiledKernel, StridesAlongOneElementDoNotMatter) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const Loaded kernel(create_kernel(assign(v(0, 0), u(0, 0))));
  Array<double> a({8, 1}, Layout::f());
  Array<double> b({8, 1});
  kernel.call({{"u", a}, {"v", b}});
  EXPECT_EQ(kernel.last().variant.inner_stride, InnerStride::unit);
  EXPECT_EQ(kernel.last().strides, (Numbers{1, 1, 1, 1}));
  // Also a stride that is no number of elements, and one that would overlap.
  ArrayRef odd = b;
  odd.byte_strides[1] = 3;
  kernel.call({{"u", a}, {"v", odd}});
  odd.byte_strides[1] = 0;
  kernel.call({{"u", a}, {"v", odd}});
  EXPECT_EQ(kernel.last().variant.inner_stride, InnerStride::unit);
  // With two columns of which one is updated, the stride matters.
  const Loaded first_column(create_kernel(assign(v(0, 0), u(0, 1)), {.iteration_slice = slices(":, 0")}));
  Array<double> c({8, 2}, Layout::f());
  Array<double> d({8, 2});
  first_column.call({{"u", c}, {"v", d}});
  EXPECT_EQ(first_column.last().variant.inner_stride, InnerStride::any);
  first_column.call({{"u", d}, {"v", Array<double>({8, 2})}});
  EXPECT_EQ(first_column.last().variant.inner_stride, InnerStride::unit);
}

TEST(CompiledKernel, ArraysSmallerThanTheGhostLayersAreLeftAlone) {
  const Loaded kernel(smooth());
  for (const auto& [rows, columns] : {std::pair{0, 0}, {1, 1}, {2, 9}, {9, 2}, {2, 2}, {0, 7}}) {
    Array<double> a({rows, columns});
    Array<double> b({rows, columns});
    kernel.call({{"u", a}, {"v", b}, {"h", 1.0}});
    const BoundKernel bound = kernel.call.bind({{"u", a}, {"v", b}, {"h", 1.0}});
    bound();
    EXPECT_EQ(bound.cells(), 0);
  }
  EXPECT_TRUE(kernel.executable->calls.empty());
  EXPECT_EQ(kernel.executable->entry_points_asked, 0);
  Array<double> a({3, 3});
  Array<double> b({3, 3});
  kernel.call({{"u", a}, {"v", b}, {"h", 1.0}});
  EXPECT_EQ(kernel.executable->calls.size(), 1u);
}

TEST(CompiledKernel, OneArrayForTwoFieldsInPlace) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const Loaded in_place(create_kernel(assign(v(0, 0), u(0, 0) * 2)));
  Array<double> a({8, 6});
  in_place.call({{"u", a}, {"v", a}});
  // A read-only view of it as well.
  in_place.call({{"u", std::as_const(a)}, {"v", a}});
  EXPECT_EQ(in_place.executable->calls.size(), 2u);
  // One row further on, each cell would read what another one writes.
  const ArrayView<double> upper(a.data(), {7, 6}, {6, 1});
  const ArrayView<double> lower(a.data() + 6, {7, 6}, {6, 1});
  EXPECT_THROW(in_place.call({{"u", upper}, {"v", lower}}), ArgumentError);
  // Overlapping inputs are fine.
  const Field w("w", 2);
  const Loaded two_inputs(create_kernel(assign(w(0, 0), u(0, 0) + v(0, 0))));
  Array<double> result({7, 6});
  two_inputs.call({{"u", upper}, {"v", lower}, {"w", result}});
  EXPECT_EQ(two_inputs.executable->calls.size(), 1u);
}

TEST(CompiledKernel, OneArrayForTwoFieldsSeenWithOtherStrides) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  const Loaded in_place(create_kernel(assign(v(0, 0), u(0, 0) * 2)));
  Array<double> a({8, 8});
  // One column: whatever the stride from column to column, it is the same array.
  const ArrayView<double> column(a.data(), {8, 1}, {8, 1});
  const ArrayView<double> same(a.data(), {8, 1}, {8, 3});
  in_place.call({{"u", column}, {"v", same}});
  EXPECT_EQ(in_place.executable->calls.size(), 1u);
  // The transposed array holds the same elements for other cells.
  const ArrayView<double> transposed(a.data(), {8, 8}, {1, 8});
  EXPECT_THROW(in_place.call({{"u", transposed}, {"v", a}}), ArgumentError);
  // So does one that has fewer index values.
  const Field pairs("pairs", 1, {.index_shape = {2}});
  const Field triples("triples", 1, {.index_shape = {3}});
  const Loaded mixed(create_kernel(assign(pairs(0)(0), triples(0)(2))));
  Array<double> memory({20});
  EXPECT_THROW(mixed.call({{"pairs", ArrayView<double>(memory.data(), {8, 2}, {2, 1})},
                           {"triples", ArrayView<double>(memory.data(), {8, 3}, {2, 1})}}),
               ArgumentError);
}

TEST(CompiledKernel, FixedExtents) {
  const Field g("g", 2, {.index_shape = {3}, .shape = std::vector<std::int64_t>{8, 7}});
  const Loaded kernel(create_kernel(assign(g(0, 0)(1), 0)));
  Array<double> right({8, 7, 3});
  kernel.call({{"g", right}});
  EXPECT_EQ(kernel.executable->calls.size(), 1u);
  Array<double> wrong({7, 8, 3});
  EXPECT_THROW(kernel.call({{"g", wrong}}), ArgumentError);
}

TEST(CompiledKernel, ComponentsOfOneArray) {
  const auto [u, v] = fields<2>("u, v: double[1D]");
  const Loaded kernel(create_kernel(assign(v(0), u(1) + u(-1))));
  Array<double> pairs({10, 2});
  const ArrayView<double> first(pairs.data(), {10}, {2});
  const ArrayView<double> second(pairs.data() + 1, {10}, {2});
  kernel.call({{"u", first}, {"v", second}});
  EXPECT_EQ(kernel.last().strides, (Numbers{2, 2}));
  EXPECT_EQ(kernel.last().data[1], pairs.data() + 1);
}

TEST(CompiledKernel, ArgumentsOfAVector) {
  const Loaded kernel(smooth());
  Array<double> a({4, 4});
  Array<double> b({4, 4});
  std::vector<Argument> arguments = {{"u", a}, {"v", b}};
  arguments.emplace_back("h", 1);
  kernel.call(arguments);
  EXPECT_EQ(std::bit_cast<double>(kernel.last().scalars.at(0)), 1.0);
}

TEST(CompiledKernel, ManyParameters) {
  // More than fit into the memory that a call has without an allocation.
  AssignmentList assignments;
  std::vector<Array<float>> arrays(300, Array<float>({5}));
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("field" + std::to_string(i));
  std::vector<Argument> arguments;
  for (std::size_t i = 0; i < 300; ++i) {
    const Field field(names[i], 1, {.dtype = DType::float32});
    assignments.add(assign(field(0), Symbol("s" + names[i], DType::float32)));
    arguments.emplace_back(names[i], arrays[i]);
  }
  std::vector<std::string> scalar_names;
  for (const std::string& name : names) scalar_names.push_back("s" + name);
  for (std::size_t i = 0; i < 300; ++i) arguments.emplace_back(scalar_names[i], static_cast<int>(i));
  const Loaded kernel(create_kernel(assignments));
  kernel.call(arguments);
  const std::vector<Parameter>& parameters = kernel.call.kernel().parameters();
  for (std::size_t i = 0; i < 300; ++i) {
    const std::size_t given = std::stoul(parameters[i].name.substr(5));
    EXPECT_EQ(kernel.last().data[i], arrays[given].data());
    EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(kernel.last().scalars[i])),
              static_cast<float>(std::stoul(parameters[300 + i].name.substr(6))));
  }
}

TEST(BoundKernel, RunsAgainAndAgain) {
  const Loaded kernel(smooth());
  Array<double> a({8, 6});
  Array<double> b({8, 6});
  BoundKernel bound = kernel.call.bind({{"u", a}, {"v", b}, {"h", 0.25}});
  EXPECT_TRUE(kernel.executable->calls.empty());
  bound();
  bound();
  EXPECT_EQ(kernel.executable->calls.size(), 2u);
  EXPECT_EQ(kernel.last().begin, (Numbers{1, 1}));
  EXPECT_EQ(kernel.last().end, (Numbers{7, 5}));
  EXPECT_EQ(std::bit_cast<double>(kernel.last().scalars.at(0)), 0.25);
  EXPECT_EQ(bound.cells(), 24);
  ASSERT_EQ(bound.box().size(), 2u);
  EXPECT_EQ(bound.box()[0].begin, 1);
  EXPECT_EQ(bound.box()[0].end, 7);
  BoundKernel moved = std::move(bound);
  moved();
  EXPECT_EQ(kernel.last().data, (std::vector<void*>{a.data(), b.data()}));
  moved = kernel.call.bind({{"u", b}, {"v", a}, {"h", 0.5}});
  moved();
  EXPECT_EQ(kernel.last().data, (std::vector<void*>{b.data(), a.data()}));
}

TEST(BoundKernel, KeepsTheCodeAlive) {
  Array<double> a({8, 6});
  Array<double> b({8, 6});
  std::weak_ptr<Executable> watched;
  {
    std::optional<BoundKernel> bound;
    {
      const Loaded kernel(smooth());
      watched = kernel.executable;
      bound.emplace(kernel.call.bind({{"u", a}, {"v", b}, {"h", 0.25}}));
    }
    ASSERT_FALSE(watched.expired());
    (*bound)();
  }
  EXPECT_TRUE(watched.expired());
}

TEST(BoundKernel, RunsParts) {
  const Loaded kernel(smooth({.iteration_slice = slices("1:-1:2, 2:-1:3")}));
  Array<double> a({10, 12});
  Array<double> b({10, 12});
  const BoundKernel bound = kernel.call.bind({{"u", a}, {"v", b}, {"h", 0.25}});
  EXPECT_EQ(bound.cells(), 4 * 3);
  bound.run(std::vector<CellRange>{{3, 6}, {5, 11}});
  EXPECT_EQ(kernel.last().begin, (Numbers{3, 5}));
  EXPECT_EQ(kernel.last().end, (Numbers{6, 11}));
  const auto run = [&](CellRange rows, CellRange columns) { bound.run(std::vector<CellRange>{rows, columns}); };
  EXPECT_THROW(run({0, 6}, {5, 11}), ArgumentError);
  EXPECT_THROW(run({3, 10}, {5, 11}), ArgumentError);
  EXPECT_THROW(run({2, 6}, {5, 11}), ArgumentError);
  EXPECT_THROW(run({3, 6}, {4, 11}), ArgumentError);
  EXPECT_THROW(run({3, 6}, {-1, 11}), ArgumentError);
  EXPECT_THROW(run({std::numeric_limits<std::int64_t>::min(), 6}, {5, 11}), ArgumentError);
  EXPECT_THROW(run({3, std::numeric_limits<std::int64_t>::max()}, {5, 11}), ArgumentError);
  EXPECT_EQ(kernel.executable->calls.size(), 1u);
  // Parts without cells are parts of everything.
  run({6, 6}, {5, 11});
  run({6, 3}, {5, 11});
  run({100, 100}, {5, 11});
  EXPECT_EQ(kernel.executable->calls.size(), 1u);
}

TEST(CompiledKernel, HugeStepsDoNotOverflow) {
  const auto biggest = std::numeric_limits<std::int64_t>::max();
  const Loaded kernel(smooth({.iteration_slice = std::vector<Slice>{{1, -1, biggest - 10}, {1, -1, 1}}}));
  Array<double> a({8, 6});
  Array<double> b({8, 6});
  EXPECT_EQ(kernel.call.bind({{"u", a}, {"v", b}, {"h", 1.0}}).cells(), 4);
  const Loaded larger(smooth({.iteration_slice = std::vector<Slice>{{1, -1, biggest}, {1, -1, 1}}}));
  EXPECT_THROW(larger.call({{"u", a}, {"v", b}, {"h", 1.0}}), ArgumentError);
}

TEST(CompiledKernel, ThreadsShareIt) {
  // The code counts its cells; each thread has arrays of its own.
  class Counting final : public Executable {
   public:
    EntryPoint entry_point(Variant) override { return {&count, &total}; }
    std::atomic<std::int64_t> total = 0;

   private:
    static std::int32_t count(const CppstencilsKernelArguments* arguments, const std::int64_t* begin,
                              const std::int64_t* end) {
      const auto* total = static_cast<const std::atomic<std::int64_t>*>(arguments->context);
      const_cast<std::atomic<std::int64_t>*>(total)->fetch_add((end[0] - begin[0]) * (end[1] - begin[1]));
      return 0;
    }
  };
  const auto executable = std::make_shared<Counting>();
  const CompiledKernel kernel(smooth(), executable);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&kernel] {
      Array<double> a({8, 6});
      Array<double> b({8, 6});
      for (int i = 0; i < 1000; ++i) kernel({{"u", a}, {"v", b}, {"h", 1.0}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(executable->total.load(), 4 * 1000 * 24);
}

}  // namespace
}  // namespace cppstencils
