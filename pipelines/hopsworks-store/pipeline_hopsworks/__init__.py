"""Definitions of features on a Hopsworks server: what a platform's file asks for, as feature groups of a project."""
