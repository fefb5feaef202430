from evaluation.models.rating import (
    Comment,
    Guess,
    Invitation,
    Rater,
    Rating,
    Showing,
    SideRating,
)

__all__ = ["Comment", "Guess", "Invitation", "Rater", "Rating", "Showing", "SideRating"]
