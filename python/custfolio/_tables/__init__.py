# What results have in common: tables, frames and days.
"""Tables of results, frames of the user's own library, and days."""
