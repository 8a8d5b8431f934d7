#pragma once

#include <cstddef>

#include "jit/cuda/nvrtc.hpp"

// The part of NVRTC that is used, as its documentation describes it. No header of CUDA is needed to build.
namespace cppstencils::jit {

using NvrtcProgram = struct NvrtcProgramData*;

struct Nvrtc::Functions {
  const char* (*error_text)(int status) = nullptr;
  int (*version)(int* major, int* minor) = nullptr;
  int (*generation_count)(int* count) = nullptr;
  int (*generations)(int* generations) = nullptr;
  int (*create)(NvrtcProgram* program, const char* text, const char* name, int headers, const char* const* header_texts,
                const char* const* header_names) = nullptr;
  int (*destroy)(NvrtcProgram* program) = nullptr;
  int (*compile)(NvrtcProgram program, int count, const char* const* options) = nullptr;
  int (*cubin_size)(NvrtcProgram program, std::size_t* size) = nullptr;
  int (*cubin)(NvrtcProgram program, char* bytes) = nullptr;
  int (*ptx_size)(NvrtcProgram program, std::size_t* size) = nullptr;
  int (*ptx)(NvrtcProgram program, char* bytes) = nullptr;
  int (*log_size)(NvrtcProgram program, std::size_t* size) = nullptr;
  int (*log)(NvrtcProgram program, char* text) = nullptr;
};

/// Results of its functions that mean something here.
enum NvrtcStatus : int { nvrtc_success = 0, nvrtc_invalid_option = 5 };

}  // namespace cppstencils::jit
