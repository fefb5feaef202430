from evaluation.models.rating import Invitation, Rater, Rating

__all__ = ["Invitation", "Rater", "Rating"]
