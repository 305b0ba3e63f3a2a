"""Does it help? Methods to augment a training set, the choice among them, statistics."""
