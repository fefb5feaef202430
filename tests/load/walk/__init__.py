"""A walk through seven pages of forms: ours, oTree's and a bare Django page's."""
