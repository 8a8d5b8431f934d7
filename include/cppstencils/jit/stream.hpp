#pragma once

namespace cppstencils {

/// A queue of work on a GPU: a CUstream or cudaStream_t of any library, or the device's own one where it is null.
struct Stream {
  void* handle = nullptr;
};

}  // namespace cppstencils
