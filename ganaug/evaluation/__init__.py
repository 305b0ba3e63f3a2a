"""Does it help? Simple methods to beat, and the statistics of a comparison."""
