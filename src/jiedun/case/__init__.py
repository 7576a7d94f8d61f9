"""The person's door: composes the rooms for one folder of evidence."""
