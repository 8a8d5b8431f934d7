#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "measure.hpp"
#include "sections/sections.hpp"
#include "suite/models.hpp"

namespace bench {

namespace {

/// A kernel whose compile time is measured, and the largest one that the project accepts, in milliseconds.
struct Compiled {
  const char* name;
  int limit;
};

constexpr std::array<Compiled, 4> kernels{
    {{"2D 5-point", 5}, {"3D 7-point", 6}, {"3D 27-point", 8}, {"D3Q19 BGK", 18}}};

cs::AssignmentList build(std::string_view name) { return model(name).build(cs::DType::float64); }

std::string milliseconds(double seconds) { return fmt::format("{:.2f} ms", seconds * 1e3); }

Row row(const std::string& what, const std::vector<double>& times, const std::string& reach) {
  const Summary s = summary(times);
  return {what,  milliseconds(s.median), fmt::format("{:.2f} .. {:.2f}", s.least * 1e3, s.most * 1e3),
          reach, s.median * 1e3,         "ms"};
}

/// A fresh folder that is removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cppstencils-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("Cannot make a temporary folder.");
    path_ = pattern;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What `program arguments...` prints, as a number.
double number_printed_by(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("Cannot make a pipe.");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawn(&child, command[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) throw std::runtime_error("Cannot start a child process.");
  std::string text;
  std::array<char, 256> buffer{};
  for (ssize_t count; (count = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("The child process failed: " + text);
  return std::stod(text);
}

}  // namespace

int time_cached_compile(const std::string& name, const std::string& cache_directory) {
  const double time = seconds([&] {
    cs::LlvmJit jit({.cache = {.mode = cs::CacheMode::read_only, .directory = cache_directory}});
    const cs::CompiledKernel compiled = jit.compile(cs::create_kernel(build(name)));
    (void)compiled;
  });
  std::printf("%.3f\n", time * 1e6);
  return 0;
}

Tables compile_latency(const Effort& effort) {
  Table table("From assignments to callable");
  cs::LlvmJit llvm({.cache = cs::CacheOptions::off()});
  cs::LegacyCpuJitOptions host_options;
  host_options.cache = cs::CacheOptions::off();
  cs::LegacyCpuJit host(host_options);
  int serial = 0;
  for (const Compiled& kernel : kernels) {
    // A new function name makes a new kernel, so that nothing is found in memory.
    const auto compile_with = [&](cs::JitBase& jit) {
      (void)jit.compile(cs::create_kernel(build(kernel.name), {.function_name = fmt::format("k{}", ++serial)}));
    };
    std::vector<std::vector<double>> times(2);
    for (int round = 0; round < effort.compilations; ++round) {
      // What the other compiler's processes left in the processor's caches is not ours: warm up first.
      compile_with(llvm);
      times[0].push_back(seconds([&] { compile_with(llvm); }));
      if (round % 3 == 0) times[1].push_back(seconds([&] { compile_with(host); }));
    }
    const std::string name = kernel.name;
    table.add(row(name + ", LlvmJit, no cache", times[0], fmt::format("{} ms", kernel.limit)));
    table.add(row(name + ", LegacyCpuJit, no cache", times[1], ""));
    const double ratio = median(times[1]) / median(times[0]);
    table.add({name + ", LegacyCpuJit / LlvmJit", fmt::format("{:.0f} times", ratio), "", "30 times", ratio, "ratio"});
  }
  for (const Compiled& kernel : kernels) {
    const ScratchFolder folder;
    cs::LlvmJit filling({.cache = {.directory = folder.path()}});
    (void)filling.compile(cs::create_kernel(build(kernel.name)));
    std::vector<double> times;
    for (int round = 0; round < effort.compilations; ++round) {
      times.push_back(number_printed_by({"/proc/self/exe", "--cached", kernel.name, folder.path().string()}) * 1e-6);
    }
    table.add(row(fmt::format("{}, from the disk cache in a new process", kernel.name), times, "2 ms"));
  }
  const auto times = interleave({[] { (void)build("D3Q19 BGK"); }, [] { (void)cs::create_kernel(build("D3Q19 BGK")); }},
                                effort.compilations);
  table.add(row("D3Q19 from lattice to assignments", times[0], "5 ms"));
  table.add(row("D3Q19 from lattice to IR", times[1], ""));
  return {table};
}

}  // namespace bench
