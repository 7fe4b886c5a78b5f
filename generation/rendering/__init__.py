"""What workers do: take a job, draw it, check it, store its pictures."""
