"""`python -m namcha` is the same command."""

from namcha import main

main()
