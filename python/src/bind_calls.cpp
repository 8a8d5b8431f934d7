#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <array>
#include <optional>
#include <vector>

#include "bindings.hpp"
#include "device_arrays.hpp"
#include "errors.hpp"
#include "gil_release.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

// What Python holds. `kernel` is the Python KernelFunction, which refers to its JIT, which may refer back here: so both
// types take part in garbage collection.
struct CompiledHandle {
  CompiledKernel compiled;
  std::shared_ptr<const RenamedSymbols> renamed;
  nb::object kernel;
};

struct BoundHandle {
  BoundKernel bound;
  std::shared_ptr<const RenamedSymbols> renamed;
  nb::object kernel;
  // Keeps the arrays, and what they have exported, alive. Nobody else can clear it.
  std::vector<nb::object> kept;
  KeywordArguments arguments;
};

template <class Handle>
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  const auto* const handle = nb::inst_ptr<Handle>(self);
  Py_VISIT(handle->kernel.ptr());
  if constexpr (std::is_same_v<Handle, BoundHandle>) {
    for (const nb::object& value : handle->kept) Py_VISIT(value.ptr());
  }
  return 0;
}

template <class Handle>
int clear(PyObject* self) {
  auto* const handle = nb::inst_ptr<Handle>(self);
  handle->kernel.reset();
  // From here on a bound kernel refuses to run: somebody's finaliser might still call it.
  if constexpr (std::is_same_v<Handle, BoundHandle>) handle->kept.clear();
  return 0;
}

void require_no_positional(PyObject* arguments) {
  if (arguments != nullptr && PyTuple_GET_SIZE(arguments) != 0) {
    throw TypeMismatch({.code = ErrorCode::argument_kind,
                        .message = fmt::format("A kernel takes its arguments by name, but {} came without one.",
                                               PyTuple_GET_SIZE(arguments)),
                        .hints = {"Write kernel(u=array, ...)."}});
  }
}

// Python can make objects without a value, for example by __new__.
template <class Handle>
const Handle& handle_of(PyObject* self) {
  if (!nb::inst_ready(self)) {
    throw TypeMismatch(
        {.code = ErrorCode::argument_kind,
         .message = fmt::format("This object of type '{}' was not made by a JIT.", Py_TYPE(self)->tp_name),
         .hints = {"Compile a kernel with kernel.compile()."}});
  }
  return *nb::inst_ptr<Handle>(self);
}

[[noreturn]] nb::tuple refuse_pickling(nb::handle self) {
  throw TypeMismatch(
      {.code = ErrorCode::argument_kind,
       .message = fmt::format("An object of type '{}' is machine code of this process and cannot be pickled.",
                              Py_TYPE(self.ptr())->tp_name),
       .hints = {"Pickle the kernel that create_kernel() returns, and compile it where it is needed."}});
}

