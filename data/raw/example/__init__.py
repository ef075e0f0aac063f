"""How the example study's raw data are made: see ../make_example.py."""
