"""Bringing a model: model, version, files, samples, publish; and changing it later on the same pages."""
