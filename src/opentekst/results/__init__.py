"""Room 5, feed back: frequency tables, their exports and the comparison with print."""
