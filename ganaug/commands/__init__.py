"""The commands of ``ganaug``, a module each."""
