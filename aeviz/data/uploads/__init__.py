"""Reading uploaded pictures of any format, safely."""
