"""PostgreSQL, its pooled connections looked at before use."""
