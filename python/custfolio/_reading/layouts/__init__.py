# The layouts of other systems' exports.
"""Recognise an export by its columns, and read it with the rules of its system."""
