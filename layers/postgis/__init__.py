"""The store of a city hall: PostGIS. Many users, history, transactions; the meaning is that of ``layers.store``."""
