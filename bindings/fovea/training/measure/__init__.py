"""What a codec can do: accuracy on held-out text, confidence, pictures of a run."""
