"""`python -m aeviz.gallery [NAME ...] [--again]`: see `aeviz.gallery.build`."""

import sys

from aeviz.gallery.build import main

sys.exit(main(sys.argv[1:]))
