"""Pictures for HTML: sheets, tiles and rows of pictures, the drawing of a network."""
