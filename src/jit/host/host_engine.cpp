#include "jit/host/host_engine.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/error.hpp"
#include "cppstencils/support/version.hpp"
#include "emit/ir_to_cpp.hpp"
#include "emit/spelling.hpp"
#include "jit/host/compiler_flags.hpp"
#include "jit/host/processor.hpp"
#include "jit/host/temporary_directory.hpp"

namespace cppstencils::jit {
namespace {

class SharedObjectExecutable final : public Executable {
 public:
  /// What the object was made of and by whom.
  struct Origin {
    std::shared_ptr<HostCompiler> compiler;
    std::string source;
    std::string processor;
  };

  SharedObjectExecutable(std::unique_ptr<SharedObject> object, CppstencilsKernelFunction unit,
                         CppstencilsKernelFunction any, Origin origin)
      : object_(std::move(object)), unit_(unit), any_(any), origin_(std::move(origin)) {}

  EntryPoint entry_point(Variant variant) override {
    switch (variant.inner_stride) {
      case InnerStride::unit:
        return {unit_, nullptr};
      case InnerStride::any:
        return {any_, nullptr};
    }
    return {any_, nullptr};
  }

  CodeDescription describe(Variant) const override {
    return {origin_.compiler->command().compiler(), 0, "The C++ compiler decides about vectors."};
  }
  /// Of all variants: they are functions of one text.
  std::string assembly(Variant) const override { return origin_.compiler->assembly(origin_.source, origin_.processor); }

 private:
  std::unique_ptr<SharedObject> object_;
  CppstencilsKernelFunction unit_;
  CppstencilsKernelFunction any_;
  Origin origin_;
};

CppstencilsKernelFunction function(const SharedObject& object, const std::string& name) {
  void* address = object.symbol(name.c_str());
  if (address == nullptr) {
    throw CompileError(
        {.code = ErrorCode::compile_failed, .message = fmt::format("The compiled kernel has no function '{}'.", name)});
  }
  return reinterpret_cast<CppstencilsKernelFunction>(address);
}

std::filesystem::path last_work_folder(const CacheOptions& cache) {
  if (cache.mode != CacheMode::read_write) return {};
  return cache.directory.empty() ? default_cache_directory() : cache.directory;
}

HostCompilerOptions compiler_options(LegacyCpuJitOptions options, std::vector<std::filesystem::path> work_folders) {
  return {.compiler = std::move(options.compiler),
          .flags = std::move(options.flags),
          .optimization = std::move(options.optimization),
          .time_limit = options.time_limit,
          .work_folders = std::move(work_folders)};
}

}  // namespace

HostEngine::HostEngine(LegacyCpuJitOptions options, HostEngineSettings settings)
    : cache_(options.cache),
      work_folders_(temporary_parents(last_work_folder(options.cache))),
      settings_(std::move(settings)),
      compiler_(std::make_shared<HostCompiler>(compiler_options(std::move(options), work_folders_))) {
  if (settings_.processor_identity.empty()) settings_.processor_identity = processor_identity();
}

std::string HostEngine::key(std::string_view kernel_name, std::string_view source, std::string_view processor) {
  const std::string flags = fmt::format("{}", fmt::join(compiler_->flags(processor), " "));
  // What "native" means is known only here.
  const bool is_native = flags.find("native") != std::string::npos;
  return fmt::format("LegacyCpuJit {}\ncppstencils {}, text version {}\n{}flags {}\nlink flags {}\nprocessor {}\n\n{}",
                     emit::plain_name(kernel_name), version(), emit::cpp_text_version, compiler_->identity(), flags,
                     fmt::join(link_flags(), " "), is_native ? std::string_view(settings_.processor_identity) : "named",
                     source);
}

std::shared_ptr<Executable> HostEngine::build(std::string_view kernel_name, std::string_view source,
                                              std::string_view processor) {
  const std::string full_key = key(kernel_name, source, processor);
  return loaded_.get_or_make(full_key, [&] { return make(full_key, kernel_name, source, processor); });
}

std::shared_ptr<Executable> HostEngine::load(std::string_view kernel_name, std::string_view source,
                                             std::string_view processor, std::span<const std::byte> bytes) const {
  auto object = std::make_unique<SharedObject>(bytes, work_folders_, settings_.routes);
  const CppstencilsKernelFunction unit = function(*object, emit::unit_function_name(kernel_name));
  const CppstencilsKernelFunction any = function(*object, emit::any_function_name(kernel_name));
  return std::make_shared<SharedObjectExecutable>(
      std::move(object), unit, any,
      SharedObjectExecutable::Origin{compiler_, std::string(source), std::string(processor)});
}

std::shared_ptr<Executable> HostEngine::make(const std::string& key, std::string_view kernel_name,
                                             std::string_view source, std::string_view processor) {
  const auto from_cache = [&]() -> std::shared_ptr<Executable> {
    const std::optional<support::Bytes> bytes = cache_.load(key);
    if (!bytes) return {};
    try {
      return load(kernel_name, source, processor, *bytes);
    } catch (const CompileError&) {
      return {};  // an entry that does not load is a miss
    }
  };
  if (std::shared_ptr<Executable> hit = from_cache()) return hit;
  const support::FileCache::KeyLock lock = cache_.lock(key);
  if (std::shared_ptr<Executable> hit = from_cache()) return hit;
  const std::vector<std::byte> bytes = compiler_->compile(source, processor);
  std::shared_ptr<Executable> executable = load(kernel_name, source, processor, bytes);
  cache_.store(key, bytes);
  return executable;
}

}  // namespace cppstencils::jit
