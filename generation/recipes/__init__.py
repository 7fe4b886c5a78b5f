"""From a job's row to what the engine draws, what a finished picture's recipe says, and drawing it again."""
