# Output: page, workbook, iCalendar file and pictures.
"""Pages, workbooks, iCalendar files and pictures of the results."""
