#include "jit/llvm/engine.hpp"

#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h>
#include <llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/ExecutionEngine/Orc/TaskDispatch.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Process.h>

#include <utility>
#include <vector>

#include "jit/llvm/code_memory.hpp"
#include "jit/llvm/library_functions.hpp"
#include "jit/llvm/llvm_error.hpp"
#include "jit/llvm/llvm_use.hpp"
#include "jit/llvm/perf_map.hpp"

namespace cppstencils::jit {

namespace orc = llvm::orc;

struct LoadedKernel::Library {
  orc::JITDylibSP dylib;
};

/// ORC without LLJIT, which would need a code generator even to link an object of the cache.
struct Engine::Session {
  explicit Session(std::unique_ptr<orc::ExecutorProcessControl> process)
      : session(std::move(process)), layer(session), functions(session.createBareJITDylib("functions")) {
    session.setErrorReporter([this](llvm::Error error) { errors += llvm::toString(std::move(error)) + '\n'; });
  }

  orc::ExecutionSession session;
  orc::ObjectLinkingLayer layer;
  orc::JITDylib& functions;
  std::string errors;
  std::uint64_t loaded = 0;
};

std::shared_ptr<Engine> Engine::create(const Visibility& visibility) {
  const LlvmUse use;
  // Everything runs on the thread that asks for it.
  constexpr auto* failure = "LLVM cannot link code into this process.";
  const std::size_t page_size = value_or_throw(llvm::sys::Process::getPageSize(), failure);
  auto process =
      value_or_throw(orc::SelfExecutorProcessControl::Create(nullptr, std::make_unique<orc::InPlaceTaskDispatcher>(),
                                                             std::make_unique<CodeMemory>(page_size)),
                     failure);
  auto session = std::make_unique<Session>(std::move(process));
  orc::SymbolMap symbols;
  for (const LibraryFunction& function : library_functions()) {
    symbols[session->session.intern(function.name)] = {orc::ExecutorAddr::fromPtr(function.address),
                                                       llvm::JITSymbolFlags::Exported};
  }
  if (llvm::Error error = session->functions.define(orc::absoluteSymbols(std::move(symbols)))) {
    llvm::consumeError(session->session.endSession());
    throw_compile_error(failure, std::move(error));
  }
  if (visibility.in_gdb) {
    auto registrar = std::make_unique<orc::EPCDebugObjectRegistrar>(
        session->session, orc::ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderGDBWrapper));
    session->layer.addPlugin(std::make_unique<orc::DebugObjectManagerPlugin>(
        session->session, std::move(registrar), /*RequireDebugSections=*/true, /*AutoRegisterCode=*/true));
  }
  return std::shared_ptr<Engine>(new Engine(std::move(session), visibility));
}

Engine::Engine(std::unique_ptr<Session> session, const Visibility& visibility)
    : session_(std::move(session)), visibility_(visibility) {}

Engine::~Engine() {
  if (!LlvmUse::try_enter()) {
    static_cast<void>(session_.release());
    return;
  }
  llvm::consumeError(session_->session.endSession());
  session_.reset();
  LlvmUse::leave();
}

std::shared_ptr<LoadedKernel> Engine::load(std::span<const std::byte> object, const std::string& function,
                                           const std::string& title) {
  const LlvmUse use;
  const llvm::StringRef bytes(reinterpret_cast<const char*>(object.data()), object.size());
  // A copy: it is aligned, and lives as long as the linker wants.
  std::unique_ptr<llvm::MemoryBuffer> buffer = llvm::MemoryBuffer::getMemBufferCopy(bytes, function);

  // Declared before the lock, because its destructor takes the lock.
  std::shared_ptr<LoadedKernel> kernel;
  const std::lock_guard lock(mutex_);
  orc::ExecutionSession& session = session_->session;
  session_->errors.clear();
  auto library = std::make_unique<LoadedKernel::Library>();
  library->dylib = &session.createBareJITDylib("kernel_" + std::to_string(session_->loaded++));
  library->dylib->addToLinkOrder(session_->functions);
  kernel.reset(new LoadedKernel(shared_from_this(), std::move(library)));
  orc::JITDylib& dylib = *kernel->library_->dylib;
  llvm::Error error = session_->layer.add(dylib, std::move(buffer));
  if (!error) {
    auto symbol = session.lookup({&dylib}, session.intern(function));
    if (symbol) {
      kernel->function_ = symbol->getAddress().toPtr<CppstencilsKernelFunction>();
    } else {
      error = symbol.takeError();
    }
  }
  if (error) {
    throw_compile_error("An object cannot be linked into this process.",
                        session_->errors + llvm::toString(std::move(error)));
  }
  if (visibility_.in_perf) {
    list_for_perf(reinterpret_cast<const void*>(kernel->function_), function_size(object, function), title);
  }
  return kernel;
}

void Engine::unload(std::unique_ptr<LoadedKernel::Library> library) noexcept {
  const std::lock_guard lock(mutex_);
  orc::JITDylib& dylib = *library->dylib;
  llvm::consumeError(session_->session.removeJITDylib(dylib));
  library.reset();
}

LoadedKernel::LoadedKernel(std::shared_ptr<Engine> engine, std::unique_ptr<Library> library)
    : engine_(std::move(engine)), library_(std::move(library)) {}

// A debugger may come at any time and look at what it has been told of. The caller has an LlvmUse.
void LoadedKernel::keep(std::shared_ptr<Engine> engine, std::unique_ptr<Library> library) {
  struct Kept {
    std::mutex mutex;
    std::vector<std::pair<std::shared_ptr<Engine>, std::unique_ptr<Library>>> kernels;
  };
  static Kept& kept = *new Kept;
  const std::lock_guard lock(kept.mutex);
  kept.kernels.emplace_back(std::move(engine), std::move(library));
}

LoadedKernel::~LoadedKernel() {
  if (!LlvmUse::try_enter()) {
    // The memory goes with the process.
    static_cast<void>(library_.release());
    static_cast<void>(new std::shared_ptr<Engine>(std::move(engine_)));
    return;
  }
  if (engine_->visibility_.in_gdb) {
    keep(std::move(engine_), std::move(library_));
  } else {
    engine_->unload(std::move(library_));
    engine_.reset();
  }
  LlvmUse::leave();
}

}  // namespace cppstencils::jit
