"""The desk's database: SQLite by default, PostgreSQL for real; the same tables and the same queries on both."""
