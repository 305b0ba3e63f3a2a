"""The adversarial game: torch only, every tensor with a leading ``members`` axis."""
