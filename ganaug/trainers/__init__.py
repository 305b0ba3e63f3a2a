"""From classes to games: what trains the generators of all classes at once."""
