"""The rpa1 flow."""
