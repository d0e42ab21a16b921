"""A simulated population, calibrated on DOMAIN.md section 8, as a stream of events.

Rule: everything comes from the seed; time is passed in, nothing is sent or written.
"""

from stream_app.sim.archetypes import Archetype
from stream_app.sim.mix import CHENGDU, DEMO, Mix, Story
from stream_app.sim.moments import Event
from stream_app.sim.people import Person, Population
from stream_app.sim.report import CalibrationReport, calibration_report
from stream_app.sim.stream import NO_FAULTS, SOME_FAULTS, Faults, due_seconds, history, live
from stream_app.sim.truth import Truth, truth
from stream_app.sim.verdict import Terms, Verdict, verdict
from stream_app.sim.world import Timed

__all__ = [
    "CHENGDU",
    "DEMO",
    "NO_FAULTS",
    "SOME_FAULTS",
    "Archetype",
    "CalibrationReport",
    "Event",
    "Faults",
    "Mix",
    "Person",
    "Population",
    "Story",
    "Terms",
    "Timed",
    "Truth",
    "Verdict",
    "calibration_report",
    "due_seconds",
    "history",
    "live",
    "truth",
    "verdict",
]
