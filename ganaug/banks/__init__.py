"""Samples that were drawn beforehand."""
