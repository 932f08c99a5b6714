"""Texts and models: made, judged and registered."""
