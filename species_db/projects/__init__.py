"""Major works, one project one file: what was built when and where, and what became of wildlife."""
