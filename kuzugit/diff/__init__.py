"""What changed between two snapshots, in the schema and in the rows."""
