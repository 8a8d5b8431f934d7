// LlvmJit as users see it: variants, lifetimes, cache, errors.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "cppstencils/cppstencils.hpp"
#include "emit/ir_to_llvm.hpp"
#include "jit/llvm/processor.hpp"
#include "support/cache_entry.hpp"
#include "support/cache_testing.hpp"
#include "support/smooth_kernel.hpp"

namespace cppstencils::testing {
namespace {

std::filesystem::path only_entry(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  for (const std::string& name : file_names(folder)) {
    if (support::is_entry_file_name(name)) entries.push_back(folder / name);
  }
  EXPECT_EQ(entries.size(), 1);
  return entries.empty() ? std::filesystem::path() : entries.front();
}

std::size_t entry_count(const std::filesystem::path& folder) {
  const std::vector<std::string> names = file_names(folder);
  return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), support::is_entry_file_name));
}

/// Puts other bytes under the key of an entry, as a valid entry.
void replace_payload(const std::filesystem::path& entry, std::span<const std::byte> payload) {
  const support::Bytes file = read_bytes(entry);
  const auto decoded = support::decode_entry(file);
  ASSERT_TRUE(decoded);
  write_bytes(entry, support::encode_entry(decoded->key, payload));
}

TEST(LlvmJit, RunsBothVariants) {
  LlvmJit jit({.cache = CacheOptions::off()});
  EXPECT_EQ(LlvmJit::unavailable_reason(), "");
  const auto executable = jit.build(smooth_kernel());
  EXPECT_EQ(run_smooth(*executable, InnerStride::unit), 1.0);
  EXPECT_EQ(run_smooth(*executable, InnerStride::any), 1.0);
  const auto entry = [&](InnerStride inner_stride) { return executable->entry_point({inner_stride}).function; };
  EXPECT_EQ(entry(InnerStride::unit), entry(InnerStride::unit));
  EXPECT_EQ(entry(InnerStride::any), entry(InnerStride::any));
  EXPECT_NE(entry(InnerStride::unit), entry(InnerStride::any));
}

TEST(LlvmJit, StreamingStoresAreAVariantOfUnitStrides) {
  LlvmJit jit({.cache = CacheOptions::off()});
  const auto executable = jit.build(smooth_kernel());
  EXPECT_EQ(run_smooth(*executable, InnerStride::unit, StorePolicy::streaming), 1.0);
  EXPECT_EQ(run_smooth(*executable, InnerStride::any, StorePolicy::streaming), 1.0);
  const auto entry = [](Executable& code, InnerStride inner_stride, StorePolicy stores) {
    return code.entry_point({inner_stride, stores}).function;
  };
  const auto streaming = entry(*executable, InnerStride::unit, StorePolicy::streaming);
  EXPECT_EQ(entry(*executable, InnerStride::unit, StorePolicy::streaming), streaming);
  EXPECT_EQ(entry(*executable, InnerStride::any, StorePolicy::streaming),
            entry(*executable, InnerStride::any, StorePolicy::cached));
  // Vectors of 16 bytes fill no lines: there is nothing to compile.
  const auto narrow = jit.build(smooth_kernel(0.25, "smooth", "x86-64"));
  EXPECT_EQ(entry(*narrow, InnerStride::unit, StorePolicy::streaming),
            entry(*narrow, InnerStride::unit, StorePolicy::cached));
  if (jit::find_processor("native").vectors.streaming_access == emit::StreamingAccess::none) GTEST_SKIP();
  EXPECT_NE(entry(*executable, InnerStride::unit, StorePolicy::cached), streaming);
}

TEST(LlvmJit, KernelsOutliveIt) {
  auto jit = std::make_unique<LlvmJit>(LlvmJitOptions{.cache = CacheOptions::off()});
  const auto executable = jit->build(smooth_kernel(0.5));
  jit.reset();
  EXPECT_EQ(run_smooth(*executable, InnerStride::unit), 2.0);
  // Compiles now.
  EXPECT_EQ(run_smooth(*executable, InnerStride::any), 2.0);
}

TEST(LlvmJit, SharesKernelsThatAreAlive) {
  LlvmJit jit({.cache = CacheOptions::off()});
  const auto function = [](Executable& executable) { return executable.entry_point({InnerStride::unit}).function; };
  const auto one = jit.build(smooth_kernel());
  const auto same = jit.build(smooth_kernel());
  const auto other = jit.build(smooth_kernel(0.5));
  EXPECT_EQ(function(*one), function(*same));
  EXPECT_NE(function(*one), function(*other));
}

TEST(LlvmJit, UsesTheProcessorOfTheConfiguration) {
  LlvmJit jit({.cache = CacheOptions::off()});
  EXPECT_EQ(run_smooth(*jit.build(smooth_kernel(0.25, "smooth", "x86-64")), InnerStride::unit), 1.0);
  try {
    jit.build(smooth_kernel(0.25, "smooth", "pdp11"));
    ADD_FAILURE() << "No error.";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.message(), "Processor 'pdp11' is not known.");
    EXPECT_EQ(error.notes(), std::vector<std::string>{"While compiling kernel 'smooth' with LlvmJit."});
  }
}

KernelFunction smooth_with(const CpuOptions& options) {
  const auto [u, v] = fields<2>("u, v: double[2D]");
  return create_kernel(assign(v(0, 0), (u(1, 0) + u(-1, 0) + u(0, 1) + u(0, -1)) * 0.25),
                       {.function_name = "smooth", .cpu = options});
}

