#include "jit/llvm/code_generator.hpp"

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <cstring>
#include <utility>

#include "cppstencils/support/error.hpp"
#include "jit/llvm/llvm_error.hpp"
#include "jit/llvm/llvm_use.hpp"

namespace cppstencils::jit {
namespace {

void switch_off_loop_strength_reduction() {
  const auto& options = llvm::cl::getRegisteredOptions();
  const auto found = options.find("disable-lsr");
  if (found == options.end()) return;
  static_cast<llvm::cl::opt<bool>*>(found->second)->setValue(true);
}

/// Collects what LLVM has to say; its own handler would end the process on an error.
class ErrorCollector final : public llvm::DiagnosticHandler {
 public:
  explicit ErrorCollector(std::string& errors) : errors_(errors) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() != llvm::DS_Error) return true;
    llvm::raw_string_ostream stream(errors_);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    stream << '\n';
    return true;
  }

 private:
  std::string& errors_;
};

}  // namespace

void initialize_llvm() {
  static std::once_flag done;
  std::call_once(done, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    switch_off_loop_strength_reduction();
  });
}

/// A code generator with all its passes. It serves kernels one after the other, each with a context of its own: nothing
/// of a kernel is left in the passes when they have run.
class CodeGenerator::Pipeline {
 public:
  Pipeline(const Processor& processor, CodeForm form)
      : processor_(processor), machine_(create_machine(processor)), stream_(text_) {
    const auto type =
        form == CodeForm::object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
    if (machine_->addPassesToEmitFile(passes_, stream_, nullptr, type)) {
      throw_compile_error("LLVM cannot write code for this machine.", std::string());
    }
  }

  std::vector<std::byte> run(const ir::Kernel& optimised, ir::StorePolicy stores, const std::string& text_file) {
    llvm::LLVMContext context;
    std::string errors;
    context.setDiagnosticHandler(std::make_unique<ErrorCollector>(errors));
    const std::unique_ptr<llvm::Module> module =
        emit::ir_to_llvm(optimised, context, processor_.vectors, stores, text_file);
    module->setTargetTriple(processor_.triple);
    module->setDataLayout(machine_->createDataLayout());
    text_.clear();
    passes_.run(*module);
    if (!errors.empty()) throw_compile_error("LLVM refused the generated code.", errors);
    std::vector<std::byte> bytes(text_.size());
    std::memcpy(bytes.data(), text_.data(), text_.size());
    return bytes;
  }

 private:
  static std::unique_ptr<llvm::TargetMachine> create_machine(const Processor& processor) {
    std::string fault;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(processor.triple, fault);
    if (target == nullptr) throw_compile_error("LLVM has no code generator for this machine.", fault);
    llvm::TargetOptions options;
    options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
    std::unique_ptr<llvm::TargetMachine> machine(
        target->createTargetMachine(processor.triple, processor.name, processor.features, options, llvm::Reloc::PIC_,
                                    llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, /*JIT=*/true));
    if (!machine) throw_compile_error("LLVM has no code generator for this machine.", std::string());
    return machine;
  }

  const Processor& processor_;
  std::unique_ptr<llvm::TargetMachine> machine_;
  llvm::SmallVector<char, 0> text_;
  llvm::raw_svector_ostream stream_;
  llvm::legacy::PassManager passes_;
};

CodeGenerator::CodeGenerator(Processor processor) : processor_(std::move(processor)) {}

CodeGenerator::~CodeGenerator() {
  if (LlvmUse::try_enter()) {
    idle_.clear();
    LlvmUse::leave();
    return;
  }
  // The memory goes with the process.
  for (std::unique_ptr<Pipeline>& pipeline : idle_) static_cast<void>(pipeline.release());
}

std::string_view CodeGenerator::options() {
  return "relocation=pic code-model=small level=default fp-fusion=strict loop-strength-reduction=off";
}

std::vector<std::byte> CodeGenerator::generate(const ir::Kernel& optimised, CodeForm form, ir::StorePolicy stores,
                                               const std::string& text_file) {
  const LlvmUse use;
  initialize_llvm();
  std::unique_ptr<Pipeline> pipeline = form == CodeForm::object ? take_idle() : nullptr;
  if (!pipeline) pipeline = std::make_unique<Pipeline>(processor_, form);
  std::vector<std::byte> bytes = pipeline->run(optimised, stores, text_file);
  LlvmUse::protect_from_exit();
  // A pipeline that failed is not used again.
  if (form == CodeForm::object) put_idle(std::move(pipeline));
  return bytes;
}

void CodeGenerator::emit_only(const ir::Kernel& optimised) const {
  const LlvmUse use;
  llvm::LLVMContext context;
  static_cast<void>(emit::ir_to_llvm(optimised, context, processor_.vectors));
}

std::unique_ptr<CodeGenerator::Pipeline> CodeGenerator::take_idle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Pipeline> pipeline = std::move(idle_.back());
  idle_.pop_back();
  return pipeline;
}

void CodeGenerator::put_idle(std::unique_ptr<Pipeline> pipeline) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(pipeline));
}

}  // namespace cppstencils::jit
