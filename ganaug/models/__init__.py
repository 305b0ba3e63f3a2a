"""Generative models: scikit-learn estimators with ``fit(X, y)`` and ``sample({label: n})``."""