TEST(LlvmJit, UsesTheVectorsOfTheConfiguration) {
  const TemporaryFolder folder;
  LlvmJit jit({.cache = {.directory = folder.path()}});
  std::size_t entries = 0;
  for (const int bytes : {0, 16, 32}) {
    if (bytes > jit::find_processor("native").vectors.vector_bytes) break;
    for (const int unroll : {1, 2, 8}) {
      const auto code = jit.build(smooth_with({.vector_bytes = bytes, .unroll = unroll}));
      EXPECT_EQ(run_smooth(*code, InnerStride::unit), 1.0);
      EXPECT_EQ(entry_count(folder.path()), ++entries) << "each is an entry of its own";
      const CodeDescription description = code->describe({InnerStride::unit});
      EXPECT_EQ(description.lanes, bytes == 0 ? 1 : bytes / 8);
      const std::string reason =
          bytes == 0 ? "One cell at a time, as 'cpu.vector_bytes' asks."
                     : fmt::format(
                           "Vectors of {} bytes, for values of 8 bytes. 'cpu.vector_bytes' asks for them. So "
                           "many at once: {}, as 'cpu.unroll' asks.",
                           bytes, unroll);
      EXPECT_EQ(description.reason, reason);
    }
  }
}

TEST(LlvmJit, TakesKernelsFromTheCache) {
  const TemporaryFolder folder;
  const CacheOptions options{.directory = folder.path()};
  EXPECT_EQ(run_smooth(*LlvmJit({.cache = options}).build(smooth_kernel(0.25)), InnerStride::unit), 1.0);
  const std::filesystem::path entry = only_entry(folder.path());
  const support::Bytes quarter = read_bytes(entry);
  const auto decoded = support::decode_entry(quarter);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->key.starts_with("LlvmJit smooth unit\n")) << decoded->key;

  // An entry with the object of another kernel shows that nothing is compiled.
  const TemporaryFolder other;
  LlvmJit({.cache = {.directory = other.path()}}).build(smooth_kernel(0.5));
  const support::Bytes half = read_bytes(only_entry(other.path()));
  replace_payload(entry, support::decode_entry(half)->payload);
  EXPECT_EQ(run_smooth(*LlvmJit({.cache = options}).build(smooth_kernel(0.25)), InnerStride::unit), 2.0);

  // The other variant has its own entry, and every option is part of the key.
  const auto executable = LlvmJit({.cache = options}).build(smooth_kernel(0.25));
  EXPECT_EQ(entry_count(folder.path()), 1);
  EXPECT_EQ(run_smooth(*executable, InnerStride::any), 1.0);
  EXPECT_EQ(entry_count(folder.path()), 2);
  LlvmJit({.cache = options}).build(smooth_kernel(0.25, "smooth", "x86-64"));
  EXPECT_EQ(entry_count(folder.path()), 3);
  LlvmJit({.cache = options}).build(smooth_kernel(0.25, "other"));
  EXPECT_EQ(entry_count(folder.path()), 4);
  if (jit::find_processor("native").vectors.streaming_access == emit::StreamingAccess::none) return;
  for (int round = 0; round < 2; ++round) {
    const auto fresh = LlvmJit({.cache = options}).build(smooth_kernel(0.25));
    EXPECT_EQ(run_smooth(*fresh, InnerStride::unit, StorePolicy::streaming), 1.0);
    EXPECT_EQ(entry_count(folder.path()), 5);
  }
}

TEST(LlvmJit, CompilesWhenACachedObjectCannotBeLinked) {
  const TemporaryFolder folder;
  Warnings warnings;
  const CacheOptions options{.directory = folder.path(), .on_warning = warnings.handler()};
  LlvmJit({.cache = options}).build(smooth_kernel());
  const std::filesystem::path entry = only_entry(folder.path());
  const support::Bytes good = read_bytes(entry);
  const auto decoded = support::decode_entry(good);
  ASSERT_TRUE(decoded);

  std::vector<support::Bytes> bad_payloads{{}, support::Bytes(500, std::byte{1})};
  for (const std::size_t size : {decoded->payload.size() / 2, decoded->payload.size() - 64}) {
    bad_payloads.emplace_back(decoded->payload.begin(), decoded->payload.begin() + static_cast<std::ptrdiff_t>(size));
  }
  for (const support::Bytes& payload : bad_payloads) {
    replace_payload(entry, payload);
    EXPECT_EQ(run_smooth(*LlvmJit({.cache = options}).build(smooth_kernel()), InnerStride::unit), 1.0);
    EXPECT_EQ(read_bytes(entry), good);  // the object is deterministic, and stored again
  }

  // Damage to the file itself is the cache's business; the result is the same.
  support::Bytes damaged = good;
  damaged[damaged.size() / 2] ^= std::byte{1};
  write_bytes(entry, damaged);
  EXPECT_EQ(run_smooth(*LlvmJit({.cache = options}).build(smooth_kernel()), InnerStride::unit), 1.0);
  EXPECT_EQ(read_bytes(entry), good);
}

TEST(LlvmJit, KeysAreTheSameInEveryProcess) {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run_in_child([&] {
                // Another order of work must not matter.
                LlvmJit jit({.cache = {.directory = folder.path()}});
                if (i == 1) LlvmJit({.cache = CacheOptions::off()}).build(smooth_kernel(0.125, "first"));
                return run_smooth(*jit.build(smooth_kernel()), InnerStride::unit) == 1.0 ? 0 : 1;
              }),
              0);
  }
  EXPECT_EQ(entry_count(folder.path()), 1);
}

TEST(NoJit, IsReadyToUse) {
  ASSERT_NE(no_jit, nullptr);
  CreateKernelConfig config;
  config.jit = no_jit;
  const Field u("u", 1);
  const Field v("v", 1);
  const KernelFunction kernel = create_kernel(assign(v(0), u(0)), config);
  EXPECT_THROW(kernel.compile(), UnsupportedError);
  EXPECT_FALSE(kernel.ir().empty());
}

}  // namespace
}  // namespace cppstencils::testing
