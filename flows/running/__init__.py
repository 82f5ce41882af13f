"""The way of a run, Prefect's flows, and what goes by itself."""
