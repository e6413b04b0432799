# What comes in: columns, cells, frames, files and databases.
"""Read data into columns that the core takes."""
