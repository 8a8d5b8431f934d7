#include "jit/host/compiler_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "cppstencils/support/error.hpp"

namespace cppstencils::jit {
namespace {

/// A flag, or with '*' at its end the start of flags, and why it is refused.
struct Refusal {
  std::string_view pattern;
  std::string_view reason;
};

constexpr std::string_view runs_code = "It can run programs or load plug-ins.";
constexpr std::string_view reads_files = "It makes the compiler read or write other files.";
constexpr std::string_view changes_numbers = "It changes the results of floating-point operations.";
constexpr std::string_view changes_text = "The generated text uses no macro and no header.";
constexpr std::string_view changes_calls = "It changes how functions are called.";
constexpr std::string_view fixed = "The library sets it itself.";
constexpr std::string_view changes_process = "It changes the process that loads the kernel.";

// In order: the first match gives the reason.
constexpr Refusal refusals[] = {
    {"-fplugin*", runs_code},
    {"-fpass-plugin*", runs_code},
    {"-load*", runs_code},
    {"-specs*", runs_code},
    {"--specs*", runs_code},
    {"-wrapper*", runs_code},
    {"-B*", runs_code},
    {"-Xclang*", runs_code},
    {"-mllvm*", runs_code},
    {"-Xlinker*", runs_code},
    {"-Xassembler*", runs_code},
    {"-Xpreprocessor*", runs_code},
    {"-Wl,*", runs_code},
    {"-Wa,*", runs_code},
    {"-Wp,*", runs_code},
    {"-fuse-ld*", runs_code},
    {"-flto*", runs_code},
    {"-fprofile*", reads_files},
    {"-fauto-profile*", reads_files},
    {"-include*", reads_files},
    {"-imacros*", reads_files},
    {"-I*", reads_files},
    {"-i*", reads_files},
    {"-L*", reads_files},
    {"-l*", reads_files},
    {"-T*", reads_files},
    {"-save-temps*", reads_files},
    {"--save-temps*", reads_files},
    {"-dump*", reads_files},
    {"-fdump*", reads_files},
    {"-M*", reads_files},
    {"--sysroot*", reads_files},
    {"--config*", reads_files},
    {"-Ofast", changes_numbers},
    {"-ffast-math", changes_numbers},
    {"-funsafe-math-optimizations", changes_numbers},
    {"-ffinite-math-only", changes_numbers},
    {"-fassociative-math", changes_numbers},
    {"-freciprocal-math", changes_numbers},
    {"-fno-signed-zeros", changes_numbers},
    {"-fcx-*", changes_numbers},
    {"-fsingle-precision-constant", changes_numbers},
    {"-ffp-*", changes_numbers},
    {"-fexcess-precision*", changes_numbers},
    {"-frounding-math", changes_numbers},
    {"-fapprox-func", changes_numbers},
    {"-fno-honor-*", changes_numbers},
    {"-fdenormal*", changes_numbers},
    {"-fveclib*", changes_numbers},
    {"-mveclibabi*", changes_numbers},
    {"-mfpmath*", changes_numbers},
    {"-mrecip*", changes_numbers},
    {"-mdaz-ftz", changes_process},
    {"-mpc*", changes_process},
    {"-fbuiltin*", changes_numbers},
    {"-D*", changes_text},
    {"-U*", changes_text},
    {"-o*", fixed},
    {"-x*", fixed},
    {"-c", fixed},
    {"-S", fixed},
    {"-E", fixed},
    {"-std=*", fixed},
    {"-ansi", fixed},
    {"-shared*", fixed},
    {"-static*", fixed},
    {"-nostd*", fixed},
    {"-fPIC", fixed},
    {"-fpic", fixed},
    {"-m32", changes_calls},
    {"-mx32", changes_calls},
    {"-m16", changes_calls},
    {"-mabi*", changes_calls},
    {"-mregparm*", changes_calls},
    {"-msseregparm", changes_calls},
    {"-mrtd", changes_calls},
    {"-msoft-float", changes_calls},
    {"-mno-sse", changes_calls},
    {"-mno-sse2", changes_calls},
    {"-mno-80387", changes_calls},
    {"--target*", changes_calls},
    {"-target*", changes_calls},
    {"-fopenmp", changes_process},
    {"-fsanitize*", changes_process},
    {"-p", changes_process},
    {"-pg", changes_process},
    {"-pthread", changes_process},
    {"@*", reads_files},
};

// Flags that are accepted. '*' stands for any end.
constexpr std::string_view accepted[] = {
    "-march=*",
    "-mtune=*",
    "-mcpu=*",
    "-mprefer-vector-width=*",
    "-msve-vector-bits=*",
    "-mbranch-protection=*",
    "-mtls-dialect=*",
    "-g",
    "-g0",
    "-g1",
    "-g2",
    "-g3",
    "-ggdb",
    "-gdwarf*",
    "-w",
    "-pipe",
    "-pedantic",
    "--param=*",
    "-fopenmp-simd",
    "-falign-*",
    "-fvect-cost-model=*",
    "-fsimd-cost-model=*",
    "-finline-limit=*",
    "-fcf-protection*",
    "-fdiagnostics-*",
    "-fmax-errors=*",
    "-fdebug-*",
    "-fsched-*",
    "-fira-*",
    "-ftree-vectorizer-verbose=*",
    "-W*",
};

// Accepted after -f, -fno-, as given or as the start of a name.
constexpr std::string_view accepted_features[] = {
    "unroll-loops",
    "unroll-all-loops",
    "tree-*",
    "vectorize",
    "slp-vectorize",
    "inline",
    "inline-functions",
    "inline-small-functions",
    "omit-frame-pointer",
    "prefetch-loop-arrays",
    "schedule-*",
    "graphite*",
    "loop-*",
    "peel-loops",
    "unswitch-loops",
    "split-loops",
    "split-paths",
    "ivopts",
    "ipa-*",
    "gcse*",
    "cse-*",
    "plt",
    "strict-aliasing",
    "wrapv",
    "strict-overflow",
    "semantic-interposition",
    "stack-protector*",
    "stack-clash-protection",
    "asynchronous-unwind-tables",
    "unwind-tables",
    "predictive-commoning",
    "rename-registers",
    "modulo-sched",
    "move-loop-invariants",
    "web",
    "version-loops-for-strides",
    "if-conversion*",
    "color-diagnostics",
    "verbose-asm",
};

// Accepted after -m and -mno-: extensions of the instruction set.
constexpr std::string_view accepted_extensions[] = {
    "sse3*", "ssse3", "sse4*", "avx*", "fma", "fma4", "bmi*",       "f16c", "popcnt",     "lzcnt",   "movbe",
    "adx",   "aes",   "sha",   "gfni", "xop", "tbm",  "vzeroupper", "abm",  "vpclmulqdq", "pclmul*", "prfchw",
};

bool matches(std::string_view text, std::string_view pattern) {
  if (pattern.ends_with('*')) return text.starts_with(pattern.substr(0, pattern.size() - 1));
  return text == pattern;
}

bool matches_any(std::string_view text, std::span<const std::string_view> patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view p) { return matches(text, p); });
}

