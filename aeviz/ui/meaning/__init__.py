"""The page "Meaning": what each number of a code does, and directions in it that have a name."""
