"""Trainers: how classes become games, and what differs between kinds of samples."""
