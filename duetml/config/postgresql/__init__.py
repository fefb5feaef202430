"""PostgreSQL, its pooled connections looked at before use. Django finds `base` by its name."""
