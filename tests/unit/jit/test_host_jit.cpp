#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "cppstencils/cppstencils.hpp"
#include "jit/host/host_engine.hpp"
#include "support/host_testing.hpp"

namespace cppstencils::testing {
namespace {

/// v = factor * u, on one row.
KernelFunction scale_kernel(int factor, const std::string& name = "scale", const std::string& processor = "native") {
  const Field u("u", 1);
  const Field v("v", 1);
  CreateKernelConfig config;
  config.function_name = name;
  config.cpu.processor = processor;
  return create_kernel(assign(v(0), u(0) * factor), config);
}

/// What the code makes of 2.
double run_scale(Executable& executable, InnerStride stride = InnerStride::unit) {
  double u = 2;
  double v = 0;
  void* const data[] = {&u, &v};
  const std::int64_t strides[] = {1, 1};
  const CppstencilsKernelArguments arguments{data, strides, nullptr, nullptr};
  const std::int64_t begin = 0;
  const std::int64_t end = 1;
  EXPECT_EQ(executable.entry_point({stride}).function(&arguments, &begin, &end), 0);
  return v;
}

ArrayView<double> row(std::vector<double>& values) {
  return {values.data(), {static_cast<std::int64_t>(values.size())}};
}

class HostJit : public ::testing::Test {
 protected:
  LegacyCpuJitOptions options() {
    LegacyCpuJitOptions result;
    result.optimization = "-O1";
    result.cache.directory = folder.path() / "cache";
    result.cache.on_warning = warnings.handler();
    return result;
  }
  /// A compiler that counts its calls and hands them on.
  std::string counting_compiler() {
    return write_compiler(folder.path(), "counting",
                          "echo x >> " + (folder.path() / "calls").string() + "\nexec g++ \"$@\"");
  }
  std::size_t calls() const {
    std::ifstream file(folder.path() / "calls");
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), 'x'));
  }
  LegacyCpuJitOptions counting_options() {
    LegacyCpuJitOptions result = options();
    result.compiler = counting_compiler();
    return result;
  }

  TemporaryFolder folder;
  Warnings warnings;
};

TEST_F(HostJit, BothVariantsRun) {
  LegacyCpuJit jit(options());
  const std::shared_ptr<Executable> code = jit.build(scale_kernel(3));
  EXPECT_EQ(run_scale(*code, InnerStride::unit), 6);
  EXPECT_EQ(run_scale(*code, InnerStride::any), 6);
  EXPECT_NE(code->entry_point({InnerStride::unit}).function, code->entry_point({InnerStride::any}).function);
  EXPECT_EQ(warnings.text(), "");
}

TEST_F(HostJit, CodeOutlivesTheJit) {
  std::shared_ptr<Executable> code;
  {
    LegacyCpuJit jit(options());
    code = jit.build(scale_kernel(3));
  }
  EXPECT_EQ(run_scale(*code), 6);
}

TEST_F(HostJit, CompilerIsAnAbsolutePath) {
  EXPECT_EQ(LegacyCpuJit(options()).compiler().front(), '/');
  LegacyCpuJitOptions named = options();
  named.compiler = write_compiler(folder.path(), "mine", "exit 1");
  EXPECT_EQ(LegacyCpuJit(named).compiler(), named.compiler);
}

TEST_F(HostJit, KernelsInUseAreShared) {
  LegacyCpuJit jit(counting_options());
  const std::shared_ptr<Executable> one = jit.build(scale_kernel(3));
  const std::shared_ptr<Executable> two = jit.build(scale_kernel(3));
  EXPECT_EQ(one, two);
  EXPECT_NE(jit.build(scale_kernel(4)), one);
  EXPECT_EQ(calls(), 2U);
}

