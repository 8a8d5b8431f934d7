#include "jit/cuda/gpu_engine.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cppstencils/support/error.hpp"
#include "cppstencils/support/version.hpp"

namespace cppstencils::jit {
namespace {

std::optional<GpuArchitecture> parse_architecture(std::string_view name) {
  GpuArchitecture architecture;
  if (name.starts_with("sm_")) {
    name.remove_prefix(3);
  } else if (name.starts_with("compute_")) {
    architecture.code = GpuArchitecture::Code::ptx;
    name.remove_prefix(8);
  } else {
    return {};
  }
  architecture.generation = name;
  // A letter at the end asks for what only this generation has.
  if (!name.empty() && (name.back() == 'a' || name.back() == 'f')) name.remove_suffix(1);
  const bool is_number = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number || name.size() < 2 || name.size() > 3) return {};
  return architecture;
}

}  // namespace

GpuEngine::GpuEngine(LegacyGpuJitOptions options) : options_(std::move(options)), cache_(options_.cache) {
  if (!options_.architecture.empty()) (void)architecture(options_.architecture);
}

std::shared_ptr<Nvrtc> GpuEngine::nvrtc() {
  const std::lock_guard lock(mutex_);
  if (nvrtc_ == nullptr) nvrtc_ = Nvrtc::open(options_.nvrtc_directories);
  return nvrtc_;
}

std::shared_ptr<DeviceContext> GpuEngine::context() {
  const std::lock_guard lock(mutex_);
  if (context_ != nullptr) return context_;
  std::shared_ptr<const Driver> driver = Driver::open();
  int ordinal = 0;
  if (options_.device) {
    ordinal = *options_.device;
  } else if ((*driver)->current_device(&ordinal) != driver_success) {
    ordinal = 0;
  }
  context_ = DeviceContext::open(std::move(driver), ordinal);
  return context_;
}

GpuArchitecture GpuEngine::architecture(std::string_view name) {
  if (name.empty()) return nvrtc()->architecture_for(context()->generation());
  if (std::optional<GpuArchitecture> parsed = parse_architecture(name)) return *parsed;
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = fmt::format("'{}' is no architecture of a GPU.", name),
                     .hints = {"Write 'sm_90' for machine code, or 'compute_90' for PTX."}});
}

Nvrtc::Job GpuEngine::job(const GpuText& text, std::string_view name) {
  return {.name = text.kernel_name,
          .text = text.text,
          .architecture = architecture(name.empty() ? std::string_view(options_.architecture) : name),
          .line_info = options_.line_info};
}

std::string GpuEngine::key(const Nvrtc::Job& job, const GpuText& text) {
  const LibraryVersion compiler = nvrtc()->version();
  return fmt::format("LegacyGpuJit {}\ncppstencils {}\nNVRTC {}.{}\noptions {}\nNVRTC_APPEND_FLAGS {}\n\n{}",
                     text.function, version(), compiler.major, compiler.minor, fmt::join(Nvrtc::options(job), " "),
                     environment("NVRTC_APPEND_FLAGS"), text.text);
}

std::vector<std::byte> GpuEngine::code(const GpuText& text, std::string_view name) {
  const Nvrtc::Job job = this->job(text, name);
  const std::string key = this->key(job, text);
  if (auto hit = cache_.load(key)) return *hit;
  const support::FileCache::KeyLock lock = cache_.lock(key);
  if (auto hit = cache_.load(key)) return *hit;
  std::vector<std::byte> made = nvrtc()->compile(job);
  cache_.store(key, made);
  return made;
}

std::shared_ptr<GpuModule> GpuEngine::load(const GpuText& text) {
  const std::shared_ptr<DeviceContext> context = this->context();
  const Nvrtc::Job job = this->job(text, {});
  const std::string key = this->key(job, text);
  return loaded_.get_or_make(key, [&]() -> std::shared_ptr<GpuModule> {
    const auto from_cache = [&]() -> std::shared_ptr<GpuModule> {
      const std::optional<support::Bytes> bytes = cache_.load(key);
      if (!bytes) return {};
      try {
        return std::make_shared<GpuModule>(context, *bytes, text.function);
      } catch (const CompileError&) {
        return {};  // an entry that does not load is a miss
      }
    };
    if (std::shared_ptr<GpuModule> hit = from_cache()) return hit;
    const support::FileCache::KeyLock lock = cache_.lock(key);
    if (std::shared_ptr<GpuModule> hit = from_cache()) return hit;
    const std::vector<std::byte> made = nvrtc()->compile(job);
    auto module = std::make_shared<GpuModule>(context, made, text.function);
    cache_.store(key, made);
    return module;
  });
}

}  // namespace cppstencils::jit
