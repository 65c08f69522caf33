"""The models that come along in pretrained/, and how they are built."""
