"""From generated texts to a model behind an API: data, training and serving. The models themselves are in `models`."""
