"""What runs the job: one module a contender, each started as a process of its own."""
