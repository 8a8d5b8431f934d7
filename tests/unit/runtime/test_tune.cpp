// Calls that are tuned, and calls that use what was saved, with code that only says which options it was built for.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "support/expect_error.hpp"

namespace cppstencils::testing {
namespace {

/// What a JIT has been asked.
struct Asked {
  std::mutex mutex;
  /// One per call: the options that its code was built for.
  std::vector<CpuOptions> calls;
  std::vector<std::string> keys_loaded;
  std::map<std::string, std::string> saved;
  /// What is found under every key.
  std::optional<std::string> text;
};

/// Code that touches no array.
class TunableExecutable final : public Executable, public TuningSupport {
 public:
  TunableExecutable(const KernelFunction& kernel, std::shared_ptr<Asked> asked)
      : options_(kernel.config().cpu), asked_(std::move(asked)) {}

  EntryPoint entry_point(Variant) override { return {&TunableExecutable::run, this}; }
  CodeDescription describe(Variant) const override { return {"", 8, ""}; }
  TuningSupport* tuning_support() override { return this; }

  std::vector<int> vector_sizes() const override { return {64, 32, 16}; }
  std::shared_ptr<Executable> build(const KernelFunction& kernel) override {
    return std::make_shared<TunableExecutable>(kernel, asked_);
  }
  std::string identity() const override { return "test"; }
  std::optional<std::string> load(const std::string& key) override {
    const std::lock_guard lock(asked_->mutex);
    asked_->keys_loaded.push_back(key);
    return asked_->text;
  }
  bool save(const std::string& key, const std::string& text) override {
    const std::lock_guard lock(asked_->mutex);
    asked_->saved[key] = text;
    return true;
  }

 private:
  static std::int32_t run(const CppstencilsKernelArguments* arguments, const std::int64_t*, const std::int64_t*) {
    const auto& self = *static_cast<const TunableExecutable*>(arguments->context);
    const std::lock_guard lock(self.asked_->mutex);
    self.asked_->calls.push_back(self.options_);
    return 0;
  }

  CpuOptions options_;
  std::shared_ptr<Asked> asked_;
};

class Tune : public ::testing::Test {
 protected:
  static KernelFunction heat(const CpuOptions& cpu = {}) {
    const auto [u, v] = fields<2>("u, v: double[3D]");
    CreateKernelConfig config{.function_name = "heat"};
    config.cpu = cpu;
    return create_kernel(assign(v(0, 0, 0), u(1, 0, 0) + u(-1, 0, 0) + u(0, 1, 0) + u(0, 0, 1)), config);
  }
  static CpuOptions saved() {
    CpuOptions options;
    options.tuning = Tuning::saved;
    return options;
  }
  CompiledKernel compiled(const CpuOptions& cpu = {}) const {
    const KernelFunction kernel = heat(cpu);
    return {kernel, std::static_pointer_cast<Executable>(std::make_shared<TunableExecutable>(kernel, asked_))};
  }
  std::optional<int> last_unroll() const { return asked_->calls.empty() ? std::nullopt : asked_->calls.back().unroll; }

