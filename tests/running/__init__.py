"""Tests of the floor `running`."""
