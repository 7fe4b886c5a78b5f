"""What users ask for: from the words of a form to a request that is checked, before any row is written."""
