"""The canonical form of a snapshot: statements, order, chunks, Parquet, manifest."""
