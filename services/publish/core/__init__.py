"""From what the database knows of events to page records. Pure: rows as plain values in, `shared/records.py` out."""
