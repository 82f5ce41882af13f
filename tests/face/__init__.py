"""Tests of the floor `face`."""
