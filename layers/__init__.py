"""What the program knows of the world: the catalog, the importing of files, the stores."""
