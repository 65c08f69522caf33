"""Arrays to pictures: PNG, GIF and Plotly figures."""
