"""The rpa2 flow."""
