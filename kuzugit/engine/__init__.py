"""The graph database: the only package that knows which engine it is."""
