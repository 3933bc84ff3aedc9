"""The store: a bare Git repository that holds nothing but snapshots."""
