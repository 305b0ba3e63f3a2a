"""Command lines of ``ganaug``: what they may hold, and what is refused before torch is loaded."""
