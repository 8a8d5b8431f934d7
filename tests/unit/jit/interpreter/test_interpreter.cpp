#include "jit/interpreter/interpreter.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "ir/verify.hpp"

namespace cppstencils::testing {
namespace {

ir::Kernel parsed(std::string_view text) {
  ir::Kernel kernel = ir::parse_kernel(text);
  ir::verify(kernel, "test");
  return kernel;
}

struct Call {
  std::vector<void*> data;
  std::vector<std::int64_t> strides;
  std::vector<const void*> scalars;

  void run(const ir::Kernel& kernel, std::vector<std::int64_t> begin, std::vector<std::int64_t> end) const {
    const CppstencilsKernelArguments arguments{data.data(), strides.data(), scalars.data(), nullptr};
    jit::interpret(kernel, &arguments, begin.data(), end.data());
  }
};

TEST(Interpreter, ReadsNeighboursAndComponents) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 2, strict, independent) {
  buffer u: float64, rank 2, index (2), read
  buffer v: float64, rank 2, write
  scalar h: float64
  loop i0 step 1 {
    loop i1 step 1 {
      store v[0,0] = u[-1,0](0) + 10.0 * u[0,1](1) + 100.0 * $h + 1000.0 * float64(i0) + 10000.0 * float64(i1)
    }
  }
}
)");
  std::vector<double> u(4 * 5 * 2);
  std::iota(u.begin(), u.end(), 0);
  std::vector<double> v(4 * 5, -1);
  const double h = 0.5;
  Call{{u.data(), v.data()}, {10, 2, 1, 5, 1}, {&h}}.run(kernel, {1, 2}, {3, 4});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j) {
      const bool inside = i >= 1 && i < 3 && j >= 2 && j < 4;
      const double expected = (10.0 * (i - 1) + 2 * j) + 10 * (10.0 * i + 2 * (j + 1) + 1) + 50 + 1000 * i + 10000 * j;
      EXPECT_EQ(v[5 * i + j], inside ? expected : -1) << i << "," << j;
    }
  }
}

TEST(Interpreter, FollowsAnyStrides) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 2, strict, independent) {
  buffer u: int32, rank 2, read
  buffer v: int32, rank 2, write
  loop i1 step 1 {
    loop i0 step 1 {
      store v[0,0] = u[0,1] - u[0,0]
    }
  }
}
)");
  // u is stored backwards along its second axis, v with gaps and transposed.
  std::vector<std::int32_t> u{0, 1, 4, 9, 16, 25, 36, 49};
  std::vector<std::int32_t> v(12, -1);
  Call{{u.data() + 3, v.data()}, {4, -1, 1, 4}, {}}.run(kernel, {0, 0}, {2, 3});
  EXPECT_EQ(v, (std::vector<std::int32_t>{-5, -13, -1, -1, -3, -11, -1, -1, -1, -9, -1, -1}));
}

TEST(Interpreter, StartsAtBeginAndStepsToEnd) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 1, strict, independent) {
  buffer v: int64, rank 1, write
  loop i0 step 3 {
    store v[0] = i0
  }
}
)");
  std::vector<std::int64_t> v(9, -1);
  Call{{v.data()}, {1}, {}}.run(kernel, {1}, {8});
  EXPECT_EQ(v, (std::vector<std::int64_t>{-1, 1, -1, -1, 4, -1, -1, 7, -1}));
  for (const auto& [begin, end] : {std::pair(3, 3), std::pair(5, 2)}) {
    std::vector<std::int64_t> untouched(9, -1);
    Call{{untouched.data()}, {1}, {}}.run(kernel, {begin}, {end});
    EXPECT_EQ(untouched, std::vector<std::int64_t>(9, -1));
  }
  // The last step does not overflow.
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  Call{{v.data()}, {0}, {}}.run(kernel, {last - 1}, {last});
  EXPECT_EQ(v[0], last - 1);
}

TEST(Interpreter, RunsCellsInTheOrderOfTheLoops) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 2, strict, sequential) {
  buffer v: int64, rank 2, read_write
  buffer counter: int64, rank 2, read_write
  loop i1 step 1 {
    loop i0 step 1 {
      let next.0: int64 = counter[0,0] + 1
      store v[0,0] = next.0
      store counter[0,0] = next.0
    }
  }
}
)");
  std::vector<std::int64_t> v(6, 0);
  std::int64_t counter = 0;
  Call{{v.data(), &counter}, {3, 1, 0, 0}, {}}.run(kernel, {0, 0}, {2, 3});
  EXPECT_EQ(v, (std::vector<std::int64_t>{1, 3, 5, 2, 4, 6}));
}

