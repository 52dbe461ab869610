"""Code that all flows share."""
