"""Rewrites: tables of named rows, and the one engine that applies them."""
