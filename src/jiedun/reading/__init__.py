"""What a text says: conduct labels and personal information."""
