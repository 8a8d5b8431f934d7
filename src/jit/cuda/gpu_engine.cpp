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
  if (context_ != nullptr) {
    context_->driver().require_usable();
    return context_;
  }
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

Nvrtc::Job GpuEngine::job(const GpuRequest& request, std::string_view name) {
  return {.name = request.kernel_name,
          .text = {},
          .architecture = architecture(name.empty() ? std::string_view(options_.architecture) : name),
          .line_info = options_.line_info};
}

// The kernel stands in it as it was created, so that a hit costs no pass and no text; the hash stands for both.
std::string GpuEngine::key(const Nvrtc::Job& job, const GpuRequest& request) {
  const LibraryVersion compiler = nvrtc()->version();
  return fmt::format("LegacyGpuJit {}\ncppstencils {} emitter {}\nNVRTC {}.{}\noptions {}\nNVRTC_APPEND_FLAGS {}\n\n{}",
                     request.kernel_name, version(), CPPSTENCILS_DEVICE_SOURCES_HASH, compiler.major, compiler.minor,
                     fmt::join(Nvrtc::options(job), " "), environment("NVRTC_APPEND_FLAGS"), request.description);
}

GpuCode GpuEngine::compile(Nvrtc::Job job, const GpuRequest& request) {
  emit::DeviceText text = request.write();
  job.text = std::move(text.text);
  return {std::move(text.function_name), std::move(text.parameters), std::move(text.combine_name),
          std::move(text.combine_parameters), nvrtc()->compile(job)};
}

GpuCode GpuEngine::code(const GpuRequest& request, std::string_view name) {
  const Nvrtc::Job job = this->job(request, name);
  const std::string key = this->key(job, request);
  const auto from_cache = [&]() -> std::optional<GpuCode> {
    const std::optional<support::Bytes> bytes = cache_.load(key);
    return bytes ? gpu_code_of(*bytes) : std::nullopt;
  };
  if (std::optional<GpuCode> hit = from_cache()) return *std::move(hit);
  const support::FileCache::KeyLock lock = cache_.lock(key);
  if (std::optional<GpuCode> hit = from_cache()) return *std::move(hit);
  GpuCode made = compile(job, request);
  cache_.store(key, to_bytes(made));
  return made;
}

std::shared_ptr<LoadedGpuCode> GpuEngine::load(const GpuRequest& request) {
  const std::shared_ptr<DeviceContext> context = this->context();
  const Nvrtc::Job job = this->job(request, {});
  const std::string key = this->key(job, request);
  const auto loaded = [&](GpuCode code) {
    return std::shared_ptr<LoadedGpuCode>(
        new LoadedGpuCode{GpuModule(context, code.code, code.function, code.combine_function),
                          std::move(code.parameters), std::move(code.combine_parameters)});
  };
  return loaded_.get_or_make(key, [&]() -> std::shared_ptr<LoadedGpuCode> {
    const auto from_cache = [&]() -> std::shared_ptr<LoadedGpuCode> {
      const std::optional<support::Bytes> bytes = cache_.load(key);
      std::optional<GpuCode> code = bytes ? gpu_code_of(*bytes) : std::nullopt;
      if (!code) return {};
      try {
        return loaded(*std::move(code));
      } catch (const CompileError&) {
        return {};  // an entry that does not load is a miss
      }
    };
    if (std::shared_ptr<LoadedGpuCode> hit = from_cache()) return hit;
    const support::FileCache::KeyLock lock = cache_.lock(key);
    if (std::shared_ptr<LoadedGpuCode> hit = from_cache()) return hit;
    GpuCode made = compile(job, request);
    const std::vector<std::byte> bytes = to_bytes(made);
    std::shared_ptr<LoadedGpuCode> result = loaded(std::move(made));
    cache_.store(key, bytes);
    return result;
  });
}

}  // namespace cppstencils::jit
