"""Django's two databases, each with one difference. Django finds `base` by its name."""
