"""The house itself: floors, packaging, the tools."""
