"""Programs about time and memory."""
