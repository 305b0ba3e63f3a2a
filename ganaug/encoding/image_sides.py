"""Pixels that images may be high and wide."""

MIN_SIDE = 8
MAX_SIDE = 512

# Of larger images GANs learn small ones, which are enlarged: by themselves they miss the detail.
MAX_GAN_SIDE = 128
