"""A whole study lived through by robots: planned, run, checked and told."""
