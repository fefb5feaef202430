from evaluation.models.rating import Comment, Invitation, Rater, Rating

__all__ = ["Comment", "Invitation", "Rater", "Rating"]
