# Pours two customers into a bucket and reads its temperature.
"""The README's Python example."""

import custfolio as cf

before = cf.pour([1000.0, 500.0], [250.0, -60.0])
print(before, before.temperature)
