from study.models.participant import Participant, Response, StepRun, Submission
from study.models.study import Protocol, Slot, Study

__all__ = ["Participant", "Protocol", "Response", "Slot", "StepRun", "Study", "Submission"]
