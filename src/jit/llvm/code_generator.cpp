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

/// A TargetMachine of the pool, which goes back at the end.
class CodeGenerator::Loan {
 public:
  explicit Loan(CodeGenerator& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.idle_.empty()) return;
    machine_ = std::move(owner_.idle_.back());
    owner_.idle_.pop_back();
  }
  ~Loan() {
    if (!machine_) return;
    const std::lock_guard lock(owner_.mutex_);
    owner_.idle_.push_back(std::move(machine_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  llvm::TargetMachine& machine() {
    if (!machine_) machine_ = create();
    return *machine_;
  }

 private:
  std::unique_ptr<llvm::TargetMachine> create() const {
    const Processor& processor = owner_.processor_;
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

  CodeGenerator& owner_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

CodeGenerator::CodeGenerator(Processor processor) : processor_(std::move(processor)) {}
CodeGenerator::~CodeGenerator() = default;

std::string_view CodeGenerator::options() {
  return "relocation=pic code-model=small level=default fp-fusion=strict loop-strength-reduction=off";
}

std::vector<std::byte> CodeGenerator::generate(const ir::Kernel& optimised, CodeForm form) {
  const LlvmUse use;
  initialize_llvm();
  Loan loan(*this);
  llvm::TargetMachine& machine = loan.machine();
  llvm::LLVMContext context;
  std::string errors;
  context.setDiagnosticHandler(std::make_unique<ErrorCollector>(errors));
  const std::unique_ptr<llvm::Module> module = emit::ir_to_llvm(optimised, context, processor_.vectors);
  module->setTargetTriple(processor_.triple);
  module->setDataLayout(machine.createDataLayout());

  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  const auto type = form == CodeForm::object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type)) {
    throw_compile_error("LLVM cannot write code for this machine.", std::string());
  }
  passes.run(*module);
  LlvmUse::protect_from_exit();
  if (!errors.empty()) throw_compile_error("LLVM refused the generated code.", errors);
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

}  // namespace cppstencils::jit
