"""Classifiers that look at a finished picture before anybody else does."""
