"""Image pools, for staff: made, filled, looked through."""
