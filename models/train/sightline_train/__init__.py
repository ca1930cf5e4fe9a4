"""Recipes that train, evaluate and export the model packages. See ../README.md."""
