"""Between users' arrays and the numbers that networks train on."""
