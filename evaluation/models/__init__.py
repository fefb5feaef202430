from evaluation.models.export import ExportJob
from evaluation.models.rating import (
    Comment,
    Guess,
    Invitation,
    Rater,
    Rating,
    Showing,
    SideRating,
)
from evaluation.models.report import Report

__all__ = [
    "Comment",
    "ExportJob",
    "Guess",
    "Invitation",
    "Rater",
    "Rating",
    "Report",
    "Showing",
    "SideRating",
]
