"""What the studies of the service share: servers as processes, databases, clients, and how they are told."""
