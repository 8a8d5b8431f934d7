#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "gil_release.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

namespace {

void bind_machine(nb::module_& module) {
  nb::class_<MachineFigures>(module, "MachineFigures", "What this machine can do at best, measured. See str().")
      .def_ro("processor", &MachineFigures::processor, "As the system calls it.")
      .def_ro("threads", &MachineFigures::threads, "How many threads 'all' are.")
      .def(
          "bandwidth",
          [](const MachineFigures& machine) {
            nb::dict levels;
            for (const MemoryLevel& level : machine.levels) {
              levels[nb::cast(std::string(to_string(level.kind)))] =
                  nb::make_tuple(level.bandwidth.one_thread, level.bandwidth.all_threads);
            }
            return levels;
          },
          nb::sig("def bandwidth(self) -> dict[str, tuple[float, float]]"),
          "Bytes per second of each cache and of main memory, with one thread and with all.")
      .def_prop_ro(
          "streaming_bandwidth",
          [](const MachineFigures& machine) {
            return std::pair(machine.streaming_bandwidth.one_thread, machine.streaming_bandwidth.all_threads);
          },
          "Bytes per second of main memory with stores past the caches, with one thread and with all.")
      .def(
          "operations",
          [](const MachineFigures& machine, const std::string& dtype) {
            if (dtype != "float64" && dtype != "float32") {
              throw ArgumentError({.code = ErrorCode::invalid_config,
                                   .message = fmt::format("There are no figures for numbers of type '{}'.", dtype),
                                   .hints = {"Ask for 'float64' or 'float32'."}});
            }
            const ArithmeticRates& rates = dtype == "float64" ? machine.float64 : machine.float32;
            nb::dict result;
            const auto add = [&](const char* name, const ThreadedRate& rate) {
              result[name] = nb::make_tuple(rate.one_thread, rate.all_threads);
            };
            add("additions", rates.additions);
            add("fused_multiply_adds", rates.fused_multiply_adds);
            add("divisions", rates.divisions);
            return result;
          },
          nb::arg("dtype") = "float64",
          nb::sig("def operations(self, dtype: str = 'float64') -> dict[str, tuple[float, float]]"), R"(
Operations per second on numbers of a type in the widest vectors, with one thread and with all.

'additions' are additions and multiplications, half of each; 'fused_multiply_adds' are 0 where the processor has none.

Args:
    dtype: 'float64' or 'float32'.

Raises:
    ArgumentError: another type.
)")
      .def("__str__", [](const MachineFigures& machine) { return to_string(machine); })
      .def("__repr__", [](const MachineFigures& machine) { return to_string(machine); });
  module.def(
      "machine_figures", [] { return machine_figures(); }, nb::call_guard<GilRelease>(), R"(
What this machine can do at best: bandwidth of caches and memory, and arithmetic.

Measured once, in about a third of a second, and then kept in the cache folder. explain() asks for them, calls do not.
)");
}

void bind_kernel_explanation(nb::module_& module) {
  nb::class_<OperationCounts>(module, "OperationCounts", "Floating-point operations of one cell, on one type.")
      .def_ro("additions", &OperationCounts::additions, "Additions and subtractions.")
      .def_ro("multiplications", &OperationCounts::multiplications)
      .def_ro("fused_multiply_adds", &OperationCounts::fused_multiply_adds)
      .def_ro("divisions", &OperationCounts::divisions)
      .def_ro("square_roots", &OperationCounts::square_roots)
      .def_ro("functions", &OperationCounts::functions, "exp, sin, pow and so on.")
      .def_ro("comparisons", &OperationCounts::comparisons, "Comparisons, minimum, maximum, rounding; no flops.")
      .def_prop_ro("flops", &OperationCounts::flops, "A fused multiply-add counts as two.");
  nb::class_<KernelExplanation>(module, "KernelExplanation", R"(
What a kernel asks of a machine, per updated cell. str() gives a text.

Bytes assume streaming: every array, at each index, passes between memory and processor once per cell.
)")
      .def_ro("kernel", &KernelExplanation::kernel, "The name of the kernel.")
      .def_ro("float64", &KernelExplanation::float64)
      .def_ro("float32", &KernelExplanation::float32)
      .def_ro("integer_operations", &KernelExplanation::integer_operations,
              "On integers, as in random numbers; no flops. Coordinates do not count.")
      .def_prop_ro("bytes_read", &KernelExplanation::bytes_read)
      .def_prop_ro("bytes_written", &KernelExplanation::bytes_written)
      .def_prop_ro(
          "bytes_cached", [](const KernelExplanation& self) { return self.bytes(StorePolicy::cached); },
          "All bytes, where stores go through the caches, which read what they change.")
      .def_prop_ro(
          "bytes_streaming", [](const KernelExplanation& self) { return self.bytes(StorePolicy::streaming); },
          "All bytes, where stores go past the caches.")
      .def_prop_ro("flops", &KernelExplanation::flops)
      .def_prop_ro(
          "intensity", [](const KernelExplanation& self) { return self.intensity(StorePolicy::cached); },
          "Flops per byte, with stores through the caches.")
      .def("__str__", [](const KernelExplanation& self) { return to_string(self); })
      .def("__repr__", [](const KernelExplanation& self) { return to_string(self); });
}

// The picture is made in Python, and only when somebody asks for one.
nb::object roofline_type() { return nb::module_::import_("cppstencils.roofline").attr("Roofline"); }

void bind_call_explanation(nb::module_& module) {
  nb::class_<Measurement>(module, "Measurement", "What BoundKernel.measure() has seen.")
      .def_ro("calls", &Measurement::calls)
      .def_ro("cells", &Measurement::cells, "Of one call.")
      .def_ro("median_seconds", &Measurement::median_seconds, "Of one call.")
      .def_ro("least_seconds", &Measurement::least_seconds, "Of one call.")
      .def_prop_ro("rate", &Measurement::rate, "Cells per second, by the median.");
  nb::class_<BoundExplanation>(module, "BoundExplanation",
                               "What a bound call does and how fast it could be. str() gives a text.")
      .def_ro("kernel", &BoundExplanation::kernel, "What a cell costs.")
      .def_ro("cells", &BoundExplanation::cells)
      .def_ro("working_set", &BoundExplanation::working_set, "Bytes of all elements that the call touches.")
      .def_ro("reasons", &BoundExplanation::reasons, "Why the code was chosen, one sentence per choice.")
      .def_prop_ro(
          "compiler", [](const BoundExplanation& self) { return self.code.compiler; }, "Who made the code.")
      .def_prop_ro(
          "lanes", [](const BoundExplanation& self) { return self.code.lanes; },
          "How many cells are computed at once; 0 where only the compiler knows.")
      .def_ro("threads", &BoundExplanation::threads)
      .def_ro("threads_reason", &BoundExplanation::threads_reason)
      .def_ro("machine", &BoundExplanation::machine)
      .def_prop_ro(
          "limit",
          [](const BoundExplanation& self) {
            return self.bound.limit() == Roofline::Limit::memory ? std::string(to_string(self.bound.level))
                                                                 : std::string("arithmetic");
          },
          "What bounds the call: a cache, main memory or arithmetic.")
      .def_prop_ro(
          "bound", [](const BoundExplanation& self) { return self.bound.rate(); }, "Cells per second at most.")
      .def_prop_ro(
          "memory_bound", [](const BoundExplanation& self) { return self.bound.memory_rate; },
          "Cells per second, by memory alone.")
      .def_prop_ro(
          "arithmetic_bound", [](const BoundExplanation& self) { return self.bound.arithmetic_rate; },
          "Cells per second, by arithmetic alone.")
      .def_prop_ro(
          "level", [](const BoundExplanation& self) { return std::string(to_string(self.bound.level)); },
          "Where the arrays fit: a cache or main memory.")
      .def_prop_ro(
          "bytes", [](const BoundExplanation& self) { return self.bound.bytes; },
          "Bytes per cell between that place and the processor.")
      .def_prop_ro(
          "bandwidth", [](const BoundExplanation& self) { return self.bound.bandwidth; },
          "Bytes per second between that place and the processor, with the threads of the call.")
      .def(
          "roofline", [](nb::handle self) { return roofline_type()(self); }, nb::sig("def roofline(self) -> object"),
          "A picture of the call under the bounds of this machine; Jupyter shows it, save() writes it.")
      .def("_repr_html_", [](nb::handle self) { return roofline_type()(self).attr("_repr_html_")(); })
      .def_ro("measurement", &BoundExplanation::measurement)
      .def_prop_ro("share_of_bound", &BoundExplanation::share_of_bound, "None when nothing was measured.")
      .def("__str__", [](const BoundExplanation& self) { return to_string(self); })
      .def("__repr__", [](const BoundExplanation& self) { return to_string(self); });
}

}  // namespace

void bind_explain(nb::module_& module) {
  bind_machine(module);
  bind_kernel_explanation(module);
  bind_call_explanation(module);
}

}  // namespace cppstencils::python
