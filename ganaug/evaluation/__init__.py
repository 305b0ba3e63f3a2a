"""Does it help? Methods that may be applied to a training set, the choice among them, statistics."""
