"""Parts that programs share: data, classifiers, statistics, results, the command line."""
