"""Tests of codes as bytes."""
