"""Cases and their tasks: opened by facts, given to phone managers, worked, measured (DOMAIN section 6)."""