// Turns what `body` throws into a Python exception; the slots of a type are called by Python itself.
template <class Body>
PyObject* guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const Error& error) {
    set_python_error(error);
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

void require_arrays(const BoundHandle& handle) {
  if (!handle.kept.empty()) return;
  throw ArgumentError({.code = ErrorCode::argument_null,
                       .message = "The arrays of this bound kernel are gone.",
                       .hints = {"Bind the arrays again; these were collected together with the bound kernel."}});
}

PyObject* call_compiled(PyObject* self, PyObject* positional, PyObject* keywords) {
  return guarded([&] {
    require_no_positional(positional);
    const auto& handle = handle_of<CompiledHandle>(self);
    const KeywordArguments arguments(keywords, *handle.renamed, handle.compiled.kernel());
    with_names_of_the_user(*handle.renamed, [&] {
      const GilRelease release;
      if (arguments.stream() || arguments.choice()) {
        return handle.compiled(arguments.get(), arguments.choice(), arguments.stream().value_or(Stream()));
      }
      handle.compiled(arguments.get());
    });
    return nb::none().release().ptr();
  });
}

PyObject* call_bound(PyObject* self, PyObject* positional, PyObject* keywords) {
  return guarded([&] {
    require_no_positional(positional);
    std::optional<Stream> stream;
    if (keywords != nullptr && PyDict_GET_SIZE(keywords) != 0) {
      const nb::dict given = nb::borrow<nb::dict>(keywords);
      if (given.contains("stream") && given.size() == 1) stream = stream_of(given["stream"]);
    }
    if (!stream && keywords != nullptr && PyDict_GET_SIZE(keywords) != 0) {
      throw UnknownName({.code = ErrorCode::unknown_argument,
                         .message = "A bound kernel takes no arguments but 'stream'; it has the others already.",
                         .hints = {"Call the compiled kernel, or bind it again."}});
    }
    const auto& handle = handle_of<BoundHandle>(self);
    require_arrays(handle);
    {
      const GilRelease release;
      if (stream) {
        handle.bound(*stream);
      } else {
        handle.bound();
      }
    }
    return nb::none().release().ptr();
  });
}

nb::object tune(const BoundHandle& handle, double seconds, double least_gain) {
  require_arrays(handle);
  TunedKernel tuned = [&] {
    const GilRelease release;
    return handle.bound.tune({.seconds = seconds, .least_gain = least_gain});
  }();
  nb::object call =
      nb::cast(BoundHandle{std::move(tuned.call), handle.renamed, handle.kernel, handle.kept, handle.arguments});
  nb::object kernel = nb::cast(CompiledHandle{std::move(tuned.kernel), handle.renamed, handle.kernel});
  return nb::module_::import_("cppstencils.tuning").attr("TunedKernel")(call, kernel, std::move(tuned.report));
}

template <class Handle>
std::array<PyType_Slot, 4> slots(ternaryfunc call) {
  return {{{Py_tp_call, reinterpret_cast<void*>(call)},
           {Py_tp_traverse, reinterpret_cast<void*>(&traverse<Handle>)},
           {Py_tp_clear, reinterpret_cast<void*>(&clear<Handle>)},
           {0, nullptr}}};
}

}  // namespace

nb::object make_compiled_kernel(CompiledKernel compiled, const KernelHandle& handle, nb::object kernel) {
  return nb::cast(CompiledHandle{std::move(compiled), handle.renamed, std::move(kernel)});
}

