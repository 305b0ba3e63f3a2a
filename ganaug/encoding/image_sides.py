"""Pixels that images may be high and wide."""

MIN_SIDE = 8
MAX_SIDE = 512
