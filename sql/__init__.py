"""The SQL steps, in the order of `warehouse.STEPS`."""
