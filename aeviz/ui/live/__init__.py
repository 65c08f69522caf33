"""The decoder under the pointer: its Python side and what runs in the browser."""
