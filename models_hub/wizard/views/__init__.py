"""The pages on which models are brought and changed."""
