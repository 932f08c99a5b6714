"""The modules and programs of the source, by its names."""