void bind_calls(nb::module_& module) {
  const auto compiled_slots = slots<CompiledHandle>(&call_compiled);
  nb::class_<CompiledHandle>(module, "CompiledKernel", nb::type_slots(compiled_slots.data()), R"(
Machine code of a kernel. Call it with the arrays and numbers by name: ``kernel(u=array, h=0.1)``.

Every argument is checked before anything is written; arrays are used where they are, never copied or converted. The
call releases the GIL and returns None. It may run in several threads, on arrays that do not overlap.

A kernel on a GPU takes ``stream`` as well, and the call does not wait for it. ``launch_grid`` and ``block_size`` give
the blocks and the threads of a block along x, y, z for this call.

Raises:
    MissingArgument (KeyError): an argument is missing.
    UnknownArgument (TypeError): the kernel has no argument of this name.
    ArgumentTypeError (TypeError): not an array or number, or the wrong dtype.
    ArgumentError (ValueError): shape, strides, overlap, byte order, alignment, or a read-only output.
)")
      .def_ro("kernel", &CompiledHandle::kernel, "The KernelFunction that was compiled.")
      .def(
          "bind",
          [](const CompiledHandle& handle, const nb::args& positional, const nb::kwargs& keywords) {
            require_no_positional(positional.ptr());
            KeywordArguments arguments(keywords, *handle.renamed, handle.compiled.kernel());
            if (arguments.stream()) {
              throw UnknownName({.code = ErrorCode::unknown_argument,
                                 .message = "A stream is not bound; it belongs to each call.",
                                 .hints = {"Write kernel.bind(u=array, ...)(stream=stream)."}});
            }
            BoundKernel bound = with_names_of_the_user(
                *handle.renamed, [&] { return handle.compiled.bind(arguments.get(), arguments.choice()); });
            std::vector<nb::object> kept;
            for (const nb::handle value : keywords.values()) kept.push_back(nb::borrow(value));
            return new BoundHandle{std::move(bound), handle.renamed, handle.kernel, std::move(kept),
                                   std::move(arguments)};
          },
          nb::arg("args"), nb::arg("kwargs"),
          "Checks the arguments once and keeps them: the result is called without arguments, as often as you like. A "
          "kernel on a GPU takes ``launch_grid`` and ``block_size`` as well.")
      .def(
          "explain", [](const CompiledHandle& handle) { return handle.compiled.kernel().explain(); },
          "What a cell costs: bytes, operations, intensity. Runs nothing.")
      .def(
          "assembly", [](const CompiledHandle& handle) { return handle.compiled.assembly(); },
          nb::call_guard<GilRelease>(),
          "The machine code for arrays with unit stride. Raises UnsupportedError where the JIT has none.")
      // It never changes, so that it is its own copy.
      .def("__copy__", [](nb::handle self) { return nb::borrow(self); })
      .def(
          "__deepcopy__", [](nb::handle self, nb::handle) { return nb::borrow(self); }, nb::arg("memo"))
      .def("__reduce__", &refuse_pickling)
      .def("__repr__", [](const CompiledHandle& handle) {
        return fmt::format("<compiled kernel '{}'>", handle.compiled.kernel().name());
      });
  const auto bound_slots = slots<BoundHandle>(&call_bound);
  nb::class_<BoundHandle>(module, "BoundKernel", nb::type_slots(bound_slots.data()),
                          "A kernel with its arguments, checked once. Call it without arguments.")
      .def_ro("kernel", &BoundHandle::kernel, "The KernelFunction that was compiled.")
      .def_prop_ro(
          "cells", [](const BoundHandle& handle) { return handle.bound.cells(); },
          "Number of cells that one call updates.")
      .def(
          "explain",
          [](const BoundHandle& handle, const std::optional<Measurement>& measurement) {
            const GilRelease release;
            return handle.bound.explain({.measurement = measurement});
          },
          nb::arg("measurement").none() = nb::none(), R"(
What the call does and how fast it could be: the code that was chosen and why, threads, and the bound by this machine's
memory and arithmetic. Runs nothing; give it what :meth:`measure` returned to compare. The first explanation on a
machine measures the machine, which takes a fraction of a second.
)")
      .def(
          "measure",
          [](const BoundHandle& handle, double seconds, int calls) {
            require_arrays(handle);
            const GilRelease release;
            return handle.bound.measure({.seconds = seconds, .calls = calls});
          },
          nb::arg("seconds") = 0.1, nb::arg("calls") = 5, R"(
Times calls, for at least so long and so often. These are real calls: they update the arrays again and again.
)")
      .def("tune", &tune, nb::arg("seconds") = 0.5, nb::arg("least_gain") = 0.03,
           nb::sig("def tune(self, seconds: float = 0.5, least_gain: float = 0.03) -> object"), R"(
Measures other choices than the library's own for the options ``streaming_stores``, ``block_rows``, ``vector_bytes``,
``unroll`` and ``threads`` of ``config.cpu``, those that are set aside, and takes what is faster beyond the noise. The
arrays are read, not written. What is chosen is kept in the cache folder, for kernels with ``cpu.tuning="saved"``.

Args:
    seconds: about so long at most. A comparison that there is no time for is left out.
    least_gain: how much less time another choice must take: 0.03 is 3 %.

Returns:
    A :class:`cppstencils.tuning.TunedKernel`: ``call``, ``kernel`` and ``report``. No result depends on the choice.

Raises:
    ConfigError (ValueError): a time or a gain that makes no sense.
    UnsupportedError (RuntimeError): a kernel on a GPU.
)")
      .def(
          "assembly",
          [](const BoundHandle& handle) {
            const GilRelease release;
            return handle.bound.assembly();
          },
          "The machine code that the call runs. Raises UnsupportedError where the JIT has none.")
      .def("__reduce__", &refuse_pickling)
      .def("__repr__",
           [](const BoundHandle& handle) { return fmt::format("<bound kernel, {} cells>", handle.bound.cells()); });
}

}  // namespace cppstencils::python
