"""Generators and discriminators, one module a kind of data."""
