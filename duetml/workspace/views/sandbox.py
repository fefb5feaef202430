"""A workspace without a study."""
