"""Programs about images."""
