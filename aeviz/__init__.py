"""aeviz makes autoencoders visible: train one, watch it learn, move through its latent space."""
