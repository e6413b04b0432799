# Shared parts of all results: tables, frames and days.
"""Tables of results, frames of the user's own library, and days."""
