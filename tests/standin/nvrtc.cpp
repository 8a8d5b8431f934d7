// A stand-in for libnvrtc.so: it compiles the very text of a kernel with the host's C++ compiler, after a header that
// says what CUDA's words mean on the host. What it makes is a shared object that the stand-in for the driver loads.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "settings.hpp"

namespace {

using cppstencils::standin::setting;

enum Status : int {
  success = 0,
  invalid_input = 3,
  invalid_program = 4,
  invalid_option = 5,
  compilation = 6,
  internal = 11
};

struct Program {
  std::string text;
  std::string name;
  std::string log;
  std::string code;
  bool is_cubin = false;
};

constexpr int generations[] = {75, 80, 90, 100};

int version() { return setting("nvrtc", 1300); }

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The names of the functions that a launch may start.
std::vector<std::string> kernels_in(std::string text) {
  text = std::regex_replace(text, std::regex(R"(__launch_bounds__\s*\([^)]*\))"), "");
  std::vector<std::string> names;
  const std::regex pattern(R"(__global__\s+void\s+(\w+)\s*\()");
  for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found) {
    names.push_back((*found)[1]);
  }
  return names;
}

int compile(Program& program, int generation) {
  const std::vector<std::string> names = kernels_in(program.text);
  std::string folder = "/tmp/cppstencils-standin-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return internal;
  const std::string source = folder + "/" + program.name;
  {
    std::ofstream file(source);
    const bool has_barriers = program.text.find("__syncthreads()") != std::string::npos;
    file << "#define CPPSTENCILS_STANDIN_BARRIERS " << has_barriers << "\n";
    file << "#include \"" CPPSTENCILS_STANDIN_SHIM "\"\n#line 1 \"" << program.name << "\"\n" << program.text << "\n";
    for (const std::string& name : names) file << "CPPSTENCILS_STANDIN_KERNEL(" << name << ")\n";
  }
  std::string command = CPPSTENCILS_STANDIN_COMPILER
      " -x c++ -std=c++17 -O1 -g1 -shared -fPIC -ffp-contract=off -fno-builtin -w " CPPSTENCILS_STANDIN_FLAGS;
#if defined(__SANITIZE_ADDRESS__)
  command += " -fsanitize=address";
#endif
  command += " -o " + folder + "/code.so " + source + " 2> " + folder + "/log";
  const int status = std::system(command.c_str());
  program.log = read(folder + "/log");
  const std::string code = read(folder + "/code.so");
  for (const char* const name : {"/code.so", "/log"}) ::unlink((folder + name).c_str());
  ::unlink(source.c_str());
  ::rmdir(folder.c_str());
  if (status != 0) return compilation;
  char header[64];
  std::snprintf(header, sizeof header, "%s %d %zu\n", program.is_cubin ? "cubin" : "ptx", generation, code.size());
  program.code = header + code;
  return success;
}

}  // namespace

#define STANDIN extern "C" __attribute__((visibility("default")))

STANDIN const char* nvrtcGetErrorString(int status) {
  switch (status) {
    case success:
      return "NVRTC_SUCCESS";
    case invalid_option:
      return "NVRTC_ERROR_INVALID_OPTION";
    case compilation:
      return "NVRTC_ERROR_COMPILATION";
    default:
      return "NVRTC_ERROR_INTERNAL_ERROR";
  }
}
STANDIN int nvrtcVersion(int* major, int* minor) {
  *major = version() / 100;
  *minor = version() % 100;
  return success;
}
STANDIN int nvrtcGetNumSupportedArchs(int* count) { return *count = static_cast<int>(std::size(generations)), success; }
STANDIN int nvrtcGetSupportedArchs(int* values) {
  std::memcpy(values, generations, sizeof generations);
  return success;
}
STANDIN int nvrtcCreateProgram(Program** program, const char* text, const char* name, int headers, const char* const*,
                               const char* const*) {
  if (headers != 0) return invalid_input;
  *program = new Program{text, name, {}, {}};
  return success;
}
STANDIN int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return success;
}
STANDIN int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (const int status = setting("compile", success); status != success) return status;
  int generation = 0;
  bool fuses = true;
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.rfind("-arch=sm_", 0) == 0 || option.rfind("-arch=compute_", 0) == 0) {
      program->is_cubin = option.rfind("-arch=sm_", 0) == 0;
      generation = std::atoi(option.c_str() + option.find('_') + 1);
    } else if (option == "-fmad=false") {
      fuses = false;
    } else if (option == "-no-cache") {
      if (version() < 1209) return invalid_option;
    } else if (option != "-minimal" && option != "-std=c++17" && option != "-lineinfo" && option != "-ftz=false" &&
               option != "-prec-div=true" && option != "-prec-sqrt=true") {
      return invalid_option;
    }
  }
  bool known = false;
  for (const int one : generations) known = known || one == generation;
  // Code whose operations may be fused has other results: nobody may ask for it.
  if (!known || fuses) return invalid_option;
  return compile(*program, generation);
}
STANDIN int nvrtcGetCUBINSize(Program* program, std::size_t* size) {
  return *size = program->is_cubin ? program->code.size() : 0, success;
}
STANDIN int nvrtcGetCUBIN(Program* program, char* bytes) {
  if (!program->is_cubin) return invalid_program;
  std::memcpy(bytes, program->code.data(), program->code.size());
  return success;
}
STANDIN int nvrtcGetPTXSize(Program* program, std::size_t* size) { return *size = program->code.size(), success; }
STANDIN int nvrtcGetPTX(Program* program, char* bytes) {
  std::memcpy(bytes, program->code.data(), program->code.size());
  return success;
}
STANDIN int nvrtcGetProgramLogSize(Program* program, std::size_t* size) {
  return *size = program->log.size() + 1, success;
}
STANDIN int nvrtcGetProgramLog(Program* program, char* text) {
  std::memcpy(text, program->log.c_str(), program->log.size() + 1);
  return success;
}
