"""What places consist of: streets, fields, halls, rooms, furniture and clutter, and where it stands."""
