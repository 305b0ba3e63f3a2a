"""The faces for torch: data sets, and batches on their way to a network."""
