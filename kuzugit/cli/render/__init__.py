"""Models to text and to JSON: pure functions, one file for each idea."""