  std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
  Array<double> u_{{20, 20, 40}};
  Array<double> v_{{20, 20, 40}};
};

/// Short: what is measured does not matter here.
const TuneOptions brief{.seconds = 0.02};

TEST_F(Tune, SavedChoicesAreUsedByCallsOfTheirSize) {
  asked_->text = "unroll = 2\n";
  const CompiledKernel kernel = compiled(saved());
  kernel({{"u", u_}, {"v", v_}});
  EXPECT_EQ(last_unroll(), 2);
  kernel({{"u", u_}, {"v", v_}});
  kernel.bind({{"u", u_}, {"v", v_}})();
  EXPECT_EQ(asked_->calls.size(), 3U);
  EXPECT_EQ(last_unroll(), 2);
  EXPECT_EQ(asked_->keys_loaded.size(), 1U) << "Asked once per size.";
  asked_->text = std::nullopt;
  Array<double> large_u({40, 20, 40});
  Array<double> large_v({40, 20, 40});
  kernel({{"u", large_u}, {"v", large_v}});
  EXPECT_EQ(last_unroll(), std::nullopt);
  ASSERT_EQ(asked_->keys_loaded.size(), 2U);
  EXPECT_NE(asked_->keys_loaded[0], asked_->keys_loaded[1]);
  EXPECT_EQ(asked_->keys_loaded[0].substr(0, asked_->keys_loaded[0].find('\n')),
            "Tuning heat from 2^13 cells in rows from 2^5, unit stride");
}

TEST_F(Tune, NothingIsLookedForUnlessAsked) {
  asked_->text = "unroll = 2\n";
  compiled()({{"u", u_}, {"v", v_}});
  EXPECT_TRUE(asked_->keys_loaded.empty());
  EXPECT_EQ(last_unroll(), std::nullopt);
}

TEST_F(Tune, DamagedAndImpossibleChoicesAreNotUsed) {
  for (const char* text : {"", "unroll = 2", "speed = 9\n", "unroll = 3\n", "vector_bytes = -1\n"}) {
    SCOPED_TRACE(text);
    asked_->text = text;
    asked_->calls.clear();
    compiled(saved())({{"u", u_}, {"v", v_}});
    ASSERT_EQ(asked_->calls.size(), 1U);
    EXPECT_EQ(asked_->calls.back().unroll, std::nullopt);
    EXPECT_EQ(asked_->calls.back().vector_bytes, std::nullopt);
  }
}

TEST_F(Tune, WhatItChoosesIsSavedWhereCallsLook) {
  const TunedKernel tuned = compiled(saved()).bind({{"u", u_}, {"v", v_}}).tune(brief);
  ASSERT_EQ(asked_->saved.size(), 1U);
  ASSERT_EQ(asked_->keys_loaded.size(), 1U);
  EXPECT_EQ(asked_->saved.begin()->first, asked_->keys_loaded.front());
  EXPECT_EQ(tuned.report.kernel, "heat");
  EXPECT_EQ(tuned.report.cells, 18 * 18 * 38);
  EXPECT_EQ(tuned.report.measured_cells, tuned.report.cells);
  EXPECT_GT(tuned.report.seconds, 0);
  // The key does not depend on whether calls look for it.
  compiled().bind({{"u", u_}, {"v", v_}}).tune(brief);
  EXPECT_EQ(asked_->saved.size(), 1U);
}

TEST_F(Tune, SavedChoicesDoNotCountWhereOneIsSought) {
  asked_->text = "unroll = 2\n";
  const BoundKernel bound = compiled(saved()).bind({{"u", u_}, {"v", v_}});
  const TunedKernel tuned = bound.tune({.seconds = 1, .least_gain = 0.99});
  EXPECT_EQ(tuned.report.chosen, TuningChoice()) << "Nothing is a hundred times as fast.";
  ASSERT_FALSE(tuned.report.candidates.empty());
  EXPECT_EQ(tuned.report.candidates.front().choice, TuningChoice());
  asked_->calls.clear();
  tuned.call();
  tuned.kernel({{"u", u_}, {"v", v_}});
  ASSERT_EQ(asked_->calls.size(), 2U);
  EXPECT_EQ(asked_->calls[0].unroll, std::nullopt);
  EXPECT_EQ(asked_->calls[1].unroll, std::nullopt);
  EXPECT_EQ(asked_->saved.begin()->second, "") << "That the own choice is best is worth saving, too.";
}

TEST_F(Tune, PinnedOptionsStay) {
  CpuOptions pinned;
  pinned.streaming_stores = StreamingStores::never;
  pinned.block_rows = 4;
  pinned.vector_bytes = 16;
  pinned.unroll = 8;
  pinned.threads = 1;
  const TunedKernel tuned = compiled(pinned).bind({{"u", u_}, {"v", v_}}).tune(brief);
  EXPECT_TRUE(tuned.report.candidates.empty());
  EXPECT_EQ(tuned.report.chosen, TuningChoice());
  for (const CpuOptions& options : asked_->calls) EXPECT_EQ(options.unroll, 8);
  pinned.unroll = std::nullopt;
  for (const TuningCandidate& candidate :
       compiled(pinned).bind({{"u", u_}, {"v", v_}}).tune({.seconds = 1}).report.candidates) {
    TuningChoice choice = candidate.choice;
    choice.unroll = std::nullopt;
    EXPECT_EQ(choice, TuningChoice());
  }
}

TEST_F(Tune, ACallWithoutCellsHasNothingToTune) {
  Array<double> small({2, 2, 2});
  Array<double> other({2, 2, 2});
  const TunedKernel tuned = compiled(saved()).bind({{"u", small}, {"v", other}}).tune();
  ASSERT_EQ(tuned.report.notes.size(), 1U);
  EXPECT_EQ(tuned.report.notes.front(), "There is no cell to update.");
  tuned.call();
  EXPECT_TRUE(asked_->calls.empty());
  EXPECT_TRUE(asked_->saved.empty());
}

TEST_F(Tune, OptionsThatMakeNoSenseAreRefused) {
  const BoundKernel bound = compiled().bind({{"u", u_}, {"v", v_}});
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [&] { bound.tune({.seconds = -1}); },
      "error[invalid-config]: Kernel 'heat' cannot be tuned for -1 s with a least gain of 0.03.\n"
      "  hint: Give a time from 0, and a gain from 0 and less than 1.\n");
  expect_error<ConfigError>(
      ErrorCode::invalid_config, [&] { bound.tune({.least_gain = 1}); },
      "error[invalid-config]: Kernel 'heat' cannot be tuned for 0.5 s with a least gain of 1.\n"
      "  hint: Give a time from 0, and a gain from 0 and less than 1.\n");
  EXPECT_TRUE(asked_->calls.empty());
}

}  // namespace
}  // namespace cppstencils::testing
