"""What a text says: conduct labels (`conduct`), small facts (`talk`), personal information (`pii`)."""
