"""Page records in, texts out: no session, no network, no clock."""
