"""Gates that the texts of a model pass before anything is trained on them."""