TEST(Interpreter, ReadsBeforeItWrites) {
  const ir::Kernel kernel = parsed(R"(kernel swap(rank 1, strict, independent) {
  buffer a: float32, rank 1, read_write
  buffer b: float32, rank 1, read_write
  loop i0 step 1 {
    let old.0: float32 = a[0]
    store a[0] = b[0]
    store b[0] = old.0
  }
}
)");
  std::vector<float> a{1, 2, 3};
  std::vector<float> b{4, 5, 6};
  Call{{a.data(), b.data()}, {1, 1}, {}}.run(kernel, {0}, {2});
  EXPECT_EQ(a, (std::vector<float>{4, 5, 3}));
  EXPECT_EQ(b, (std::vector<float>{1, 2, 6}));
}

TEST(Interpreter, TakesLoweredKernels) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 2, strict, independent) {
  buffer u: int16, rank 2, read
  buffer v: int16, rank 2, write
  let factor.0: int16 = 3i16
  loop i0 step 1 {
    let u_row.1: int64 = i0 * stride(u, 0)
    let v_row.2: int64 = i0 * stride(v, 0)
    loop i1 step 1 {
      let here.3: int16 = u@(u_row.1 + i1)
      store v@(v_row.2 + i1) = factor.0 * here.3 + u@(u_row.1 + (i1 + 1))
    }
  }
}
)");
  std::vector<std::int16_t> u{1, 2, 3, 4, 5, 6};
  std::vector<std::int16_t> v(4, 0);
  Call{{u.data(), v.data()}, {3, 1, 2, 1}, {}}.run(kernel, {0, 0}, {2, 2});
  EXPECT_EQ(v, (std::vector<std::int16_t>{5, 9, 17, 21}));
}

TEST(Interpreter, TakesEveryNonZeroByteForTrue) {
  const ir::Kernel kernel = parsed(R"(kernel test(rank 1, strict, independent) {
  buffer mask: bool, rank 1, read
  buffer copy: bool, rank 1, write
  scalar all: bool
  loop i0 step 1 {
    store copy[0] = mask[0] && $all
  }
}
)");
  std::vector<std::uint8_t> mask{0, 1, 2, 255};
  std::vector<std::uint8_t> copy(4, 77);
  const std::uint8_t all = 128;
  Call{{mask.data(), copy.data()}, {1, 1}, {&all}}.run(kernel, {0}, {4});
  EXPECT_EQ(copy, (std::vector<std::uint8_t>{0, 1, 1, 1}));
}

TEST(Interpreter, ComputesSharedExpressionsOnce) {
  // 2^200 nodes as a tree.
  ir::Kernel kernel = parsed(R"(kernel test(rank 1, strict, independent) {
  buffer v: uint64, rank 1, read_write
  loop i0 step 1 {
    store v[0] = v[0]
  }
}
)");
  auto& store = std::get<ir::Store>(std::get<ir::Loop>(kernel.body[0].kind).body[0].kind);
  for (int i = 0; i < 200; ++i) {
    store.value = ir::Expr({ir::Binary{ir::BinaryOp::multiply, store.value, store.value}, DType::uint64});
  }
  std::uint64_t v = 1;
  Call{{&v}, {1}, {}}.run(kernel, {0}, {1});
  EXPECT_EQ(v, 1U);
}

TEST(Interpreter, RunsInSeveralThreads) {
  const jit::Interpreter interpreter(parsed(R"(kernel test(rank 1, strict, independent) {
  buffer u: float64, rank 1, read
  buffer v: float64, rank 1, write
  loop i0 step 1 {
    let square.0: float64 = u[0] * u[0]
    store v[0] = square.0 + 1.0
  }
}
)"));
  std::vector<double> u(4000);
  std::iota(u.begin(), u.end(), 0);
  std::vector<double> v(u.size(), 0);
  std::vector<void*> data{u.data(), v.data()};
  const std::vector<std::int64_t> strides{1, 1};
  std::vector<std::thread> threads;
  for (std::int64_t part = 0; part < 4; ++part) {
    threads.emplace_back([&, part] {
      const CppstencilsKernelArguments arguments{data.data(), strides.data(), nullptr, nullptr};
      const std::int64_t begin = 1000 * part;
      const std::int64_t end = begin + 1000;
      interpreter.run(arguments, &begin, &end);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < u.size(); ++i) ASSERT_EQ(v[i], u[i] * u[i] + 1);
}

}  // namespace
}  // namespace cppstencils::testing
