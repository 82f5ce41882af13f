"""The templates of what people read."""
