"""The pages of the model hub."""