/// What follows `start` and an optional "no-", or nothing if the flag starts otherwise.
std::string_view feature(std::string_view flag, std::string_view start) {
  if (!flag.starts_with(start)) return {};
  flag.remove_prefix(start.size());
  if (flag.starts_with("no-")) flag.remove_prefix(3);
  return flag;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string printable(std::string_view text) {
  std::string result(text.substr(0, 80));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c >= 0x7f; }, '?');
  return result;
}

[[noreturn]] void refuse(std::string_view flag, std::string_view origin, std::string_view reason) {
  throw ConfigError({.code = ErrorCode::compiler_option,
                     .message = fmt::format("The compiler flag '{}' in {} is refused.", printable(flag), origin),
                     .notes = {std::string(reason)},
                     .hints = {"Remove the flag."}});
}

}  // namespace

void check_optimization(std::string_view flag, std::string_view origin) {
  constexpr std::string_view levels[] = {"-O0", "-O1", "-O2", "-O3", "-Os", "-Og", "-Oz"};
  if (std::find(std::begin(levels), std::end(levels), flag) != std::end(levels)) return;
  if (flag == "-Ofast") refuse(flag, origin, changes_numbers);
  refuse(flag, origin, "An optimization level is one of -O0, -O1, -O2, -O3, -Os, -Og and -Oz.");
}

void check_flag(std::string_view flag, std::string_view origin) {
  if (flag.empty() || !is_printable(flag)) {
    refuse(flag, origin, "A flag is one word of printable characters without spaces.");
  }
  for (const Refusal& refusal : refusals) {
    if (matches(flag, refusal.pattern)) refuse(flag, origin, refusal.reason);
  }
  if (flag.front() != '-') refuse(flag, origin, "A flag starts with '-'.");
  if (flag.starts_with("-O")) return check_optimization(flag, origin);
  if (matches_any(flag, accepted) || matches_any(feature(flag, "-f"), accepted_features) ||
      matches_any(feature(flag, "-m"), accepted_extensions)) {
    return;
  }
  refuse(flag, origin, "It is not one of the flags that are known to leave results and other files alone.");
}

std::string processor_flag(std::string_view processor) {
  const auto is_part_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '+';
  };
  if (processor.empty() || !std::all_of(processor.begin(), processor.end(), is_part_of_name)) {
    throw ConfigError({.code = ErrorCode::compiler_option,
                       .message = fmt::format("'{}' is not the name of a processor.", printable(processor)),
                       .hints = {"Set CpuOptions::processor to \"native\" or to a name like \"x86-64-v3\"."}});
  }
#if defined(__x86_64__) || defined(__i386__)
  return fmt::format("-march={}", processor);
#else
  return fmt::format("-mcpu={}", processor);
#endif
}

std::vector<std::string> leading_flags() { return {"-x", "c++", "-std=c++17"}; }

std::vector<std::string> contract_flags() {
  return {
      // Back to the defaults, whatever a wrapper or a configuration of the compiler says; then what may differ from
      // them: no operation is fused, replaced by another function, or computed at compile time by another library.
      "-fno-fast-math", "-ffp-contract=off", "-fno-builtin",
      // Touches error codes only, and square roots become one instruction. Its relative -fno-trapping-math is not used:
      // with it GCC 12 turns float(int(x)) into a rounding that keeps the sign of zero.
      "-fno-math-errno",
      // Arrays of different types may share memory where the caller says so.
      "-fno-strict-aliasing", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-w", "-fPIC", "-shared",
      // No start-up files: they would pull in libstdc++, and some switch off subnormal numbers for the whole process.
      "-nostdlib"};
}

// Code and read-only data share a page: a third of the size in the cache, and half the mappings of the process.
std::vector<std::string> link_flags() { return {"-Wl,-z,noseparate-code", "-Wl,--as-needed", "-lm", "-lc"}; }

}  // namespace cppstencils::jit
