#include <thread>

#include <gtest/gtest.h>

#include "kernels.hpp"

namespace cppstencils {
namespace {

TEST(Determinism, TheSameTextTwice) {
  EXPECT_EQ(testing::all_texts(testing::sample_kernels()), testing::all_texts(testing::sample_kernels()));
}

TEST(Determinism, TheSameTextFromEightThreads) {
  const std::string expected = testing::all_texts(testing::sample_kernels());
  std::vector<std::string> texts(8);
  std::vector<std::thread> threads;
  for (std::string& text : texts) {
    threads.emplace_back([&text] { text = testing::all_texts(testing::sample_kernels()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, expected);
}

// One kernel object, printed by many threads at once.
TEST(Determinism, SharedKernelsPrintTheSame) {
  const std::vector<KernelFunction> kernels = testing::sample_kernels();
  const std::string expected = testing::all_texts(kernels);
  std::vector<std::string> texts(8);
  std::vector<std::thread> threads;
  for (std::string& text : texts) threads.emplace_back([&] { text = testing::all_texts(kernels); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace cppstencils
