"""One module a page, each with its `router`; what is shown stands in templates/."""
