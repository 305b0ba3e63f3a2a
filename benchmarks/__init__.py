"""Measurements of ganaug on real data: README.md beside this file says which."""
