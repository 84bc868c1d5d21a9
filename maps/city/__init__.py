"""The overview of a city: its districts side by side, its programmes, as a page, a table and data."""
