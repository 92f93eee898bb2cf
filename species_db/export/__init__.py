"""What leaves the survey: exchange packages and tables, each checked before it is offered."""
