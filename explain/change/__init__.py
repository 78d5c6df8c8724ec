"""What would have to change in a record to bring a rank, and how little it takes to move one."""
