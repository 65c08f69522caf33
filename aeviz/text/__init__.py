"""Words: names made harmless, numbers as people read them, the glossary."""
