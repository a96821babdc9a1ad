"""`dateline worker publish`."""

STAGES = ("publish",)
