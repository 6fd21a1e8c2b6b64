"""Training: configuration, batches, the loop, its state, and what changes a checkpoint."""
