"""A person's own pictures: prepared, kept, opened again."""
