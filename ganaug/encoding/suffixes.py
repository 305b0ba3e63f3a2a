"""Endings of the names of files, in small letters, by what these hold."""

HDF5 = (".h5", ".hdf5", ".hdf")
IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
SEQUENCES = (".ts",)

# Arrays of NumPy, and files of arrays that commands do not read.
ARRAYS = (".npz",)
OTHER_ARRAYS = (".npy", ".pt", ".pkl", ".mat")

# Tables, before the endings of compressions.
PARQUET = (".parquet", ".pq")
CSV = (".csv", ".tsv", ".txt")
