"""Storage on disk: sealed HDF5 files, and objects in them."""
