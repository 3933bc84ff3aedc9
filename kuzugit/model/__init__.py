"""Values: frozen, without input or output, shared by every floor above."""
