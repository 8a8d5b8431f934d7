#include "jit/llvm/processor.hpp"

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/TargetParser/Host.h>

#include <map>
#include <memory>
#include <vector>

#include "cppstencils/support/error.hpp"
#include "jit/llvm/code_generator.hpp"

namespace cppstencils::jit {
namespace {

/// Instruction set extensions and whether they are there.
using Features = std::map<std::string, bool, std::less<>>;

Features host_features() {
  Features features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures()) features[feature.first().str()] = feature.second;
  return features;
}

bool has(const Features& features, std::string_view name) {
  const auto found = features.find(name);
  return found != features.end() && found->second;
}

std::string text_of(const Features& features) {
  std::string text;
  for (const auto& [name, present] : features) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ",", present ? '+' : '-', name);
  }
  return text;
}

emit::LlvmOptions vectors_of(const Features& features) {
  using emit::MaskedAccess;
  if (has(features, "avx512f") && has(features, "avx512vl") && has(features, "avx512bw") && has(features, "avx512dq")) {
    return {.vector_bytes = 64,
            .masked_access = MaskedAccess::every_size,
            .strided_access = emit::StridedAccess::gather_scatter,
            .streaming_access = emit::StreamingAccess::x86_lines};
  }
  if (has(features, "avx")) {
    return {
        .vector_bytes = 32, .masked_access = MaskedAccess::words, .streaming_access = emit::StreamingAccess::x86_lines};
  }
  return {.vector_bytes = 16, .masked_access = MaskedAccess::none};
}

[[noreturn]] void refuse(std::string message) {
  throw ConfigError({.code = ErrorCode::invalid_config,
                     .message = std::move(message),
                     .hints = {"Set 'cpu.processor' to \"native\", or to a processor with no more than this one has, "
                               "such as \"x86-64-v2\"."}});
}

/// The host's features, switched off where the named processor does not have them.
Features features_of(const std::string& triple, const std::string& name, const Features& host) {
  initialize_llvm();
  std::string fault;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, fault);
  CPPSTENCILS_CHECK(target != nullptr, "LLVM does not know the machine that it runs on.");
  const std::unique_ptr<llvm::MCSubtargetInfo> generic(target->createMCSubtargetInfo(triple, "", ""));
  if (!generic->isCPUStringValid(name)) refuse(fmt::format("Processor '{}' is not known.", name));
  const std::unique_ptr<llvm::MCSubtargetInfo> subtarget(target->createMCSubtargetInfo(triple, name, ""));
  Features features = host;
  for (auto& [feature, present] : features) present = false;
  std::vector<std::string> missing;
  for (const llvm::SubtargetFeatureKV& feature : subtarget->getEnabledProcessorFeatures()) {
    const auto on_host = host.find(std::string_view(feature.Key));
    if (on_host == host.end()) continue;  // tuning, not an instruction set
    features[feature.Key] = true;
    if (!on_host->second) missing.emplace_back(feature.Key);
  }
  if (!missing.empty()) {
    refuse(fmt::format("This machine cannot run code for processor '{}', because it lacks '{}'.", name,
                       fmt::join(missing, "', '")));
  }
  return features;
}

}  // namespace

Processor find_processor(std::string_view name) {
  Processor processor;
  processor.triple = llvm::sys::getProcessTriple();
  const Features host = host_features();
  if (name == "native") {
    processor.name = llvm::sys::getHostCPUName().str();
    processor.features = text_of(host);
    processor.vectors = vectors_of(host);
  } else {
    processor.name = name;
    const Features features = features_of(processor.triple, processor.name, host);
    processor.features = text_of(features);
    processor.vectors = vectors_of(features);
  }
  return processor;
}

}  // namespace cppstencils::jit
