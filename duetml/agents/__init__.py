"""What an agent is told, and how its answer is read."""
