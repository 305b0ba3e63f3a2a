"""Settings of the reference: ``sphinx-build -W .docs site`` builds it from the docstrings."""

from ganaug import __version__ as release

project = "ganaug"
author = "ganaug developers"
copyright = author  # noqa: A001 - sphinx's name
version = release

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
html_theme = "furo"
html_title = f"ganaug {release}"
html_show_sourcelink = False
html_copy_source = False

# Methods stand with their class, also inherited ones, but none of other libraries.
numpydoc_show_class_members = False
autodoc_default_options = {
    "members": True,
    "inherited-members": ", ".join(
        ["BaseEstimator", "ClassifierMixin", "Dataset", "ImageOnlyTransform", "Module"]
    ),
    "exclude-members": ", ".join(
        [
            "InitSchema",
            "STATE",
            "SAVED_AS_REPR",
            "get_metadata_routing",
            "set_fit_request",
            "set_output",
            "set_params",
            "set_score_request",
        ]
    ),
}
autodoc_typehints = "none"
autosummary_generate = False
