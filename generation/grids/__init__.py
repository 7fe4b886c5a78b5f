"""X/Y grids: many jobs asked for as one."""
