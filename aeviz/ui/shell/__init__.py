"""What every page stands on: state, address, style, theme, pages by name, components."""
