"""The page "Latent space"."""
