"""What programs share: data, classifiers, statistics, results, the command line."""
