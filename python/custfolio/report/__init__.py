# Output: page, workbook, calendar and pictures.
"""Pages, workbooks, calendars and pictures of the results."""
