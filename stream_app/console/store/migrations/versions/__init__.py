"""The steps, by number: each undoes what it does."""
