"""The latent space: its plane, grids over it, and the codes of the test images."""
