#include "jit/cuda/nvrtc.hpp"

#include <locale.h>
#include <clocale>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cppstencils/support/error.hpp"
#include "emit/ir_to_device.hpp"
#include "jit/cuda/nvrtc_functions.hpp"
#include "jit/cuda/nvrtc_search.hpp"

namespace cppstencils::jit {
namespace {

/// Some versions leave another locale behind in the thread that compiles.
class LocaleOfTheCaller {
 public:
  LocaleOfTheCaller() : before_(::uselocale(locale_t{})) {}
  LocaleOfTheCaller(const LocaleOfTheCaller&) = delete;
  LocaleOfTheCaller& operator=(const LocaleOfTheCaller&) = delete;
  ~LocaleOfTheCaller() { ::uselocale(before_); }

 private:
  locale_t before_;
};

/// Gives a program back.
class Program {
 public:
  Program(NvrtcProgram program, int (*destroy)(NvrtcProgram*)) : program_(program), destroy_(destroy) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { destroy_(&program_); }
  NvrtcProgram get() const { return program_; }

 private:
  NvrtcProgram program_;
  int (*destroy_)(NvrtcProgram*);
};

/// Options that save time and change no code. Older versions know none of them.
constexpr std::array<std::string_view, 2> time_savers = {"-minimal", "-no-cache"};

bool saves_time(const std::string& option) { return std::ranges::find(time_savers, option) != time_savers.end(); }

/// The numbers in "name(12)" or "name:12:" at the start of the lines of a log.
std::vector<std::size_t> lines_named_in(std::string_view log, std::string_view name) {
  std::vector<std::size_t> lines;
  while (!log.empty()) {
    std::string_view row = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(row.size() + 1, log.size()));
    if (!row.starts_with(name)) continue;
    row.remove_prefix(name.size());
    if (!row.starts_with('(') && !row.starts_with(':')) continue;
    std::size_t line = 0;
    const char* const digits = row.data() + 1;
    if (std::from_chars(digits, row.data() + row.size(), line).ec != std::errc()) continue;
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

std::string numbered_lines(std::string_view text, const std::vector<std::size_t>& wanted) {
  constexpr std::size_t most = 5;
  std::string result;
  std::size_t shown = 0;
  for (std::size_t number = 1; !text.empty() && shown < most; ++number) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    if (std::ranges::find(wanted, number) == wanted.end()) continue;
    if (shown++ != 0) result += '\n';
    result += fmt::format("{:>5} | {}", number, row);
  }
  return result;
}

}  // namespace

Nvrtc::Nvrtc(DynamicLibrary library) : library_(std::move(library)) {
  auto functions = std::make_shared<Functions>();
  const auto entry = [](const char* name, auto& address) {
    return LibraryFunction{name, reinterpret_cast<void**>(&address)};
  };
  const std::array table = {
      entry("nvrtcGetErrorString", functions->error_text),
      entry("nvrtcVersion", functions->version),
      entry("nvrtcGetNumSupportedArchs", functions->generation_count),
      entry("nvrtcGetSupportedArchs", functions->generations),
      entry("nvrtcCreateProgram", functions->create),
      entry("nvrtcDestroyProgram", functions->destroy),
      entry("nvrtcCompileProgram", functions->compile),
      entry("nvrtcGetCUBINSize", functions->cubin_size),
      entry("nvrtcGetCUBIN", functions->cubin),
      entry("nvrtcGetPTXSize", functions->ptx_size),
      entry("nvrtcGetPTX", functions->ptx),
      entry("nvrtcGetProgramLogSize", functions->log_size),
      entry("nvrtcGetProgramLog", functions->log),
  };
  const std::string missing = look_up(library_, table);
  if (!missing.empty()) {
    throw CompileError({.code = ErrorCode::compiler_not_found,
                        .message = fmt::format("The NVRTC library '{}' is too old.", path()),
                        .notes = {fmt::format("It has no function '{}'.", missing)},
                        .hints = {"Install NVRTC of CUDA 11.2 or newer."}});
  }
  functions_ = std::move(functions);
  int count = 0;
  (void)functions_->version(&version_.major, &version_.minor);
  if (functions_->generation_count(&count) == nvrtc_success && count > 0) {
    generations_.resize(static_cast<std::size_t>(count));
    if (functions_->generations(generations_.data()) != nvrtc_success) generations_.clear();
    std::ranges::sort(generations_);
  }
  if (generations_.empty()) {
    throw CompileError({.code = ErrorCode::compiler_not_found,
                        .message = fmt::format("The NVRTC library '{}' does not work.", path()),
                        .notes = {"It says that it can make code for no GPU."}});
  }
}

std::shared_ptr<Nvrtc> Nvrtc::open(const std::vector<std::filesystem::path>& directories) {
  return std::shared_ptr<Nvrtc>(new Nvrtc(find_nvrtc(directories)));
}

GpuArchitecture Nvrtc::architecture_for(int generation) const {
  const auto newer = std::ranges::upper_bound(generations_, generation);
  if (newer == generations_.begin()) {
    throw UnsupportedError(
        {.code = ErrorCode::unsupported,
         .message = fmt::format("NVRTC {}.{} makes no code for a GPU of generation sm_{}.", version_.major,
                                version_.minor, generation),
         .hints = {fmt::format("Use an older NVRTC; this one begins at sm_{}.", generations_.front())}});
  }
  const int best = *(newer - 1);
  // Machine code runs on later devices of its own family only.
  const bool runs = best / 10 == generation / 10;
  return {runs ? GpuArchitecture::Code::cubin : GpuArchitecture::Code::ptx, std::to_string(best)};
}

std::vector<std::string> Nvrtc::options(const Job& job) {
  std::vector<std::string> options = {"-arch=" + job.architecture.name()};
  options.insert(options.end(), time_savers.begin(), time_savers.end());
  for (const std::string_view option : emit::device_compiler_options(emit::Dialect::cuda)) options.emplace_back(option);
  if (job.line_info) options.emplace_back("-lineinfo");
  return options;
}

std::vector<std::byte> Nvrtc::compile(const Job& job) {
  const LocaleOfTheCaller locale;
  std::vector<std::string> chosen = options(job);
  const std::string file_name = job.name + ".cu";
  bool plain = plain_options_.load(std::memory_order_relaxed);
  for (;;) {
    if (plain) std::erase_if(chosen, saves_time);
    NvrtcProgram created = nullptr;
    int status = functions_->create(&created, job.text.c_str(), file_name.c_str(), 0, nullptr, nullptr);
    if (status != nvrtc_success) fail_compile(job, chosen, status, {});
    const Program program(created, functions_->destroy);
    std::vector<const char*> words;
    for (const std::string& option : chosen) words.push_back(option.c_str());
    status = functions_->compile(program.get(), static_cast<int>(words.size()), words.data());
    if (status == nvrtc_invalid_option && std::ranges::any_of(chosen, saves_time)) {
      plain = true;
      continue;
    }
    std::size_t size = 0;
    if (status != nvrtc_success) {
      std::string log;
      if (functions_->log_size(program.get(), &size) == nvrtc_success && size > 1) {
        log.resize(size);
        if (functions_->log(program.get(), log.data()) != nvrtc_success) log.clear();
        while (!log.empty() && (log.back() == '\0' || log.back() == '\n')) log.pop_back();
      }
      fail_compile(job, chosen, status, log);
    }
    plain_options_.store(plain, std::memory_order_relaxed);
    const bool is_cubin = job.architecture.code == GpuArchitecture::Code::cubin;
    status = (is_cubin ? functions_->cubin_size : functions_->ptx_size)(program.get(), &size);
    std::vector<std::byte> code(size);
    if (status == nvrtc_success) {
      status = (is_cubin ? functions_->cubin : functions_->ptx)(program.get(), reinterpret_cast<char*>(code.data()));
    }
    if (status != nvrtc_success || code.empty()) fail_compile(job, chosen, status, "It made no code.");
    return code;
  }
}

void Nvrtc::fail_compile(const Job& job, const std::vector<std::string>& options, int status,
                         const std::string& log) const {
  std::vector<std::string> notes = {fmt::format("NVRTC {}.{} with {} says: {}", version_.major, version_.minor,
                                                fmt::join(options, " "),
                                                log.empty() ? functions_->error_text(status) : log)};
  if (std::string lines = numbered_lines(job.text, lines_named_in(log, job.name + ".cu")); !lines.empty()) {
    notes.push_back(std::move(lines));
  }
  throw CompileError(
      {.code = ErrorCode::compile_failed,
       .message = fmt::format("NVRTC cannot compile kernel '{}' for {}.", job.name, job.architecture.name()),
       .notes = std::move(notes)});
}

}  // namespace cppstencils::jit
