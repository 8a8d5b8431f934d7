#include "cppstencils/jit/llvm_jit.hpp"

#include <fmt/format.h>

#include <atomic>
#include <span>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "jit/llvm/code_memory.hpp"
#include "jit/llvm/kernel_compiler.hpp"

namespace cppstencils {
namespace {

using jit::KernelCompiler;
using jit::LoadedKernel;

/// A variant that is compiled on first use.
class LazyKernel {
 public:
  LazyKernel() = default;
  LazyKernel(const LazyKernel&) = delete;
  LazyKernel& operator=(const LazyKernel&) = delete;
  ~LazyKernel() { delete kernel_.load(); }

  // Several threads may get here at once: they all get the same kernel, and one handle stays.
  const LoadedKernel& get(KernelCompiler& compiler, const KernelFunction& kernel, const Variant& variant) {
    Handle* known = kernel_.load(std::memory_order_acquire);
    if (known != nullptr) return **known;
    auto handle = std::make_unique<Handle>(compiler.load(kernel, variant));
    if (kernel_.compare_exchange_strong(known, handle.get(), std::memory_order_acq_rel)) known = handle.release();
    return **known;
  }

 private:
  using Handle = std::shared_ptr<LoadedKernel>;
  std::atomic<Handle*> kernel_ = nullptr;
};

class LlvmExecutable final : public Executable, private TuningSupport {
 public:
  LlvmExecutable(KernelFunction kernel, std::shared_ptr<KernelCompiler> compiler)
      : kernel_(std::move(kernel)),
        compiler_(std::move(compiler)),
        streaming_access_(compiler_->processor_of(kernel_).vectors.streaming_access),
        unit_(compiler_->load(kernel_, {InnerStride::unit})) {}

  EntryPoint entry_point(Variant variant) override {
    switch (variant.inner_stride) {
      case InnerStride::unit:
        return {streams(variant) ? streaming_.get(*compiler_, kernel_, variant).function() : unit_->function(),
                nullptr};
      case InnerStride::any:
        return {any_.get(*compiler_, kernel_, {InnerStride::any}).function(), nullptr};
    }
    return {};
  }

  CodeDescription describe(Variant variant) const override { return compiler_->describe(kernel_, compiled(variant)); }
  std::string assembly(Variant variant) const override { return compiler_->assembly(kernel_, compiled(variant)); }
  TuningSupport* tuning_support() override { return this; }

 private:
  std::vector<int> vector_sizes() const override {
    std::vector<int> sizes;
    for (const int bytes : {64, 32, 16}) {
      if (bytes <= compiler_->processor_of(kernel_).vectors.vector_bytes) sizes.push_back(bytes);
    }
    return sizes;
  }
  std::shared_ptr<Executable> build(const KernelFunction& kernel) override {
    return std::make_shared<LlvmExecutable>(kernel, compiler_);
  }
  std::string identity() const override { return compiler_->key(kernel_, {InnerStride::unit}); }
  std::optional<std::string> load(const std::string& key) override {
    const std::optional<support::Bytes> bytes = compiler_->cache().load(key);
    if (!bytes) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  bool save(const std::string& key, const std::string& text) override {
    return compiler_->cache().store(key, std::as_bytes(std::span(text)));
  }

  bool streams(const Variant& variant) const {
    return variant.inner_stride == InnerStride::unit && variant.stores == StorePolicy::streaming &&
           streaming_access_ != emit::StreamingAccess::none;
  }
  /// The variant whose code runs.
  Variant compiled(const Variant& variant) const {
    return {variant.inner_stride, streams(variant) ? StorePolicy::streaming : StorePolicy::cached};
  }

  KernelFunction kernel_;
  std::shared_ptr<KernelCompiler> compiler_;
  emit::StreamingAccess streaming_access_;
  std::shared_ptr<LoadedKernel> unit_;
  LazyKernel streaming_;
  LazyKernel any_;
};

}  // namespace

struct LlvmJit::State {
  std::shared_ptr<KernelCompiler> compiler;
};

LlvmJit::LlvmJit(LlvmJitOptions options)
    : state_(std::make_shared<State>(State{std::make_shared<KernelCompiler>(std::move(options))})) {}
LlvmJit::~LlvmJit() = default;

std::shared_ptr<Executable> LlvmJit::build(const KernelFunction& kernel) {
  if (const std::string reason = unavailable_reason(); !reason.empty()) {
    throw UnsupportedError({.code = ErrorCode::unsupported,
                            .message = reason,
                            .notes = {fmt::format("While compiling kernel '{}' with LlvmJit.", kernel.name())},
                            .hints = {"Leave the choice of the JIT to the library, or use LegacyCpuJit or "
                                      "InterpreterJit."}});
  }
  try {
    return std::make_shared<LlvmExecutable>(kernel, state_->compiler);
  } catch (Error& error) {
    error.add_note(fmt::format("While compiling kernel '{}' with LlvmJit.", kernel.name()));
    throw;
  }
}

std::string LlvmJit::unavailable_reason() {
  static const std::string reason = jit::why_code_cannot_run();
  return reason;
}

}  // namespace cppstencils
