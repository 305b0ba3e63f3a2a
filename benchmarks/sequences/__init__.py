"""Programs that measure models of sequences."""
