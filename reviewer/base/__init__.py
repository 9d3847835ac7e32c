"""The bottom: shared words and exact set algebra. No opinions, nothing of the rooms above."""
