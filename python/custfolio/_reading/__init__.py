# Reading of columns, cells, frames, files and databases.
"""Read data into the columns of the core."""
