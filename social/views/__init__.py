"""The pages of people, and what a click on a heart or a comment does."""
