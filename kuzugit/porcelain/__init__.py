"""What a user does, one module for each thing: this is the Python API."""
