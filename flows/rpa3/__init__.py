"""The rpa3 flow."""
