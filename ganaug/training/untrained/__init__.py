"""Generators that need no training: they draw from real samples."""
