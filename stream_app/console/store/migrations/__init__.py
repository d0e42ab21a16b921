"""How the tables came to be, a step a file; Alembic runs what a database lacks."""
