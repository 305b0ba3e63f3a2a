"""Programs about rows of tables."""
