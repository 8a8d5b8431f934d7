#include "cppstencils/jit/llvm_jit.hpp"

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "cppstencils/support/version.hpp"
#include "emit/ir_to_llvm.hpp"
#include "jit/llvm/code_generator.hpp"
#include "jit/llvm/engine.hpp"
#include "jit/llvm/llvm_use.hpp"
#include "jit/llvm/processor.hpp"
#include "passes/pipeline.hpp"
#include "support/file_cache.hpp"
#include "support/once_map.hpp"

namespace cppstencils {
namespace {

using jit::CodeGenerator;
using jit::Engine;
using jit::LoadedKernel;
using support::Bytes;

std::string_view name_of(const Variant& variant) {
  switch (variant.inner_stride) {
    case InnerStride::any:
      return "any";
    case InnerStride::unit:
      return variant.stores == StorePolicy::streaming ? "streaming" : "unit";
  }
  return {};
}

/// Everything that the object code depends on, readable. The kernel stands in it as it was created, so that a hit costs
/// no pass; the hash stands for the passes, too.
std::string key_of(const ir::Kernel& kernel, const Variant& variant, const jit::Processor& processor) {
  return fmt::format(
      "LlvmJit {} {}\n"
      "cppstencils {} emitter {}\n"
      "LLVM {} {}\n"
      "processor {} {}\n"
      "options {} vector-bytes={} masked-access={} strided-access={} streaming-access={} unroll={}\n"
      "{}",
      kernel.name, name_of(variant), version(), CPPSTENCILS_LLVM_SOURCES_HASH, LLVM_VERSION_STRING, processor.triple,
      processor.name, processor.features, CodeGenerator::options(), processor.vectors.vector_bytes,
      static_cast<int>(processor.vectors.masked_access), static_cast<int>(processor.vectors.strided_access),
      static_cast<int>(processor.vectors.streaming_access), processor.vectors.unroll, ir::to_string(kernel));
}

}  // namespace

struct LlvmJit::State {
  explicit State(CacheOptions options) : cache(std::move(options)) {}

  std::shared_ptr<LoadedKernel> load(const KernelFunction& kernel, const Variant& variant);
  std::shared_ptr<LoadedKernel> compile(const ir::Kernel& kernel, const Variant& variant, CodeGenerator& generator,
                                        const std::string& key);
  std::shared_ptr<LoadedKernel> load_cached(const std::string& key, const std::string& function);
  std::shared_ptr<Engine> shared_engine();
  CodeGenerator& generator_for(const std::string& processor);

  support::FileCache cache;
  support::OnceMap<std::string, LoadedKernel> kernels;
  std::mutex mutex;  // only held by threads with an LlvmUse, so that it is free in a child of fork()
  std::shared_ptr<Engine> engine;
  std::map<std::string, std::unique_ptr<CodeGenerator>> generators;
};

namespace {

using Load = std::function<std::shared_ptr<LoadedKernel>(const Variant&)>;

/// A variant that is compiled on first use.
class LazyKernel {
 public:
  LazyKernel() = default;
  LazyKernel(const LazyKernel&) = delete;
  LazyKernel& operator=(const LazyKernel&) = delete;
  ~LazyKernel() { delete kernel_.load(); }

  // Several threads may get here at once: they all get the same kernel, and one handle stays.
  const LoadedKernel& get(const Load& load, const Variant& variant) {
    Handle* known = kernel_.load(std::memory_order_acquire);
    if (known != nullptr) return **known;
    auto handle = std::make_unique<Handle>(load(variant));
    if (kernel_.compare_exchange_strong(known, handle.get(), std::memory_order_acq_rel)) known = handle.release();
    return **known;
  }

 private:
  using Handle = std::shared_ptr<LoadedKernel>;
  std::atomic<Handle*> kernel_ = nullptr;
};

class LlvmExecutable final : public Executable {
 public:
  LlvmExecutable(Load load, emit::StreamingAccess streaming)
      : load_(std::move(load)), streaming_access_(streaming), unit_(load_({InnerStride::unit})) {}

  EntryPoint entry_point(Variant variant) override {
    switch (variant.inner_stride) {
      case InnerStride::unit:
        return {variant.stores == StorePolicy::streaming && streaming_access_ != emit::StreamingAccess::none
                    ? streaming_.get(load_, variant).function()
                    : unit_->function(),
                nullptr};
      case InnerStride::any:
        return {any_.get(load_, {InnerStride::any}).function(), nullptr};
    }
    return {};
  }

 private:
  Load load_;
  emit::StreamingAccess streaming_access_;
  std::shared_ptr<LoadedKernel> unit_;
  LazyKernel streaming_;
  LazyKernel any_;
};

}  // namespace

std::shared_ptr<Engine> LlvmJit::State::shared_engine() {
  const jit::LlvmUse use;
  const std::lock_guard lock(mutex);
  if (!engine) engine = Engine::create();
  return engine;
}

CodeGenerator& LlvmJit::State::generator_for(const std::string& processor) {
  const jit::LlvmUse use;
  const std::lock_guard lock(mutex);
  std::unique_ptr<CodeGenerator>& generator = generators[processor];
  if (!generator) generator = std::make_unique<CodeGenerator>(jit::find_processor(processor));
  return *generator;
}

std::shared_ptr<LoadedKernel> LlvmJit::State::load(const KernelFunction& kernel, const Variant& variant) {
  CodeGenerator& generator = generator_for(kernel.config().cpu.processor);
  const std::string key = key_of(kernel.kernel_ir(), variant, generator.processor());
  return kernels.get_or_make(key, [&] { return compile(kernel.kernel_ir(), variant, generator, key); });
}

std::shared_ptr<LoadedKernel> LlvmJit::State::load_cached(const std::string& key, const std::string& function) {
  const std::optional<Bytes> object = cache.load(key);
  if (!object) return nullptr;
  try {
    return shared_engine()->load(*object, function);
  } catch (const CompileError&) {
    return nullptr;  // compiled anew, and stored in its place
  }
}

std::shared_ptr<LoadedKernel> LlvmJit::State::compile(const ir::Kernel& kernel, const Variant& variant,
                                                      CodeGenerator& generator, const std::string& key) {
  const std::string function = emit::llvm_function_name(kernel.name);
  if (auto loaded = load_cached(key, function)) return loaded;
  // No lock between processes: it could cost more than the few milliseconds that it may save.
  const Bytes object = generator.generate(passes::optimize(kernel, variant), jit::CodeForm::object, variant.stores);
  auto loaded = shared_engine()->load(object, function);
  cache.store(key, object);
  return loaded;
}

LlvmJit::LlvmJit(LlvmJitOptions options) : state_(std::make_shared<State>(std::move(options.cache))) {}
LlvmJit::~LlvmJit() = default;

std::shared_ptr<Executable> LlvmJit::build(const KernelFunction& kernel) {
  try {
    return std::make_shared<LlvmExecutable>(
        [state = state_, kernel](const Variant& variant) { return state->load(kernel, variant); },
        state_->generator_for(kernel.config().cpu.processor).processor().vectors.streaming_access);
  } catch (Error& error) {
    error.add_note(fmt::format("While compiling kernel '{}' with LlvmJit.", kernel.name()));
    throw;
  }
}

std::string LlvmJit::unavailable_reason() { return {}; }

}  // namespace cppstencils
