"""The API that serves a registered model."""
