"""Pictures for HTML: sheets, the watched pictures, the drawing of a network."""