TEST_F(HostJit, TheNextProcessFindsTheCodeInTheCache) {
  const LegacyCpuJitOptions counting = counting_options();
  run_scale(*LegacyCpuJit(counting).build(scale_kernel(3)));
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(run_in_child([&] { return run_scale(*LegacyCpuJit(counting).build(scale_kernel(3))) == 6 ? 0 : 1; }), 0);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(run_scale(*LegacyCpuJit(counting).build(scale_kernel(5))), 10);
  EXPECT_EQ(calls(), 2U);
}

TEST_F(HostJit, WithoutCacheNothingIsWritten) {
  LegacyCpuJitOptions counting = counting_options();
  counting.cache.mode = CacheMode::off;
  run_scale(*LegacyCpuJit(counting).build(scale_kernel(3)));
  run_scale(*LegacyCpuJit(counting).build(scale_kernel(3)));
  EXPECT_EQ(calls(), 2U);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "cache"));
}

TEST_F(HostJit, CachedBytesThatDoNotLoadAreAMiss) {
  const LegacyCpuJitOptions counting = counting_options();
  const KernelFunction kernel = scale_kernel(3);
  {
    // A valid entry under the right key whose payload is no shared object.
    jit::HostEngine engine(counting);
    support::FileCache cache(counting.cache);
    const support::Bytes nonsense(1000);
    ASSERT_TRUE(cache.store(engine.key(kernel.name(), kernel.source(), "native"), nonsense));
  }
  EXPECT_EQ(run_scale(*LegacyCpuJit(counting).build(kernel)), 6);
  EXPECT_EQ(calls(), 1U);
  EXPECT_EQ(run_scale(*LegacyCpuJit(counting).build(kernel)), 6);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(HostJit, WhatIsCompiledIsTheSourceThatTheKernelShows) {
  const LegacyCpuJitOptions counting = counting_options();
  const KernelFunction kernel = scale_kernel(3);
  {
    // Other code under the key of this source: whoever finds it has asked with the same text.
    jit::HostEngine engine(counting);
    support::FileCache cache(counting.cache);
    const std::vector<std::byte> other = engine.compiler().compile(scale_kernel(5).source(), "native");
    ASSERT_TRUE(cache.store(engine.key(kernel.name(), kernel.source(), "native"), other));
  }
  EXPECT_EQ(run_scale(*LegacyCpuJit(counting).build(kernel)), 10);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(HostJit, ACacheFolderThatCannotBeUsedIsAWarning) {
  LegacyCpuJitOptions broken = options();
  broken.cache.directory = "/proc/nothing";
  EXPECT_EQ(run_scale(*LegacyCpuJit(broken).build(scale_kernel(3))), 6);
  EXPECT_LE(warnings.count(), 1U);
}

TEST_F(HostJit, RunsWhereMemoryFilesCannotBeLoaded) {
  jit::HostEngine engine(options(), {.routes = {jit::SharedObject::Route::file}});
  const KernelFunction kernel = scale_kernel(3);
  EXPECT_EQ(run_scale(*engine.build(kernel.name(), kernel.source(), "native")), 6);
}

TEST_F(HostJit, RunsWhereTheTemporaryFolderCannotBeUsed) {
  const ScopedVariable variable("TMPDIR", "/proc/nothing");
  EXPECT_EQ(run_scale(*LegacyCpuJit(options()).build(scale_kernel(3))), 6);
}

TEST_F(HostJit, VariablesOfTheUserDoNotReachTheCompiler) {
  // A folder in CPATH whose headers would be seen only if something were included, and flags that Clang takes from
  // the environment; the file below would make the build fail if it were read.
  const ScopedVariable a("CPATH", folder.path().string());
  const ScopedVariable b("GCC_EXEC_PREFIX", "/nonexistent/");
  const ScopedVariable c("COMPILER_PATH", "/nonexistent/");
  const ScopedVariable d("LD_PRELOAD", "/nonexistent/evil.so");
  const ScopedVariable e("CCC_OVERRIDE_OPTIONS", "# +-fsyntax-only");
  EXPECT_EQ(run_scale(*LegacyCpuJit(options()).build(scale_kernel(3))), 6);
  if (std::filesystem::exists("/usr/bin/clang++")) {
    LegacyCpuJitOptions clang = options();
    clang.compiler = "clang++";
    EXPECT_EQ(run_scale(*LegacyCpuJit(clang).build(scale_kernel(3))), 6);
  }
}

TEST_F(HostJit, KeyHoldsEverythingThatDecidesTheCode) {
  const std::string compiler = write_compiler(folder.path(), "one", "exit 1");
  const auto key_with = [&](const std::function<void(LegacyCpuJitOptions&)>& change,
                            const std::string& processor_identity = "this machine", int factor = 3,
                            const std::string& name = "scale", const std::string& processor = "native") {
    LegacyCpuJitOptions changed = options();
    changed.compiler = compiler;
    change(changed);
    jit::HostEngine engine(changed, {.processor_identity = processor_identity});
    const KernelFunction kernel = scale_kernel(factor, name, processor);
    return engine.key(kernel.name(), kernel.source(), processor);
  };
  const auto nothing = [](LegacyCpuJitOptions&) {};
  std::vector<std::string> keys{
      key_with(nothing),
      key_with([](LegacyCpuJitOptions& o) { o.optimization = "-O2"; }),
      key_with([](LegacyCpuJitOptions& o) { o.flags = {"-g"}; }),
      key_with([](LegacyCpuJitOptions& o) {
        o.flags = {"-g", "-w"};
      }),
      key_with([&](LegacyCpuJitOptions& o) { o.compiler = write_compiler(folder.path(), "two", "exit 1"); }),
      key_with(nothing, "another machine"),
      key_with(nothing, "this machine", 4),
      key_with(nothing, "this machine", 3, "other"),
      key_with(nothing, "this machine", 3, "scale", "x86-64-v2"),
      key_with(nothing, "this machine", 3, "scale", "x86-64-v3"),
  };
  // Time limit and cache folder do not.
  EXPECT_EQ(key_with([&](LegacyCpuJitOptions& o) {
              o.time_limit = std::chrono::seconds(7);
              o.cache.directory = folder.path() / "elsewhere";
            }),
            keys.front());
  // Code for a named processor is the same on every machine, unless a flag says "native" again.
  EXPECT_EQ(key_with(nothing, "another machine", 3, "scale", "x86-64-v2"), keys[8]);
  const auto tuned = [](LegacyCpuJitOptions& o) { o.flags = {"-mtune=native"}; };
  EXPECT_NE(key_with(tuned, "this machine", 3, "scale", "x86-64-v2"),
            key_with(tuned, "another machine", 3, "scale", "x86-64-v2"));
  write_script(folder.path(), "one", "echo another version");
  keys.push_back(key_with(nothing));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
  for (const std::string& key : keys) EXPECT_TRUE(key.starts_with("LegacyCpuJit ")) << key;
}

TEST_F(HostJit, KeyIsTheSameInEveryProcess) {
  const KernelFunction kernel = scale_kernel(3);
  const std::string key = jit::HostEngine(options()).key(kernel.name(), kernel.source(), "native");
  EXPECT_EQ(run_in_child([&] {
              const ScopedVariable locale("LC_ALL", "C.UTF-8");
              const ScopedVariable temporary("TMPDIR", folder.path().string());
              return jit::HostEngine(options()).key(kernel.name(), kernel.source(), "native") == key ? 0 : 1;
            }),
            0);
}

TEST_F(HostJit, OneCompilerCallForManyThreads) {
  LegacyCpuJit jit(counting_options());
  std::vector<std::shared_ptr<Executable>> codes(8);
  std::vector<std::thread> threads;
  for (std::shared_ptr<Executable>& code : codes) {
    threads.emplace_back([&] { code = jit.build(scale_kernel(3)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::shared_ptr<Executable>& code : codes) EXPECT_EQ(code, codes.front());
  EXPECT_EQ(calls(), 1U);
}

TEST_F(HostJit, ManyThreadsCompileDifferentKernels) {
  LegacyCpuJit jit(options());
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 2; ++j) {
        const int factor = 2 * i + j + 2;
        if (run_scale(*jit.build(scale_kernel(factor))) == 2.0 * factor) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 16);
}

TEST_F(HostJit, ThreadsShareAFailure) {
  LegacyCpuJitOptions failing = options();
  failing.compiler = write_compiler(folder.path(), "failing", "sleep 0.3; exit 1");
  LegacyCpuJit jit(failing);
  std::atomic<int> errors = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        jit.build(scale_kernel(3));
      } catch (const CompileError& error) {
        if (std::string(error.what()).find("While compiling kernel 'scale'.") != std::string::npos) ++errors;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(errors, 4);
}

TEST_F(HostJit, WorksInAChildOfFork) {
  LegacyCpuJit jit(options());
  const std::shared_ptr<Executable> code = jit.build(scale_kernel(3));
  EXPECT_EQ(run_in_child([&] {
              EXPECT_EQ(run_scale(*code), 6);
              EXPECT_EQ(run_scale(*jit.build(scale_kernel(3))), 6);
              EXPECT_EQ(run_scale(*jit.build(scale_kernel(7))), 14);
              return 0;
            }),
            0);
}

TEST_F(HostJit, LeavesTheProcessAsItWas) {
  { LegacyCpuJit(options()).build(scale_kernel(2)); }
  const std::size_t descriptors = open_descriptors();
  sigset_t mask_before;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  std::fenv_t environment_before;
  std::fegetenv(&environment_before);
  const std::filesystem::path working_folder = std::filesystem::current_path();

  { run_scale(*LegacyCpuJit(options()).build(scale_kernel(9))); }

  EXPECT_EQ(open_descriptors(), descriptors);
  sigset_t mask_after;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(sigismember(&mask_before, signal), sigismember(&mask_after, signal));
  }
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  EXPECT_EQ(std::filesystem::current_path(), working_folder);
  volatile double tiny = 5e-324;
  EXPECT_GT(tiny * 1.0, 0.0);
}

TEST_F(HostJit, CompilesThroughTheConfiguration) {
  const Field u("u", 1);
  const Field v("v", 1);
  CreateKernelConfig config;
  config.jit = std::make_shared<LegacyCpuJit>(options());
  const CompiledKernel kernel = create_kernel(assign(v(0), u(0) + 1), config).compile();
  std::vector<double> in{1, 2, 3};
  std::vector<double> out(3);
  kernel({{"u", row(in)}, {"v", row(out)}});
  EXPECT_EQ(out, (std::vector<double>{2, 3, 4}));
}

TEST_F(HostJit, EveryLevelOfOptimizationGivesTheSameBits) {
  const Field u("u", 1);
  const Field v("v", 1);
  const KernelFunction kernel =
      create_kernel(assign(v(0), sqrt(u(1) * u(1) + 0.1 * u(-1)) / 3 + sin(u(0)) * 0.7), CreateKernelConfig());
  std::vector<double> in(50);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = 0.37 * static_cast<double>(i) - 3;
  std::vector<std::vector<double>> results;
  for (const char* level : {"-O0", "-O1", "-O2", "-O3", "-Os"}) {
    LegacyCpuJitOptions chosen = options();
    chosen.optimization = level;
    std::vector<double> out(in.size());
    LegacyCpuJit(chosen).compile(kernel)({{"u", row(in)}, {"v", row(out)}});
    for (double& value : out) {
      if (value != value) value = -1;
    }
    results.push_back(std::move(out));
  }
  for (const std::vector<double>& result : results) EXPECT_EQ(result, results.front());
}

}  // namespace
}  // namespace cppstencils::testing
