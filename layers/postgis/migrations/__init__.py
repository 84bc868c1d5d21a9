"""The steps from an empty database to the tables of ``layers.postgis.models``; written and checked by hand."""
