#include "jit/llvm/kernel_compiler.hpp"

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cppstencils/kernel/create_kernel.hpp"
#include "cppstencils/support/error.hpp"
#include "cppstencils/support/version.hpp"
#include "emit/ir_to_llvm.hpp"
#include "jit/llvm/llvm_use.hpp"
#include "passes/pipeline.hpp"

namespace cppstencils::jit {
namespace {

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
std::string key_of(const ir::Kernel& kernel, const Variant& variant, const Processor& processor) {
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

/// A processor whose vectors are used as the user asks.
Processor with_choices(Processor processor, const CpuOptions& cpu) {
  if (cpu.vector_bytes && *cpu.vector_bytes > processor.vectors.vector_bytes) {
    throw ConfigError({.code = ErrorCode::invalid_config,
                       .message = fmt::format("'cpu.vector_bytes' is {}, but processor '{}' has vectors of {} bytes.",
                                              *cpu.vector_bytes, processor.name, processor.vectors.vector_bytes),
                       .hints = {"Leave it out for the widest vectors that there are, or set a smaller size."}});
  }
  processor.vectors.vector_bytes = cpu.vector_bytes.value_or(processor.vectors.vector_bytes);
  processor.vectors.unroll = cpu.unroll.value_or(processor.vectors.unroll);
  return processor;
}

/// Why rows are computed as they are, with what the user asked for.
std::string reason_of(const emit::RowPlan& plan, const CpuOptions& cpu) {
  if (cpu.vector_bytes == 0) return "One cell at a time, as 'cpu.vector_bytes' asks.";
  std::string reason = plan.reason;
  if (plan.lanes <= 1) return reason;
  if (cpu.vector_bytes) reason += " 'cpu.vector_bytes' asks for them.";
  if (cpu.unroll) reason += fmt::format(" So many at once: {}, as 'cpu.unroll' asks.", *cpu.unroll);
  return reason;
}

/// As listed in CPPSTENCILS_JIT_TOOLS.
std::vector<JitTool> tools_from_environment() {
  std::vector<JitTool> tools;
  const char* const text = std::getenv("CPPSTENCILS_JIT_TOOLS");
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name == "gdb") {
      tools.push_back(JitTool::gdb);
    } else if (name == "perf") {
      tools.push_back(JitTool::perf);
    } else {
      throw ConfigError(
          {.code = ErrorCode::invalid_config,
           .message =
               fmt::format("The environment variable CPPSTENCILS_JIT_TOOLS lists '{}', which is no known tool.", name),
           .hints = {"Set it to 'gdb', 'perf' or 'gdb,perf', or unset it."}});
    }
  }
  return tools;
}

}  // namespace

KernelCompiler::KernelCompiler(LlvmJitOptions options) : cache_(std::move(options.cache)) {
  for (const JitTool tool : options.tools ? *options.tools : tools_from_environment()) {
    switch (tool) {
      case JitTool::gdb:
        visibility_.in_gdb = true;
        break;
      case JitTool::perf:
        visibility_.in_perf = true;
        break;
    }
  }
}

std::shared_ptr<Engine> KernelCompiler::shared_engine() {
  const LlvmUse use;
  const std::lock_guard lock(mutex_);
  if (!engine_) engine_ = Engine::create(visibility_);
  return engine_;
}

CodeGenerator& KernelCompiler::generator_for(const KernelFunction& kernel) {
  const CpuOptions& cpu = kernel.config().cpu;
  const LlvmUse use;
  const std::lock_guard lock(mutex_);
  std::unique_ptr<CodeGenerator>& generator = generators_[{cpu.processor, cpu.vector_bytes, cpu.unroll}];
  if (!generator) generator = std::make_unique<CodeGenerator>(with_choices(find_processor(cpu.processor), cpu));
  return *generator;
}

std::string KernelCompiler::key(const KernelFunction& kernel, const Variant& variant) {
  return key_of(kernel.kernel_ir(), variant, processor_of(kernel));
}

std::shared_ptr<LoadedKernel> KernelCompiler::load(const KernelFunction& kernel, const Variant& variant) {
  CodeGenerator& generator = generator_for(kernel);
  const std::string key = this->key(kernel, variant);
  return kernels_.get_or_make(key, [&] { return compile(kernel.kernel_ir(), variant, generator, key); });
}

std::shared_ptr<LoadedKernel> KernelCompiler::load_cached(const std::string& key, const std::string& function,
                                                          const std::string& title) {
  const std::optional<Bytes> object = cache_.load(key);
  if (!object) return nullptr;
  try {
    return shared_engine()->load(*object, function, title);
  } catch (const CompileError&) {
    return nullptr;  // compiled anew, and stored in its place
  }
}

std::shared_ptr<LoadedKernel> KernelCompiler::compile(const ir::Kernel& kernel, const Variant& variant,
                                                      CodeGenerator& generator, const std::string& key) {
  const std::string function = emit::llvm_function_name(kernel.name);
  const std::string title = fmt::format("{} [{}]", function, name_of(variant));
  if (visibility_.in_gdb) {
    // Not from or for the cache: the object names a file of this process.
    const ir::Kernel optimised = passes::optimize(kernel, variant);
    const Bytes object = generator.generate(optimised, CodeForm::object, variant.stores, write_text(optimised));
    return shared_engine()->load(object, function, title);
  }
  if (auto loaded = load_cached(key, function, title)) return loaded;
  // No lock between processes: it could cost more than the few milliseconds that it may save.
  const Bytes object = generator.generate(passes::optimize(kernel, variant), CodeForm::object, variant.stores);
  auto loaded = shared_engine()->load(object, function, title);
  cache_.store(key, object);
  return loaded;
}

std::string KernelCompiler::write_text(const ir::Kernel& optimised) {
  std::string folder = (std::filesystem::temp_directory_path() / "cppstencils-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return optimised.name + ".ir";  // lines without a text
  std::string path = fmt::format("{}/{}.ir", folder, optimised.name);
  std::ofstream(path) << ir::to_string(optimised);
  return path;
}

const Processor& KernelCompiler::processor_of(const KernelFunction& kernel) {
  return generator_for(kernel).processor();
}

CodeDescription KernelCompiler::describe(const KernelFunction& kernel, const Variant& variant) {
  const Processor& processor = processor_of(kernel);
  const LlvmUse use;
  const emit::RowPlan plan =
      emit::llvm_row_plan(passes::optimize(kernel.kernel_ir(), variant), processor.vectors, variant.stores);
  return {fmt::format("LLVM {}, for {}", LLVM_VERSION_STRING, processor.name), plan.lanes,
          reason_of(plan, kernel.config().cpu)};
}

std::string KernelCompiler::assembly(const KernelFunction& kernel, const Variant& variant) {
  const Bytes text =
      generator_for(kernel).generate(passes::optimize(kernel.kernel_ir(), variant), CodeForm::assembly, variant.stores);
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

}  // namespace cppstencils::jit
