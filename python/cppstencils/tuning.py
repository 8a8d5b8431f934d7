"""What tuning a bound kernel gives."""

from __future__ import annotations

from typing import NamedTuple

from ._core import BoundKernel, CompiledKernel, TuningCandidate, TuningChoice, TuningReport

__all__ = ["TunedKernel", "TuningCandidate", "TuningChoice", "TuningReport"]


class TunedKernel(NamedTuple):
    """What :meth:`BoundKernel.tune` returns."""

    #: The call that was tuned, as chosen.
    call: BoundKernel
    #: The kernel, as chosen, for other arrays of about this size.
    kernel: CompiledKernel
    #: What was measured. ``print`` shows a table.
    report: TuningReport
