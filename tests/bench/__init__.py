"""The benchmark: kuzugit against plain Kùzu and plain Git, in the same run."""
