from study.models.contact import Appointment, InterviewNote, Notice
from study.models.link import Link
from study.models.participant import Attempt, Participant, Response, StepRun, Submission
from study.models.staff import AuditEntry, Membership
from study.models.study import Protocol, Slot, Study, StudyVersion

__all__ = [
    "Appointment",
    "Attempt",
    "AuditEntry",
    "InterviewNote",
    "Link",
    "Membership",
    "Notice",
    "Participant",
    "Protocol",
    "Response",
    "Slot",
    "StepRun",
    "Study",
    "StudyVersion",
    "Submission",
]
