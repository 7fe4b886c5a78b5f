"""Taking weights home: where a file lies, who may have it, links for the command line, archives, the counter."""
