#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace nb = nanobind;

namespace cppstencils::python {

void bind_tuning(nb::module_& module) {
  nb::class_<TuningChoice>(module, "TuningChoice", R"(
What tuning may choose: the options of ``config.cpu`` with these names. None is the library's own choice. See str().
)")
      .def_prop_ro(
          "streaming_stores",
          [](const TuningChoice& choice) -> std::optional<bool> {
            if (!choice.streaming_stores) return std::nullopt;
            return *choice.streaming_stores == StreamingStores::where_possible;
          },
          "Whether results are stored past the caches.")
      .def_ro("block_rows", &TuningChoice::block_rows)
      .def_ro("vector_bytes", &TuningChoice::vector_bytes)
      .def_ro("unroll", &TuningChoice::unroll)
      .def_ro("threads", &TuningChoice::threads)
      .def("__str__", [](const TuningChoice& choice) { return to_string(choice); })
      .def("__repr__", [](const TuningChoice& choice) { return to_string(choice); });
  nb::class_<TuningCandidate>(module, "TuningCandidate", "A choice that was measured.")
      .def_ro("choice", &TuningCandidate::choice)
      .def_ro("median_seconds", &TuningCandidate::median_seconds, "Of one call on the measured part.")
      .def_ro("relative_time", &TuningCandidate::relative_time,
              "Against the best choice until then, which ran in turns with it; less than 1 is faster.")
      .def_ro("rounds", &TuningCandidate::rounds);
  nb::class_<TuningReport>(module, "TuningReport", "What tuning has measured and chosen. str() gives a table.")
      .def_ro("kernel", &TuningReport::kernel, "The name of the kernel.")
      .def_ro("cells", &TuningReport::cells, "Of one call.")
      .def_ro("measured_cells", &TuningReport::measured_cells, "Of the part of a call that was measured.")
      .def_ro("candidates", &TuningReport::candidates, "As measured; the first one is the library's own choice.")
      .def_ro("chosen", &TuningReport::chosen)
      .def_ro("gain", &TuningReport::gain, "How many times as fast as the library's own choice.")
      .def_ro("seconds", &TuningReport::seconds, "How long tuning took.")
      .def_ro("notes", &TuningReport::notes, "What was left out, and why.")
      .def("__str__", [](const TuningReport& report) { return to_string(report); })
      .def("__repr__", [](const TuningReport& report) { return to_string(report); });
}

}  // namespace cppstencils::python
