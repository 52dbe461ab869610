"""Sample flows: three small robots that show how a repository of Prefect flows is laid out."""
