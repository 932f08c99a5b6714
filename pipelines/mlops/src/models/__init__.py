"""The platform's models, a package each. `MODEL` of each is what training and serving use (pipeline_mlops/model.py)."""
