"""Seeded pictures for the demo's image pools, drawn with Pillow alone."""

from duetml.drawings.pools import Drawing, PoolName, draw_pool

__all__ = ["Drawing", "PoolName", "draw_pool"]
