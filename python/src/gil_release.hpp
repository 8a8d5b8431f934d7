#pragma once

#include <nanobind/nanobind.h>

#include <unistd.h>

namespace cppstencils::python {

/// Lets other Python threads run while it lives.
///
/// A process may end while a thread is in here. Until version 3.13 Python then ends the thread when it comes back, by
/// unwinding its stack, which C++ functions that are `noexcept` turn into the end of the process with an error. Here
/// the thread waits for the end of the process instead, as later versions let it.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;
  ~GilRelease() { come_back(state_); }

 private:
  /// Unwinding reaches its destructor before any frame of its caller.
  struct WaitsWhenUnwound {
    bool back = false;
    ~WaitsWhenUnwound() {
      while (!back) ::pause();
    }
  };

  [[gnu::noinline]] static void come_back(PyThreadState* state) {
    WaitsWhenUnwound guard;
    PyEval_RestoreThread(state);
    guard.back = true;
  }

  PyThreadState* state_;
};

}  // namespace cppstencils::python
