"""`python -m services.cli` is `dateline`."""

from services.cli.main import main

main(prog_name="dateline")
